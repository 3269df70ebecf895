import KubernetesModel
import KubernetesVersions
import Synchronization

#if canImport(FoundationEssentials)
    package import FoundationEssentials
#else
    package import Foundation
#endif

/// The emulated kubelet of one node: runs its pods, static and other, and reports to the API what its machine is like.
///
/// Containers outlive the kubelet's process: while it is stopped or cut off nothing is reported, and what runs goes on.
/// Static pods need no API: the API server is one of them.
package actor Kubelet {
    package nonisolated let node: NodeFacts
    let machine: any KubeletMachine
    let feed: PodFeed
    let runtime: any StaticPodRuntime
    let clock: SandboxClock
    let faults: PodFaults
    let heartbeat: Duration
    let log: @Sendable (String) -> Void
    let now: @Sendable () -> Date
    nonisolated let events: EventRecorder

    // What a session finds out about its machine, and what goes on on the node.
    var state = KubeletState(runningVersion: nil)
    var pods: [ObjectKey: PodLife] = [:]
    var statics: [String: StaticPod] = [:]
    var images: Set<String> = []
    var addresses: [String: String] = [:]
    private var nextAddress = 1
    private var lastMinor: MinorVersion?
    private var lastBoot: String?
    var heldLease: KubernetesObject?
    private var watchers: [Int: AsyncStream<[StaticPodState]>.Continuation] = [:]
    private var nextWatcher = 0

    nonisolated let podQueue = WorkQueue<ObjectKey>(slowestRetry: .seconds(1))
    nonisolated let staticQueue = WorkQueue<String>(slowestRetry: .seconds(1))
    nonisolated let mirrorQueue = WorkQueue<String>(slowestRetry: .seconds(1))

    /// - Parameters:
    ///   - node: what the node is.
    ///   - machine: the machine it runs on.
    ///   - feed: the cluster's pods, heard once for all kubelets.
    ///   - runtime: what runs behind static pods.
    ///   - clock: the pace of what pods do.
    ///   - faults: pods that misbehave.
    ///   - heartbeat: between two renewals of the node's Lease; nil for what suits the clock's speed.
    ///   - log: told of failures; the work is retried.
    ///   - now: the wall clock.
    package init(
        node: NodeFacts,
        machine: any KubeletMachine,
        feed: PodFeed,
        runtime: (any StaticPodRuntime)? = nil,
        clock: SandboxClock,
        faults: PodFaults = PodFaults(),
        heartbeat: Duration? = nil,
        log: @escaping @Sendable (String) -> Void = { _ in },
        now: @escaping @Sendable () -> Date = { Date() }
    ) {
        self.node = node
        self.machine = machine
        self.feed = feed
        self.runtime = runtime ?? TimedStaticPods(clock: clock)
        self.clock = clock
        self.faults = faults
        self.heartbeat = heartbeat ?? min(.seconds(10), NodeLifecycleController.gracePeriod(clock) / 4)
        self.log = log
        self.now = now
        events = EventRecorder(component: "kubelet", host: node.name, limit: 500)
    }

    /// Works until cancelled: a session for each process of the kubelet the machine has.
    package func run() async {
        feed.listen(node.name) { [weak self] pod in self?.heard(pod) }
        defer { feed.listen(node.name, nil) }
        let events = events
        let access = feed.access
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await events.run(access) }
            while !Task.isCancelled {
                let state = await machine.kubeletState()
                if state.runningVersion == nil {
                    self.state = state
                    await change { $0.runningVersion != nil }
                } else {
                    await session(state)
                }
            }
            group.cancelAll()
        }
        for watcher in watchers.values { watcher.finish() }
    }

    /// What the node's static pods do, now and after each change, until the kubelet's own end.
    package func staticPodStates() -> AsyncStream<[StaticPodState]> {
        let (stream, continuation) = AsyncStream.makeStream(
            of: [StaticPodState].self,
            bufferingPolicy: .bufferingNewest(1)
        )
        nextWatcher += 1
        let ticket = nextWatcher
        watchers[ticket] = continuation
        continuation.onTermination = { [weak self] _ in
            Task { await self?.forget(watcher: ticket) }
        }
        continuation.yield(staticStates)
        return stream
    }

    private func forget(watcher: Int) { watchers[watcher] = nil }

    func tellWatchers() {
        let states = staticStates
        for watcher in watchers.values { watcher.yield(states) }
    }

    private nonisolated func heard(_ pod: KubernetesObject) {
        podQueue.add(pod.key)
        if pod.annotations["kubernetes.io/config.mirror"] != nil { mirrorQueue.add(pod.key.description) }
    }

    // MARK: Sessions

    /// Returns when the machine's state satisfies `condition`, or when cancelled.
    private nonisolated func change(until condition: @escaping @Sendable (KubeletState) -> Bool) async {
        let machine = machine
        await withTaskGroup(of: Bool.self) { group in
            group.addTask {
                for await _ in machine.changes where condition(await machine.kubeletState()) {
                    return true
                }
                return false
            }
            // What a machine forgets to tell is noticed too.
            group.addTask {
                while !Task.isCancelled {
                    if condition(await machine.kubeletState()) { return true }
                    try? await Task.sleep(for: .seconds(1))
                }
                return false
            }
            while let isOver = await group.next() { if isOver { break } }
            group.cancelAll()
        }
    }

    private func session(_ first: KubeletState) async {
        begin(first)
        let access = feed.access
        let name = node.name
        let log = log
        await withTaskGroup(of: Void.self) { group in
            group.addTask {
                await self.change { state in
                    state.runningVersion != first.runningVersion || state.starts != first.starts
                        || state.bootID != first.bootID
                }
            }
            group.addTask { await self.followMachine() }
            group.addTask { await self.reportNode(access) }
            group.addTask {
                await self.podQueue.run(workers: 16) { key, error in
                    if let status = error as? APIStatus, status.isConflict || status.code >= 500 { return }
                    log("kubelet \(name): pod \(key): \(error); it is tried again")
                } work: {
                    try await self.sync(pod: $0)
                }
            }
            group.addTask {
                await self.staticQueue.run(workers: 32) { key, error in
                    log("kubelet \(name): static pod \(key): \(error); it is tried again")
                } work: {
                    try await self.sync(static: $0)
                }
            }
            group.addTask { await self.mirrorQueue.run(workers: 8) { try await self.sync(mirror: $0) } }
            await group.next()
            group.cancelAll()
        }
        state.runningVersion = nil
    }

    /// A new process: what ran under another minor or before a reboot is started anew.
    private func begin(_ state: KubeletState) {
        let minor = state.runningVersion?.minorVersion
        let isReboot = lastBoot != nil && lastBoot != state.bootID
        if isReboot || (lastMinor != nil && lastMinor != minor) {
            for key in pods.keys { pods[key]?.restart(now: .now, date: now()) }
        }
        if isReboot { for name in statics.keys { statics[name]?.isStale = true } }
        lastMinor = minor
        lastBoot = state.bootID
        self.state = state
        images.formUnion(state.images)
        enqueueAll()
    }

    private func enqueueAll() {
        podQueue.add(pods.keys)
        let known = feed.pods.onNode(node.name)
        podQueue.add(known.map(\.key))
        let mirrors = known.filter { $0.annotations["kubernetes.io/config.mirror"] != nil }
        mirrorQueue.add(mirrors.map(\.key.description))
        staticQueue.add(statics.keys)
        mirrorQueue.add(statics.values.map(\.key.description))
    }

    /// Takes in what changes on the machine while the process runs: manifests, images, the network.
    private nonisolated func followMachine() async {
        await withDiscardingTaskGroup { group in
            group.addTask { for await _ in self.machine.changes { await self.lookAtMachine() } }
            group.addTask {
                while !Task.isCancelled {
                    await self.lookAtMachine()
                    try? await Task.sleep(for: .seconds(2))
                }
            }
        }
    }

    private func lookAtMachine() async {
        let state = await machine.kubeletState()
        let files = await machine.staticPods()
        guard self.state.runningVersion != nil, state.runningVersion == self.state.runningVersion else { return }
        let isBack = self.state.isPartitioned && !state.isPartitioned
        self.state = state
        images.formUnion(state.images)
        staticQueue.add(Set(files.keys).union(statics.keys))
        if isBack { enqueueAll() }
    }

    var isConnected: Bool { state.runningVersion != nil && !state.isPartitioned }

    /// The address of a pod on this node, kept for as long as the pod is.
    func address(of pod: KubernetesObject) -> String {
        if pod.spec["hostNetwork"]?.bool ?? false { return node.internalIP }
        if let address = addresses[pod.uid] { return address }
        let taken = Set(addresses.values)
        for _ in 0..<253 {
            nextAddress = nextAddress % 253 + 1
            let address = "\(node.podNetwork).\(nextAddress + 1)"
            guard !taken.contains(address) else { continue }
            addresses[pod.uid] = address
            return address
        }
        return "\(node.podNetwork).254"
    }
}
