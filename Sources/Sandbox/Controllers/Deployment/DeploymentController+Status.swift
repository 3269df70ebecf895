import KubernetesModel

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// What `kubectl rollout status` reads.
extension DeploymentController {
    func report(_ key: ObjectKey) async throws -> Duration? {
        guard var deployment = cluster[.deployments][key] else { return nil }
        let sets = cluster[.replicaSets].owned(by: deployment.uid).filter { $0.controller?.uid == deployment.uid }
        let rollout = Rollout(deployment: deployment, sets: sets)
        let before = deployment.status
        let counts = Counts(rollout)
        var status = before
        status["observedGeneration"] = .integer(deployment.generation)
        status["replicas"] = Self.nonzero(counts.replicas)
        status["updatedReplicas"] = Self.nonzero(counts.updated)
        status["readyReplicas"] = Self.nonzero(counts.ready)
        status["availableReplicas"] = Self.nonzero(counts.available)
        status["unavailableReplicas"] = Self.nonzero(max(0, counts.asked - counts.available))
        let hasMinimum = counts.available >= rollout.desired - rollout.maxUnavailable
        status.setCondition(
            "Available",
            hasMinimum ? "True" : "False",
            reason: hasMinimum ? "MinimumReplicasAvailable" : "MinimumReplicasUnavailable",
            message: "Deployment \(hasMinimum ? "has" : "does not have") minimum availability.",
            now: cluster.now(),
            extra: Self.stamp(before, "Available", hasMinimum ? "True" : "False", cluster.now())
        )
        let recheck = setProgress(&status, before: before, counts, rollout)
        if status != before {
            deployment.status = status
            try await cluster.updateStatus(.deployments, deployment)
        }
        return recheck
    }

    struct Counts {
        var replicas = 0
        var asked = 0
        var updated = 0
        var ready = 0
        var available = 0

        init(_ rollout: Rollout) {
            for set in rollout.all {
                replicas += set.status["replicas"]?.int ?? 0
                asked += set.spec["replicas"]?.int ?? 0
                ready += set.status["readyReplicas"]?.int ?? 0
                available += set.status["availableReplicas"]?.int ?? 0
            }
            updated = rollout.newest?.status["replicas"]?.int ?? 0
        }
    }

    /// Sets the Progressing condition; says when the deadline must be looked at again.
    private func setProgress(
        _ status: inout JSONValue,
        before: JSONValue,
        _ counts: Counts,
        _ rollout: Rollout
    ) -> Duration? {
        guard let newest = rollout.newest else { return nil }
        let now = cluster.now()
        let desired = rollout.desired
        let isComplete =
            counts.updated == desired && counts.replicas == desired && counts.available == desired
            && newest.spec["replicas"]?.int == desired
        let subject = "ReplicaSet \"\(newest.name)\""
        let present = before.condition("Progressing")
        func set(_ value: String, _ reason: String, _ message: String, isNews: Bool) {
            let moved = isNews || present?["reason"]?.string != reason || present?["message"]?.string != message
            let stamp = moved ? .string(Timestamp.string(from: now)) : present?["lastUpdateTime"] ?? .null
            status.setCondition(
                "Progressing",
                value,
                reason: reason,
                message: message,
                now: now,
                extra: ["lastUpdateTime": stamp]
            )
        }
        if isComplete {
            set("True", "NewReplicaSetAvailable", "\(subject) has successfully progressed.", isNews: false)
            return nil
        }
        func number(_ value: JSONValue, _ name: String) -> Int { value[name]?.int ?? 0 }
        let oldBefore = number(before, "replicas") - number(before, "updatedReplicas")
        let hasMoved =
            counts.updated > number(before, "updatedReplicas")
            || counts.replicas - counts.updated < oldBefore
            || counts.ready > number(before, "readyReplicas")
            || counts.available > number(before, "availableReplicas")
        let wasComplete = present?["reason"]?.string == "NewReplicaSetAvailable"
        if present == nil {
            set("True", "NewReplicaSetCreated", "Created new replica set \"\(newest.name)\"", isNews: true)
        } else if hasMoved || (wasComplete && counts.updated < desired) {
            set("True", "ReplicaSetUpdated", "\(subject) is progressing.", isNews: true)
        } else if wasComplete || present?["status"]?.string == "False" {
            // A finished rollout whose pods fail later stays finished, as in life; one past its deadline stays so.
            return nil
        }
        let deadline = cluster.clock.scaled(
            .seconds(rollout.deployment.spec["progressDeadlineSeconds"]?.integer ?? 600)
        )
        guard let since = Timestamp.date(from: status.condition("Progressing")?["lastUpdateTime"]) else { return nil }
        let left = deadline.seconds + 1 - now.timeIntervalSince(since)
        if left <= 0 {
            set("False", "ProgressDeadlineExceeded", "\(subject) has timed out progressing.", isNews: true)
            return nil
        }
        return .seconds(left)
    }

    private static func stamp(_ before: JSONValue, _ type: String, _ value: String, _ now: Date) -> [String: JSONValue]
    {
        let present = before.condition(type)
        let isSame = present?["status"]?.string == value
        return ["lastUpdateTime": (isSame ? present?["lastUpdateTime"] : nil) ?? .string(Timestamp.string(from: now))]
    }

    private static func nonzero(_ number: Int) -> JSONValue? { number == 0 ? nil : .integer(Int64(number)) }
}
