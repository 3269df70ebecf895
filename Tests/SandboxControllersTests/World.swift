import Foundation
import KubernetesModel
import KubernetesVersions
import Sandbox
import Synchronization

/// A cluster in process: an API over memory, its controllers, its scheduler and as many kubelets as a test asks for,
/// at a hundred times the pace of life.
struct World: Sendable {
    static let version = "v1.33.2"
    let core: APICore
    let clock: SandboxClock
    let feed: PodFeed
    let complaints = Complaints()

    var access: any ClusterAccess { core.access }

    /// What the parts of the cluster log, which is failures they try again.
    final class Complaints: Sendable {
        private let lines = Mutex([String]())
        var all: [String] { lines.withLock(\.self) }
        func add(_ line: String) { lines.withLock { $0.append(line) } }
    }

    struct Parts: OptionSet {
        let rawValue: Int
        static let controllers = Parts(rawValue: 1)
        static let scheduler = Parts(rawValue: 2)
    }

    /// Runs `body` in a cluster of `nodes`, each with a machine and a kubelet of its own.
    static func with(
        nodes: [TestNode] = [],
        _ parts: Parts = [.controllers, .scheduler],
        speed: Double = 100,
        nodeGracePeriod: Duration? = nil,
        _ body: @Sendable (World) async throws -> Void
    ) async throws {
        let core = APICore(storage: MemoryStorage(), version: try KubernetesVersion(parsing: version))
        let world = World(
            core: core,
            clock: SandboxClock(speed: speed),
            feed: PodFeed(access: core.access)
        )
        let log: @Sendable (String) -> Void = { world.complaints.add($0) }
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { await core.run() }
            defer { group.cancelAll() }
            for name in ["default", "kube-system", "kube-node-lease"] {
                try await world.until("the API begins") { $0.object(.namespaces, ObjectKey(name: name)) != nil }
            }
            group.addTask { await world.feed.run() }
            if parts.contains(.controllers) {
                let manager = ControllerManager(
                    node: "cp-1",
                    access: core.access,
                    clock: world.clock,
                    nodeGracePeriod: nodeGracePeriod,
                    log: log
                )
                group.addTask { await manager.work() }
            }
            if parts.contains(.scheduler) {
                let scheduler = Scheduler(node: "cp-1", access: core.access, clock: world.clock, log: log)
                group.addTask { await scheduler.work() }
            }
            for node in nodes {
                let kubelet = node.kubelet(world, log: log)
                group.addTask { await kubelet.run() }
                try await world.until("\(node.name) is Ready") {
                    $0.object(.nodes, ObjectKey(name: node.name))?.status.isTrue("Ready") == true
                }
            }
            try await body(world)
        }
    }
}

/// A condition that did not come true.
struct NeverHappened: Error, CustomStringConvertible {
    let description: String
}
