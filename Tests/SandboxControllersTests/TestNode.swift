import KubernetesModel
import KubernetesVersions
import Sandbox
import Synchronization

/// A node of a test: what it is, and the switches of its machine.
struct TestNode: Sendable {
    let facts: NodeFacts
    let machine: SwitchedMachine
    var name: String { facts.name }

    init(
        _ name: String,
        zone: String? = nil,
        labels: [String: String] = [:],
        taints: [Taint] = [],
        cpus: Int = 4,
        pods: Int = 20
    ) {
        var labels = labels
        if let zone { labels["topology.kubernetes.io/zone"] = zone }
        facts = NodeFacts(
            name: name,
            internalIP: "10.89.0.9",
            labels: labels,
            taints: taints,
            cpus: cpus,
            pods: pods
        )
        machine = SwitchedMachine(name)
    }

    static func several(_ count: Int) -> [TestNode] { (1...count).map { TestNode("w-\($0)") } }

    func kubelet(_ world: World, log: @escaping @Sendable (String) -> Void) -> Kubelet {
        Kubelet(
            node: facts,
            machine: machine,
            feed: world.feed,
            clock: world.clock,
            heartbeat: .milliseconds(200),
            log: log
        )
    }
}

/// A machine that is nothing but what a kubelet asks of it.
final class SwitchedMachine: KubeletMachine {
    private struct State {
        var kubelet: KubeletState
        var manifests: [String: KubernetesObject] = [:]
        var listeners: [AsyncStream<Void>.Continuation] = []
    }

    let name: String
    private let state: Mutex<State>

    init(_ name: String) {
        self.name = name
        let version = try? KubernetesVersion(parsing: World.version)
        state = Mutex(State(kubelet: KubeletState(runningVersion: version, bootID: "b1")))
    }

    func kubeletState() async -> KubeletState { state.withLock(\.kubelet) }
    func staticPods() async -> [String: KubernetesObject] { state.withLock(\.manifests) }

    var changes: AsyncStream<Void> {
        let (stream, continuation) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
        state.withLock { $0.listeners.append(continuation) }
        return stream
    }

    func change(_ body: (inout KubeletState) -> Void) {
        announce { body(&$0.kubelet) }
    }

    /// Puts a manifest into the folder of static pods, or takes it away.
    func put(_ file: String, _ manifest: KubernetesObject?) { announce { $0.manifests[file] = manifest } }

    private func announce(_ body: (inout State) -> Void) {
        let listeners = state.withLock { state in
            body(&state)
            return state.listeners
        }
        for listener in listeners { listener.yield() }
    }
}
