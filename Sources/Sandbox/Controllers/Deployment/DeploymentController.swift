package import KubernetesModel

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// Moves a Deployment's pods to its template's newest revision, one ReplicaSet a revision.
package struct DeploymentController: Controller {
    let cluster: CachedCluster

    package init(cluster: CachedCluster) { self.cluster = cluster }

    package func keys(affectedBy change: ObjectChange) -> [ObjectKey] {
        switch change.resource {
        case .deployments: return [change.object.key]
        case .replicaSets:
            if let set = change.new, set.controller == nil { return adopters(of: set) }
            return change.controllerKeys(of: "Deployment")
        case .pods where change.new == nil:
            // Recreate waits for the last pod's end.
            return change.controllerKeys(of: "ReplicaSet").compactMap { cluster[.replicaSets][$0]?.controller }
                .map { ObjectKey(namespace: change.object.namespace, name: $0.name) }
        default: return []
        }
    }

    private func adopters(of set: KubernetesObject) -> [ObjectKey] {
        cluster[.deployments].inNamespace(set.namespace).filter { LabelSelector($0.spec["selector"]).matches(set) }
            .map(\.key)
    }

    package func reconcile(_ key: ObjectKey) async throws -> Duration? {
        guard var deployment = cluster[.deployments][key], !deployment.isTerminating else { return nil }
        let selector = LabelSelector(deployment.spec["selector"])
        let sets = try await cluster.adopted(.replicaSets, by: deployment, selector: selector)
        var rollout = Rollout(deployment: deployment, sets: sets)
        let isPaused = deployment.spec["paused"]?.bool ?? false
        if rollout.newest == nil, !isPaused {
            let mayStart = rollout.strategy != .recreate || !hasPods(rollout.old)
            if mayStart { try await createSet(&rollout) } else if try await emptyOld(rollout) { return nil }
        } else if let newest = rollout.newest, !isPaused {
            try await raiseRevision(of: newest, in: &rollout)
        }
        deployment = try await noteRevision(rollout)
        rollout.deployment = deployment
        if isPaused {
            try await scaleWhilePaused(rollout)
        } else if rollout.strategy == .recreate {
            try await recreate(rollout)
        } else {
            try await roll(rollout)
        }
        try await prune(rollout)
        return try await report(key)
    }

    /// Scales one ReplicaSet and says so.
    func scale(_ set: KubernetesObject, to replicas: Int, in rollout: Rollout) async throws {
        var set = set
        let before = set.spec["replicas"]?.int ?? 1
        let (desired, most) = (rollout.desired, rollout.desired + rollout.maxSurge)
        set["spec", "replicas"] = .integer(Int64(replicas))
        set.annotations["deployment.kubernetes.io/desired-replicas"] = "\(desired)"
        set.annotations["deployment.kubernetes.io/max-replicas"] = "\(most)"
        try await cluster.update(.replicaSets, set)
        guard before != replicas else { return }
        cluster.events.normal(
            rollout.deployment,
            "ScalingReplicaSet",
            "Scaled \(replicas > before ? "up" : "down") replica set \(set.name) from \(before) to \(replicas)"
        )
    }

    private func hasPods(_ sets: [KubernetesObject]) -> Bool {
        sets.contains { set in cluster.pods.owned(by: set.uid).contains { !$0.isPodFinished } }
    }

    private func createSet(_ rollout: inout Rollout) async throws {
        let set = rollout.freshSet()
        let created: KubernetesObject
        do throws(APIStatus) {
            created = try await cluster.create(.replicaSets, set)
        } catch {
            guard error.isAlreadyExists, let present = cluster[.replicaSets][set.key],
                present.controller?.uid == rollout.deployment.uid
            else { throw error }
            created = present
        }
        rollout.newest = created
        let count = created.spec["replicas"]?.int ?? 0
        if count > 0 {
            cluster.events.normal(
                rollout.deployment,
                "ScalingReplicaSet",
                "Scaled up replica set \(created.name) from 0 to \(count)"
            )
        }
    }

    /// A rollback makes an old ReplicaSet the newest again: it gets the next revision.
    private func raiseRevision(of set: KubernetesObject, in rollout: inout Rollout) async throws {
        let revision = (rollout.old.map(\.revisionNumber).max() ?? 0) + 1
        guard set.revisionNumber < revision else { return }
        var set = set
        set.annotations[Rollout.revisionAnnotation] = "\(revision)"
        rollout.newest = try await cluster.update(.replicaSets, set)
    }

    private func noteRevision(_ rollout: Rollout) async throws -> KubernetesObject {
        var deployment = rollout.deployment
        guard let newest = rollout.newest, newest.revisionNumber > 0 else { return deployment }
        deployment.annotations[Rollout.revisionAnnotation] = "\(newest.revisionNumber)"
        return try await cluster.update(.deployments, deployment)
    }

    /// Scales old ReplicaSets to nothing; true if that changed something.
    private func emptyOld(_ rollout: Rollout) async throws -> Bool {
        var changed = false
        for set in rollout.old where set.spec["replicas"]?.int != 0 {
            try await scale(set, to: 0, in: rollout)
            changed = true
        }
        return changed
    }

    private func recreate(_ rollout: Rollout) async throws {
        if try await emptyOld(rollout) { return }
        guard !hasPods(rollout.old), let newest = rollout.newest else { return }
        if newest.spec["replicas"]?.int != rollout.desired { try await scale(newest, to: rollout.desired, in: rollout) }
    }

    private func scaleWhilePaused(_ rollout: Rollout) async throws {
        let active = rollout.all.filter { ($0.spec["replicas"]?.int ?? 0) > 0 }
        guard active.count <= 1, let set = active.first ?? rollout.newest else { return }
        if set.spec["replicas"]?.int != rollout.desired { try await scale(set, to: rollout.desired, in: rollout) }
    }

    private func prune(_ rollout: Rollout) async throws {
        let limit = rollout.deployment.spec["revisionHistoryLimit"]?.int ?? 10
        let empty = rollout.old.filter {
            $0.spec["replicas"]?.int == 0 && ($0.status["replicas"]?.int ?? 0) == 0 && !$0.isTerminating
        }.sorted { $0.revisionNumber < $1.revisionNumber }
        for set in empty.dropLast(limit) { try await cluster.delete(.replicaSets, set) }
    }
}
