package import KubernetesModel

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// Deletes pods from nodes with NoExecute taints once their tolerations run out.
///
/// They stay, terminating, until a kubelet reports their end or the node's object goes.
package struct TaintEvictionController: Controller {
    let cluster: CachedCluster

    package init(cluster: CachedCluster) { self.cluster = cluster }

    package func keys(affectedBy change: ObjectChange) -> [ObjectKey] {
        switch change.resource {
        case .nodes where change.old?.spec["taints"] != change.new?.spec["taints"]:
            return cluster.pods.onNode(change.object.name).map(\.key)
        case .pods:
            guard let pod = change.new, let node = pod.podNode, change.old?.podNode != node else { return [] }
            return [pod.key]
        default: return []
        }
    }

    package func reconcile(_ key: ObjectKey) async throws -> Duration? {
        guard let object = cluster.pods[key], !object.isTerminating, let name = object.podNode,
            let node = cluster.nodes[ObjectKey(name: name)]
        else { return nil }
        let pod = Pod(object)
        guard !pod.isMirror else { return nil }
        var soonest: TimeInterval?
        for value in node.spec["taints"]?.array ?? [] {
            guard let taint = Taint(value), taint.effect == .noExecute,
                let limit = limit(pod, taint)
            else { continue }
            let added = Timestamp.date(from: value["timeAdded"]) ?? cluster.now()
            soonest = min(soonest ?? .infinity, limit - cluster.now().timeIntervalSince(added))
        }
        guard let soonest else { return nil }
        if soonest > 0 { return .seconds(soonest) }
        var marked = object
        marked.status.setCondition(
            "DisruptionTarget",
            "True",
            reason: "DeletionByTaintManager",
            message: "Taint manager: deleting due to NoExecute taint",
            now: cluster.now()
        )
        try await cluster.updateStatus(.pods, marked)
        try await cluster.delete(.pods, object)
        cluster.events.normal(object, "TaintManagerEviction", "Marking for deletion Pod \(object.key)")
        return nil
    }

    /// Seconds the pod may stay in spite of the taint; nil for ever.
    ///
    /// Admission gives each pod 300 s for a node that is lost. Tolerated time passes at the sandbox's speed, but as
    /// all of node liveness never faster than in 10 s.
    private func limit(_ pod: Pod, _ taint: Taint) -> TimeInterval? {
        let matching = pod.tolerations.filter { $0.tolerates(taint) }
        let isLost = taint.key == NodeLifecycleController.notReady || taint.key == NodeLifecycleController.unreachable
        if matching.isEmpty, !isLost { return 0 }
        let seconds = matching.isEmpty ? [300] : matching.compactMap(\.seconds)
        guard let shortest = seconds.min() else { return nil }
        guard shortest > 0 else { return 0 }
        return max(cluster.clock.scaled(.seconds(shortest)).seconds, min(Double(shortest), 10))
    }
}
