package import KubernetesModel

/// Removes pods whose node is gone: no kubelet will ever report their end.
package struct PodCollector: Controller {
    let cluster: CachedCluster

    package init(cluster: CachedCluster) { self.cluster = cluster }

    package func keys(affectedBy change: ObjectChange) -> [ObjectKey] {
        switch change.resource {
        case .nodes where change.new == nil: cluster.pods.onNode(change.object.name).map(\.key)
        case .pods: isHomeless(change.new) ? [change.object.key] : []
        default: []
        }
    }

    private func isHomeless(_ pod: KubernetesObject?) -> Bool {
        guard let node = pod?.podNode else { return false }
        return cluster.nodes[ObjectKey(name: node)] == nil
    }

    package func reconcile(_ key: ObjectKey) async throws -> Duration? {
        guard let pod = cluster.pods[key], let node = pod.podNode, isHomeless(pod) else { return nil }
        // The cache may lag behind a node that has just registered.
        do throws(APIStatus) {
            _ = try await cluster.access.get(.nodes, ObjectKey(name: node))
            return .seconds(5)
        } catch {
            guard error.isNotFound else { throw error }
        }
        if !pod.isPodFinished {
            var failed = pod
            failed["status", "phase"] = "Failed"
            failed.status.setCondition(
                "DisruptionTarget",
                "True",
                reason: "DeletionByPodGC",
                message: "PodGC: node no longer exists",
                now: cluster.now()
            )
            try await cluster.updateStatus(.pods, failed)
        }
        try await cluster.delete(.pods, cluster.pods[key] ?? pod, gracePeriodSeconds: 0)
        return nil
    }
}
