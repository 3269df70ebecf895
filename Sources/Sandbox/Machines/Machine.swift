import Foundation
package import KubernetesModel
import KubernetesVersions
package import Nodes

/// One emulated Debian 12 node that answers argument vectors as the real one would.
///
/// A command goes on whether or not the client that sent it is still there, as a process does whose SSH session is
/// lost: a resumed run may find it under way, and sees it with `pgrep`.
package actor Machine: KubeletMachine {
    package nonisolated let name: String
    package nonisolated let spec: MachineSpec
    let surroundings: MachineSurroundings
    var state: MachineState
    private let broadcast = ChangeBroadcast()
    private var announced: Announcement?
    private var hook: CommandHook?
    private var faults: [Int: MachineFault] = [:]
    private var lastFault = 0
    /// Commands that hang, by the fault that holds them.
    private var hanging: [Int: [AsyncStream<Never>.Continuation]] = [:]
    private var parsedManifests: [String: (bytes: [UInt8], object: KubernetesObject?)] = [:]

    /// What a kubelet is told about.
    private struct Announcement: Equatable {
        var kubelet: KubeletState
        var manifests: [String: [UInt8]]
    }

    package init(_ spec: MachineSpec, _ surroundings: MachineSurroundings) {
        name = spec.name
        self.spec = spec
        self.surroundings = surroundings
        state = NodeLayout(spec, now: surroundings.now()).state
    }

    // MARK: Commands

    /// Runs a command to its end for the process `client` (0: one that nobody kills); nil when that was killed before
    /// the command began, which then had no effect.
    package func run(_ command: Command, client: Int32 = 0) async -> CommandResult? {
        if let hook, await !hook.before(name, command, client) { return nil }
        let result = await perform(command)
        settle()
        if let hook { await hook.after(name, command, result, client) }
        return result
    }

    private func perform(_ command: Command) async -> CommandResult {
        let pid = state.newPID()
        state.processes.append(MachineState.Process(pid: pid, arguments: command.arguments))
        defer { state.processes.removeAll { $0.pid == pid } }
        if let result = await meetFault(command) { return result }
        let invocation = Invocation(command, pid: pid, now: surroundings.now())
        do {
            switch invocation.program {
            case "apt-get": return try await aptGet(invocation)
            case "dpkg": return try await dpkg(invocation)
            case "systemctl": return try await systemctl(invocation)
            case "kubeadm": return try await kubeadm(invocation)
            default: return Programs.run(invocation, on: &state)
            }
        } catch {
            return CommandResult(exitCode: 137)  // the sandbox ends, and every process with it
        }
    }

    /// Waits as long as something of this nominal length takes here.
    func spend(_ nominal: Duration) async throws { try await surroundings.clock.sleep(nominal) }

    func now() -> Date { surroundings.now() }

    // MARK: What goes wrong on purpose

    package func setHook(_ hook: CommandHook?) { self.hook = hook }

    /// - Returns: what ``lift(_:)`` takes the fault away by.
    package func inject(_ fault: MachineFault) -> Int {
        lastFault += 1
        faults[lastFault] = fault
        return lastFault
    }

    /// Commands that hang because of this fault go on.
    package func lift(_ fault: Int) {
        faults[fault] = nil
        for stream in hanging.removeValue(forKey: fault) ?? [] { stream.finish() }
    }

    package func liftAllFaults() {
        for fault in Set(faults.keys).union(hanging.keys) { lift(fault) }
        state.isPartitioned = false
        state.kubeletStaysDown = false
        settle()
    }

    /// Cuts the node off: its socket resets connections, its kubelet reaches no API server.
    package func setPartitioned(_ isPartitioned: Bool) {
        state.isPartitioned = isPartitioned
        settle()
    }

    package var isPartitioned: Bool { state.isPartitioned }

    /// From now on a kubelet that is started ends at once, until this is taken back; one that runs goes on.
    package func setKubeletStaysDown(_ staysDown: Bool) {
        state.kubeletStaysDown = staysDown
        settle()
    }

    /// Changes the node behind everybody's back: for tests of what is found rather than made.
    package func alter(_ change: @Sendable (inout MachineState) -> Void) {
        change(&state)
        settle()
    }

    /// The node as it is now.
    package var snapshot: MachineState { state }

    private func meetFault(_ command: Command) async -> CommandResult? {
        guard let (id, fault) = faults.sorted(by: { $0.key < $1.key }).first(where: { $0.value.matches(command) })
        else { return nil }
        if let remaining = fault.remaining {
            faults[id]?.remaining = remaining - 1
            if remaining <= 1 { faults[id] = nil }
        }
        switch fault.outcome {
        case .fail(let exitCode, let text):
            return CommandResult(exitCode: exitCode, output: "", errorOutput: text.isEmpty ? "" : text + "\n")
        case .hang:
            let (stream, continuation) = AsyncStream.makeStream(of: Never.self)
            hanging[id, default: []].append(continuation)
            for await _ in stream {}
            return Task.isCancelled ? CommandResult(exitCode: 137) : nil
        }
    }

    // MARK: The kubelet's view

    package nonisolated var changes: AsyncStream<Void> { broadcast.changes }

    package func kubeletState() -> KubeletState {
        let kubelet = state.services["kubelet"]
        return KubeletState(
            runningVersion: kubelet?.activity == .active ? kubelet?.runningVersion : nil,
            isPartitioned: state.isPartitioned,
            configuration: kubelet?.configuration ?? [:],
            bootID: (state.files.text(NodeLayout.bootIDFile) ?? "").filter { !$0.isWhitespace },
            starts: kubelet?.starts ?? 0,
            containerRuntimeVersion: "containerd://\(NodeLayout.containerdVersion)",
            kernelVersion: NodeLayout.kernel,
            osImage: NodeLayout.prettyName,
            images: state.images
        )
    }

    package func staticPods() -> [String: KubernetesObject] {
        var parsed: [String: (bytes: [UInt8], object: KubernetesObject?)] = [:]
        for (name, bytes) in manifestFiles() {
            if let known = parsedManifests[name], known.bytes == bytes {
                parsed[name] = known
            } else {
                let objects = try? YAML.objects(in: String(decoding: bytes, as: UTF8.self))
                parsed[name] = (bytes, objects?.first)
            }
        }
        parsedManifests = parsed
        return parsed.compactMapValues(\.object)
    }

    /// Every file of the folder but hidden ones: a copy left there is a pod, too.
    private func manifestFiles() -> [String: [UInt8]] {
        let folder = StaticPodManifests.folder
        let names = (try? state.files.list(folder)) ?? []
        var files: [String: [UInt8]] = [:]
        for name in names where !name.hasPrefix(".") { files[name] = state.files.entry("\(folder)/\(name)")?.bytes }
        return files
    }

    /// Lets what depends on the node's state follow it, and tells the kubelet if it concerns it.
    func settle() {
        state.retryKubelet(now: now())
        let news = Announcement(kubelet: kubeletState(), manifests: manifestFiles())
        guard news != announced else { return }
        announced = news
        broadcast.announce()
    }
}
