package import KubernetesModel
import Synchronization

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// Watches the nodes' heartbeats: a node not heard of becomes Unknown, is tainted, and its pods count as not ready.
///
/// A heartbeat is a change of the node's Lease seen by this controller; while it cannot hear (no API), no node ages.
package struct NodeLifecycleController: Controller {
    private struct Heard: Sendable {
        var renewed: String
        var at: ContinuousClock.Instant
    }

    let cluster: CachedCluster
    let gracePeriod: Duration
    private let heard = Heartbeats()

    private final class Heartbeats: Sendable {
        let nodes = Mutex([String: Heard]())
    }

    package init(cluster: CachedCluster, gracePeriod: Duration? = nil) {
        self.cluster = cluster
        self.gracePeriod = gracePeriod ?? Self.gracePeriod(cluster.clock)
    }

    /// 40 s at speed 1, and never below 10 s.
    package static func gracePeriod(_ clock: SandboxClock) -> Duration {
        max(clock.scaled(.seconds(40)), .seconds(10))
    }

    package func keys(affectedBy change: ObjectChange) -> [ObjectKey] {
        switch change.resource {
        case .nodes: [change.object.key]
        case .leases where change.object.namespace == "kube-node-lease": [ObjectKey(name: change.object.name)]
        default: []
        }
    }

    package func reconcile(_ key: ObjectKey) async throws -> Duration? {
        guard var node = cluster.nodes[key] else {
            heard.nodes.withLock { $0[key.name] = nil }
            return nil
        }
        let silence = silence(of: node)
        if silence >= gracePeriod { node = try await markUnknown(node) }
        try await taint(node)
        let isReady = node.status.isTrue("Ready")
        if !isReady { try await markPodsNotReady(on: node.name) }
        return silence >= gracePeriod ? .seconds(5) : max(gracePeriod - silence, .milliseconds(100))
    }

    /// For how long nothing was heard of the node although this controller could hear.
    private func silence(of node: KubernetesObject) -> Duration {
        let lease = cluster[.leases][ObjectKey(namespace: "kube-node-lease", name: node.name)]
        let renewed =
            lease?["spec", "renewTime"]?.string ?? node.status.condition("Ready")?["lastHeartbeatTime"]?.string
        let at = heard.nodes.withLock { nodes -> ContinuousClock.Instant in
            if let known = nodes[node.name], known.renewed == renewed ?? "" { return known.at }
            let now = ContinuousClock.now
            nodes[node.name] = Heard(renewed: renewed ?? "", at: now)
            return now
        }
        guard let leases = cluster[.leases].connectedSince, let nodes = cluster.nodes.connectedSince else {
            return .zero
        }
        return .now - max(at, leases, nodes)
    }

    private func markUnknown(_ node: KubernetesObject) async throws -> KubernetesObject {
        var node = node
        guard node.status.condition("Ready")?["status"]?.string != "Unknown" else { return node }
        for type in ["MemoryPressure", "DiskPressure", "PIDPressure", "Ready"] {
            let wasNeverReported = node.status.condition(type) == nil
            node.status.setCondition(
                type,
                "Unknown",
                reason: wasNeverReported ? "NodeStatusNeverUpdated" : "NodeStatusUnknown",
                message: wasNeverReported
                    ? "Kubelet never posted node status." : "Kubelet stopped posting node status.",
                now: cluster.now()
            )
        }
        let updated = try await cluster.update(.nodes, node, subresource: "status")
        cluster.events.normal(node, "NodeNotReady", "Node \(node.name) status is now: NodeNotReady")
        return updated
    }

    // MARK: Taints

    static let notReady = "node.kubernetes.io/not-ready"
    static let unreachable = "node.kubernetes.io/unreachable"

    /// Taints follow the Ready condition and `spec.unschedulable`; NoExecute ones say since when.
    private func taint(_ node: KubernetesObject) async throws {
        var node = node
        let present = node.spec["taints"]?.array ?? []
        var wanted: [(key: String, effect: String)] = []
        switch node.status.condition("Ready")?["status"]?.string {
        case "True": break
        case "Unknown": wanted += [(Self.unreachable, "NoSchedule"), (Self.unreachable, "NoExecute")]
        default: wanted += [(Self.notReady, "NoSchedule"), (Self.notReady, "NoExecute")]
        }
        if node.spec["unschedulable"]?.bool ?? false { wanted.append((Taint.unschedulable.key, "NoSchedule")) }
        let ours: Set<String> = [Self.notReady, Self.unreachable, Taint.unschedulable.key]
        func isWanted(_ taint: JSONValue) -> Bool {
            wanted.contains { $0.key == taint["key"]?.string && $0.effect == taint["effect"]?.string }
        }
        var taints = present.filter { !ours.contains($0["key"]?.string ?? "") || isWanted($0) }
        for (key, effect) in wanted {
            let isThere = taints.contains { $0["key"]?.string == key && $0["effect"]?.string == effect }
            if isThere { continue }
            taints.append([
                "key": .string(key), "effect": .string(effect),
                "timeAdded": .string(Timestamp.string(from: cluster.now())),
            ])
        }
        guard taints != present else { return }
        node["spec", "taints"] = taints.isEmpty ? nil : .array(taints)
        try await cluster.update(.nodes, node)
    }

    private func markPodsNotReady(on node: String) async throws {
        for var pod in cluster.pods.onNode(node) where pod.isPodReady {
            pod.status.setCondition("Ready", "False", reason: "NodeNotReady", now: cluster.now())
            do throws(APIStatus) {
                try await cluster.updateStatus(.pods, pod)
                cluster.events.warning(pod, "NodeNotReady", "Node is not ready")
            } catch { guard error.isNotFound || error.isConflict else { throw error } }
        }
    }
}
