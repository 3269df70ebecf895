package import KubernetesModel
import Placement

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// Keeps the status of PodDisruptionBudgets: how many of their pods may go now.
package struct DisruptionController: Controller {
    let cluster: CachedCluster

    package init(cluster: CachedCluster) { self.cluster = cluster }

    package func keys(affectedBy change: ObjectChange) -> [ObjectKey] {
        switch change.resource {
        case .podDisruptionBudgets: [change.object.key]
        case .pods: budgets(for: change.states)
        // A workload's scale is part of the arithmetic, whatever its pods do.
        case .deployments, .replicaSets, .statefulSets:
            change.old?.spec["replicas"] == change.new?.spec["replicas"]
                ? [] : cluster[.podDisruptionBudgets].inNamespace(change.object.namespace).map(\.key)
        default: []
        }
    }

    private func budgets(for pods: [KubernetesObject]) -> [ObjectKey] {
        guard let namespace = pods.first?.namespace else { return [] }
        let views = pods.map { Pod($0) }
        return cluster[.podDisruptionBudgets].inNamespace(namespace).filter { budget in
            views.contains { PodDisruptionBudget(budget).matches($0) }
        }.map(\.key)
    }

    package func reconcile(_ key: ObjectKey) async throws -> Duration? {
        guard var object = cluster[.podDisruptionBudgets][key], !object.isTerminating else { return nil }
        let budget = PodDisruptionBudget(object)
        let pods = cluster.pods.inNamespace(key.namespace).map { Pod($0) }.filter { budget.matches($0) }
        let result = BudgetArithmetic.status(of: budget, pods: pods, now: cluster.now()) { owner, namespace in
            scale(of: owner, in: namespace)
        }
        if !result.unmanagedPods.isEmpty {
            cluster.events.warning(
                object,
                "UnmanagedPods",
                "Pods selected by this PodDisruptionBudget (selector: \(budget.selector)) were found to be unmanaged. "
                    + "As a result, the status of the PDB cannot be calculated correctly, which may result in undefined "
                    + "behavior. To account for these pods please set \".spec.minAvailable\" field of the PDB to an "
                    + "integer value."
            )
        }
        object.status = status(object, result)
        if object.status != budget.object.status { try await cluster.updateStatus(.podDisruptionBudgets, object) }
        // Grants of eviction lose their force after a while.
        return result.disruptedPods.isEmpty ? nil : .seconds(5)
    }

    private func status(_ object: KubernetesObject, _ result: BudgetStatus) -> JSONValue {
        var status = object.status
        status["disruptionsAllowed"] = .integer(Int64(result.disruptionsAllowed))
        status["currentHealthy"] = .integer(Int64(result.currentHealthy))
        status["desiredHealthy"] = .integer(Int64(result.desiredHealthy))
        status["expectedPods"] = .integer(Int64(result.expectedPods))
        status["disruptedPods"] = result.disruptedPods.isEmpty ? nil : JSONValue(result.disruptedPods)
        status["observedGeneration"] = .integer(object.generation)
        let isAllowed = result.disruptionsAllowed > 0
        let reason =
            result.failure != nil ? "SyncFailed" : isAllowed ? "SufficientPods" : "InsufficientPods"
        status.setCondition(
            "DisruptionAllowed",
            isAllowed ? "True" : "False",
            reason: reason,
            message: result.failure ?? "",
            now: cluster.now(),
            extra: ["observedGeneration": .integer(object.generation)]
        )
        return status
    }

    /// Replicas behind a pod's controller; those of the Deployment behind a ReplicaSet. A Job has no scale.
    private func scale(of owner: OwnerReference, in namespace: String) -> BudgetArithmetic.Scale? {
        let key = ObjectKey(namespace: namespace, name: owner.name)
        let resource: Resource
        switch owner.kind {
        case "ReplicaSet": resource = .replicaSets
        case "StatefulSet": resource = .statefulSets
        case "Deployment": resource = .deployments
        default: return nil
        }
        guard let object = cluster[resource][key], object.uid == owner.uid else { return nil }
        if let above = object.controller, above.kind == "Deployment" { return scale(of: above, in: namespace) }
        return BudgetArithmetic.Scale(uid: object.uid, replicas: object.spec["replicas"]?.int ?? 1)
    }
}
