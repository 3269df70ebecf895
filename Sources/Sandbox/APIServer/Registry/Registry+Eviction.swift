import Foundation
import KubernetesModel

extension Registry {
    /// POST pods/eviction: deletes a pod if the disruption budget it is under allows it.
    ///
    /// The order of questions is the real server's: pods that do nobody any good are deleted whatever their budget
    /// says; two budgets on one pod are an error; unready pods have rules of their own; then the budget is charged.
    func evict(_ key: ObjectKey, _ eviction: KubernetesObject, dryRun: String?) async throws(APIStatus) {
        guard let pods = catalog.resource(.pods) else { throw .noSuchPath }
        if !eviction.name.isEmpty, eviction.name != key.name {
            throw .badRequest("name in URL does not match name in Eviction object")
        }
        var options = try DeleteOptions(eviction["deleteOptions"])
        let asked = eviction["deleteOptions", "dryRun"]?.strings ?? []
        if let dryRun, !asked.isEmpty, asked != [dryRun] {
            throw .badRequest("Non-matching dry-run options in request and content: \(dryRun) and \(asked)")
        }
        options.isDryRun = options.isDryRun || dryRun == "All"

        for _ in 0..<Self.attempts {
            let pod = try await get(pods, key)
            var mayHaveChanged = false
            if Self.mayIgnoreBudgets(pod.object) {
                if pod.object["status", "phase"] == "Pending" {
                    options.resourceVersion = pod.object.resourceVersion
                    mayHaveChanged = true
                }
            } else if let budget = try await budget(of: pod.object, key) {
                if !Pod(pod.object).isReady, Self.allowsUnready(budget.object) {
                    options.resourceVersion = pod.object.resourceVersion
                } else {
                    try await charge(budget, with: key, dryRun: options.isDryRun)
                }
            }
            do {
                try await disrupt(pods, key, options)
                return
            } catch  where error.isConflict && options.resourceVersion != nil {
                if mayHaveChanged {
                    options.resourceVersion = nil  // a pending pod came up meanwhile: look again
                    continue
                }
                throw .tooManyRequests(error.message, retryAfter: 10)
            }
        }
        throw .conflict(.pods, key.name)
    }

    /// Pods that are not up, or on their way out already.
    private static func mayIgnoreBudgets(_ pod: KubernetesObject) -> Bool {
        let phase = pod["status", "phase"]?.string
        return pod.isTerminating || phase == "Pending" || phase == "Succeeded" || phase == "Failed"
    }

    /// The one budget that selects the pod.
    private func budget(of pod: KubernetesObject, _ key: ObjectKey) async throws(APIStatus) -> CachedObject? {
        guard let budgets = catalog.resource(.podDisruptionBudgets) else { return nil }
        let all = try await list(budgets, namespace: key.namespace).objects
        let labels = pod.labels
        let matching = all.filter { LabelSelector($0.object["spec", "selector"]).matches(labels) }
        guard matching.count <= 1 else {
            throw APIStatus(
                code: 500,
                reason: "",
                message: "This pod has more than one PodDisruptionBudget, which the eviction subresource does not "
                    + "support."
            )
        }
        return matching.first
    }

    /// Whether a pod that is not ready may go without charging the budget.
    private static func allowsUnready(_ budget: KubernetesObject) -> Bool {
        if budget["spec", "unhealthyPodEvictionPolicy"] == "AlwaysAllow" { return true }
        let healthy = budget["status", "currentHealthy"]?.integer ?? 0
        let desired = budget["status", "desiredHealthy"]?.integer ?? 0
        return healthy >= desired && desired > 0
    }

    /// Takes one disruption from the budget, or says why there is none.
    private func charge(_ budget: CachedObject, with pod: ObjectKey, dryRun: Bool) async throws(APIStatus) {
        guard let budgets = catalog.resource(.podDisruptionBudgets) else { return }
        for attempt in 0..<Self.attempts {
            let current = attempt == 0 ? budget : try await get(budgets, budget.object.key)
            let charged = try charged(current.object, with: pod)
            if dryRun { return }
            if try await store(budgets, charged, expected: current.revision) != nil { return }
        }
        throw .timeout("couldn't update PodDisruptionBudget \"\(budget.object.name)\" due to conflicts", retryAfter: 10)
    }

    private func charged(_ budget: KubernetesObject, with pod: ObjectKey) throws(APIStatus) -> KubernetesObject {
        let status = budget.status
        if (status["observedGeneration"]?.integer ?? 0) < budget.generation {
            throw .tooManyRequests(
                "Cannot evict pod as it would violate the pod's disruption budget.",
                retryAfter: 10,
                causes: [
                    [
                        "reason": "DisruptionBudget",
                        "message": .string(
                            "The disruption budget \(budget.name) is still being processed by the server."
                        ),
                    ]
                ]
            )
        }
        let allowed = status["disruptionsAllowed"]?.integer ?? 0
        if allowed < 0 {
            throw .forbidden(.podDisruptionBudgets, name: budget.name, "pdb disruptions allowed is negative")
        }
        if (status["disruptedPods"]?.object?.count ?? 0) > 2000 {
            throw .forbidden(.podDisruptionBudgets, name: budget.name, "DisruptedPods map too big - too many evictions")
        }
        if allowed == 0 {
            throw .tooManyRequests(
                "Cannot evict pod as it would violate the pod's disruption budget.",
                retryAfter: nil,
                causes: [["reason": "DisruptionBudget", "message": .string(Self.denial(by: budget))]]
            )
        }
        var charged = budget
        charged["status", "disruptionsAllowed"] = .integer(allowed - 1)
        charged[path: ["status", "disruptedPods", pod.name]] = .string(timestamp)
        return charged
    }

    private static func denial(by budget: KubernetesObject) -> String {
        let healthy = budget["status", "currentHealthy"]?.integer ?? 0
        let desired = budget["status", "desiredHealthy"]?.integer ?? 0
        if healthy <= desired {
            return "The disruption budget \(budget.name) needs \(desired) healthy pods and has \(healthy) currently"
        }
        let why = "The disruption budget \(budget.name) does not allow evicting pods currently"
        guard let condition = budget.condition("DisruptionAllowed"), !condition.isTrue else { return why }
        if condition.reason == "SyncFailed" { return "\(why) because it failed sync: \(condition.message)" }
        return condition.reason.isEmpty ? why : "\(why) (\(condition.reason)): \(condition.message)"
    }

    /// Marks the pod as disrupted and deletes it with grace.
    private func disrupt(_ pods: ServedResource, _ key: ObjectKey, _ options: DeleteOptions) async throws(APIStatus) {
        var options = options
        if !options.isDryRun {
            let time = timestamp
            let marked = try await change(pods, key, dryRun: false) { current throws(APIStatus) in
                if let uid = options.uid, uid != current.uid {
                    throw .conflict(
                        .pods,
                        key.name,
                        "the UID in the precondition (\(uid)) does not match the UID in record (\(current.uid)). "
                            + "The object might have been deleted and then recreated"
                    )
                }
                if let revision = options.resourceVersion, revision != current.resourceVersion {
                    throw .conflict(.pods, key.name)
                }
                guard current.condition("DisruptionTarget")?.isTrue != true else { return current }
                var pod = current
                Conditions.set(
                    [
                        "type": "DisruptionTarget", "status": "True", "reason": "EvictionByEvictionAPI",
                        "message": "Eviction API: evicting", "lastProbeTime": .null,
                        "lastTransitionTime": .string(time),
                    ],
                    in: &pod
                )
                return pod
            }
            if options.resourceVersion != nil { options.resourceVersion = marked.object.resourceVersion }
        }
        _ = try await delete(pods, key, options: options)
    }
}
