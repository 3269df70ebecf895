import KubernetesModel

/// RollingUpdate: up by maxSurge, down by what is available beyond the minimum.
extension DeploymentController {
    func roll(_ rollout: Rollout) async throws {
        guard let newest = rollout.newest else { return }
        let present = newest.spec["replicas"]?.int ?? 0
        let wanted = rollout.replicasOfNewest(present: present)
        if wanted != present {
            try await scale(newest, to: wanted, in: rollout)
            return
        }
        guard rollout.old.contains(where: { ($0.spec["replicas"]?.int ?? 0) > 0 }) else { return }
        try await shrinkOld(rollout, newest: newest, newestReplicas: present)
    }

    private func shrinkOld(_ rollout: Rollout, newest: KubernetesObject, newestReplicas: Int) async throws {
        var old = rollout.old.filter { ($0.spec["replicas"]?.int ?? 0) > 0 }
        let total = old.reduce(newestReplicas) { $0 + ($1.spec["replicas"]?.int ?? 0) }
        let minimum = rollout.desired - rollout.maxUnavailable
        let newestUnavailable = newestReplicas - available(newest)
        let most = total - minimum - newestUnavailable
        guard most > 0 else { return }
        var removed = 0
        // First what serves nobody.
        for index in old.indices where removed < most {
            let replicas = old[index].spec["replicas"]?.int ?? 0
            let idle = min(most - removed, replicas - available(old[index]))
            guard idle > 0 else { continue }
            try await scale(old[index], to: replicas - idle, in: rollout)
            if let now = cluster[.replicaSets][old[index].key] { old[index] = now }
            removed += idle
        }
        // Then what is beyond the minimum.
        let serving = old.reduce(available(newest)) { $0 + available($1) }
        var surplus = min(serving - minimum, most - removed)
        for set in old where surplus > 0 {
            let replicas = set.spec["replicas"]?.int ?? 0
            let less = min(surplus, replicas)
            guard less > 0 else { continue }
            try await scale(set, to: replicas - less, in: rollout)
            surplus -= less
        }
    }

    /// Available pods of a set: never more than it is asked to have, whatever its status still says.
    private func available(_ set: KubernetesObject) -> Int {
        min(set.status["availableReplicas"]?.int ?? 0, set.spec["replicas"]?.int ?? 0)
    }
}
