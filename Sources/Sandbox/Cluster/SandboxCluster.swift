import Etcd
import Foundation
import KubernetesModel
import KubernetesVersions
import Nodes
import Synchronization

/// One sandbox, put together: machines, kubelets, what their static pods start, and the sockets they answer on.
final class SandboxCluster: Sendable {
    let spec: SandboxSpec
    let folder: SandboxFolder
    let layout: SandboxLayout
    let pki: SandboxPKI
    let machines: [String: Machine]
    let controlPlanes: [ControlPlaneNode]
    let podFaults = PodFaults()
    let killer = ClientKiller()
    let commands = CommandLog()
    let access: AnyServerAccess
    private let kubelets: [Kubelet]
    private let feed: PodFeed
    private let servers: [MachineServer]
    private let balancer: LoadBalancer
    private let log: @Sendable (String) -> Void

    init(_ spec: SandboxSpec, folder: SandboxFolder, log: @escaping @Sendable (String) -> Void) async throws {
        self.spec = spec
        self.folder = folder
        self.log = log
        let layout = try SandboxLayout(spec)
        self.layout = layout
        let clock = SandboxClock(speed: spec.speed)
        let planes = SharedNodes()
        balancer = try await LoadBalancer { planes.servingPorts }
        let endpoint = "127.0.0.1:\(balancer.port)"
        pki = try SandboxPKI(
            SandboxPKI.Names(
                controlPlanes: spec.controlPlaneNames,
                addresses: layout.addresses,
                cluster: spec.name,
                endpoint: "https://\(endpoint)",
                localEndpoints: layout.apiPorts.mapValues { "https://127.0.0.1:\($0)" }
            )
        )
        let killer = self.killer
        let faults = { APIFaults(beforeEffect: killer.beforeRequest, afterEffect: killer.afterRequest) }
        controlPlanes = try layout.controlPlanes(pki, folder: folder, clock: clock, faults: faults, log: log)
        planes.set(controlPlanes)
        let access = AnyServerAccess { planes.accesses }
        self.access = access
        feed = PodFeed(access: access)

        var machines: [String: Machine] = [:]
        var kubelets: [Kubelet] = []
        var servers: [MachineServer] = []
        let hook = killer.commandHook(log: commands)
        for name in spec.controlPlaneNames + spec.workerNames {
            let plane = controlPlanes.first { $0.name == name }
            let machine = try Machine(
                layout.machine(name, files: pki.files(of: name), endpoint: endpoint),
                MachineSurroundings(
                    cluster: access,
                    clock: clock,
                    etcdTrouble: { await planes.etcdTrouble() },
                    renewedFiles: { [pki] in plane == nil ? [:] : try pki.renewedFiles(of: name) }
                )
            )
            await machine.setHook(hook)
            machines[name] = machine
            let kubelet = Kubelet(
                node: layout.facts(name),
                machine: machine,
                feed: feed,
                runtime: plane,
                clock: clock,
                faults: podFaults,
                log: log
            )
            kubelets.append(kubelet)
            servers.append(
                try await MachineServer(machine, path: folder.nodeSocket(name)) { port in
                    switch (port, plane) {
                    case (2379, let plane?): plane.endpoint.map { ("127.0.0.1", $0.port) }
                    case (6443, let plane?): ("127.0.0.1", plane.apiPort)
                    default: nil
                    }
                }
            )
        }
        self.machines = machines
        self.kubelets = kubelets
        self.servers = servers
    }

    var server: String { "https://127.0.0.1:\(balancer.port)" }

    /// Runs everything until cancelled; then no process is left.
    func run() async throws {
        try await withThrowingDiscardingTaskGroup { group in
            group.addTask { try await self.balancer.run() }
            group.addTask { await self.feed.run() }
            for plane in controlPlanes { group.addTask { await plane.run() } }
            for server in servers { group.addTask { try await server.run() } }
            for kubelet in kubelets { group.addTask { await kubelet.run() } }
        }
    }

    /// Returns once every API server serves, the seeds are there, every node is Ready and every system pod runs.
    func becomeReady(_ report: (String) -> Void) async throws {
        report(spec.storage == .etcd ? "starting \(spec.controlPlanes) etcd members" : "starting")
        try await wait(for: "the API servers", limit: .seconds(60)) {
            self.controlPlanes.allSatisfy { $0.server != nil }
        }
        report("API servers serve")
        let seeds = ClusterSeeds(
            version: spec.version,
            server: server,
            certificateAuthority: Data(pki.ca.identity.certificate).base64EncodedString(),
            coreDNSTag: ReleaseCatalogue.coreDNSTag(spec.version)
        )
        for (resource, object) in seeds.objects { try await create(resource, object) }
        let count = spec.controlPlanes + spec.workers
        report("waiting for \(count) nodes")
        try await wait(for: "\(count) nodes to be Ready", limit: .seconds(60 + count / 10)) {
            let nodes = try await self.access.list(.nodes, namespace: nil).items
            return nodes.count == count && nodes.allSatisfy { Node($0).isReady }
        }
        report("waiting for the system's pods")
        try await wait(for: "the system's pods", limit: .seconds(60 + count / 10)) {
            let pods = try await self.access.list(.pods, namespace: "kube-system").items.map(Pod.init)
            let expected = 4 * self.spec.controlPlanes + 2 * count + 2
            return pods.count >= expected && pods.allSatisfy(\.isReady)
        }
    }

    /// Returns once every workload runs at full strength and every Job has ended.
    func becomeSettled() async throws {
        try await wait(for: "the workloads", limit: .seconds(120)) {
            for resource in [Resource.deployments, .statefulSets, .daemonSets] {
                let workloads = try await self.access.list(resource, namespace: nil).items.map(Workload.init)
                guard workloads.allSatisfy(\.isFullyAvailable) else { return false }
            }
            return try await self.access.list(.jobs, namespace: nil).items.map(Workload.init).allSatisfy(\.isFinished)
        }
    }

    private func create(_ resource: Resource, _ object: KubernetesObject) async throws {
        var attempts = 0
        while true {
            do {
                _ = try await access.create(resource, object)
                return
            } catch  where error.isAlreadyExists { return } catch {
                attempts += 1
                guard attempts < 20, error.code >= 500 || error.isNotFound else { throw error }
                try await Task.sleep(for: .milliseconds(100))
            }
        }
    }

    /// Many things have to come together here; there is no one event for it.
    private func wait(
        for what: String,
        limit: Duration,
        until condition: () async throws -> Bool
    ) async throws {
        let deadline = ContinuousClock.now + limit
        while true {
            if (try? await condition()) ?? false { return }
            guard ContinuousClock.now < deadline else {
                throw SandboxError.didNotStart(name: spec.name, reason: "\(what) took too long", log: folder.log)
            }
            try await Task.sleep(for: .milliseconds(50))
        }
    }
}

/// The control-plane nodes, for closures that are made before them.
final class SharedNodes: Sendable {
    private let nodes = Mutex<[ControlPlaneNode]>([])
    private let turn = Mutex(0)

    func set(_ all: [ControlPlaneNode]) { nodes.withLock { $0 = all } }

    /// Ports of the API servers that serve, the next in turn first.
    var servingPorts: [Int] {
        let serving = nodes.withLock { $0 }.filter { $0.server != nil }.map(\.apiPort)
        guard !serving.isEmpty else { return [] }
        let first = turn.withLock { turn in
            turn = (turn + 1) % serving.count
            return turn
        }
        return Array(serving[first...] + serving[..<first])
    }

    var accesses: [any ClusterAccess] { nodes.withLock { $0 }.compactMap { $0.server?.access } }

    /// As kubeadm judges it: a quorum of members must be healthy.
    func etcdTrouble() async -> String? {
        let all = nodes.withLock { $0 }.filter { $0.member != nil }
        var healthy = 0
        for node in all where await node.isReady(component: "etcd") { healthy += 1 }
        guard healthy < all.count / 2 + 1, !all.isEmpty else { return nil }
        return "only \(healthy) of \(all.count) etcd members are healthy"
    }
}
