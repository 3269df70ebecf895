package import KubernetesModel

#if canImport(FoundationEssentials)
    package import FoundationEssentials
#else
    package import Foundation
#endif

/// What a PodDisruptionBudget's status must say: how many of its pods may go.
package struct BudgetStatus: Sendable, Hashable {
    package var expectedPods: Int
    package var currentHealthy: Int
    package var desiredHealthy: Int
    package var disruptionsAllowed: Int
    /// Grants of eviction that still count: pod name → time of the grant.
    package var disruptedPods: [String: String]
    /// Pods without a controller, which a budget in percent or of `maxUnavailable` does not count.
    package var unmanagedPods: [String]
    /// Why the arithmetic failed; the budget then allows nothing.
    package var failure: String?

    /// Even with every pod healthy not one may go: the budget asks for as many as there are.
    package var neverAllows: Bool { failure == nil && expectedPods > 0 && desiredHealthy >= expectedPods }
}

/// The disruption controller's arithmetic, from a budget's spec and the pods as they are.
package enum BudgetArithmetic {
    /// The replicas a pod's controller asks for; of a ReplicaSet made by a Deployment, the Deployment's.
    package struct Scale: Sendable, Hashable {
        /// Of the object whose replicas are counted, so that it is counted once.
        package var uid: String
        package var replicas: Int

        package init(uid: String, replicas: Int) {
            self.uid = uid
            self.replicas = replicas
        }
    }

    /// How long a granted eviction counts while its pod is not seen to go.
    package static let grantTerm: Duration = .seconds(120)

    /// What the budget's status must be now. Of `pods`, those the budget does not choose are passed over; `scaleOf`
    /// finds the scale behind a pod's controller in a namespace, nil where there is none.
    package static func status(
        of budget: PodDisruptionBudget,
        pods: [Pod],
        now: Date,
        scaleOf: (OwnerReference, _ namespace: String) -> Scale?
    ) -> BudgetStatus {
        let selector = budget.selector
        let chosen = pods.filter { $0.namespace == budget.namespace && selector.matches($0.object) }
        let grants = grants(of: budget, pods: chosen, now: now)
        var status = BudgetStatus(
            expectedPods: 0,
            currentHealthy: chosen.count { !$0.isTerminating && grants[$0.name] == nil && $0.isReady },
            desiredHealthy: 0,
            disruptionsAllowed: 0,
            disruptedPods: grants,
            unmanagedPods: []
        )
        do throws(Failure) {
            try count(budget, chosen, scaleOf, into: &status)
        } catch {
            status.failure = error.why
            return status
        }
        if status.expectedPods > 0 {
            status.disruptionsAllowed = max(0, status.currentHealthy - status.desiredHealthy)
        }
        return status
    }

    private struct Failure: Error { let why: String }

    private static func count(
        _ budget: PodDisruptionBudget,
        _ pods: [Pod],
        _ scaleOf: (OwnerReference, String) -> Scale?,
        into status: inout BudgetStatus
    ) throws(Failure) {
        if let limit = budget.maxUnavailable {
            status.expectedPods = try expected(pods, scaleOf, unmanaged: &status.unmanagedPods)
            let (desired, overflow) = status.expectedPods.subtractingReportingOverflow(
                limit.scaled(to: status.expectedPods)
            )
            status.desiredHealthy = overflow ? 0 : max(0, desired)
        } else if let minimum = budget.minAvailable {
            switch minimum {
            case .count(let count):
                status.desiredHealthy = count
                status.expectedPods = pods.count
            case .percent:
                status.expectedPods = try expected(pods, scaleOf, unmanaged: &status.unmanagedPods)
                status.desiredHealthy = minimum.scaled(to: status.expectedPods)
            }
        }
    }

    /// The sum of what the pods' distinct controllers ask for.
    private static func expected(
        _ pods: [Pod],
        _ scaleOf: (OwnerReference, String) -> Scale?,
        unmanaged: inout [String]
    ) throws(Failure) -> Int {
        var replicas: [String: Int] = [:]
        var seen: Set<String> = []
        for pod in pods {
            guard let controller = pod.controller else {
                unmanaged.append(pod.name)
                continue
            }
            guard seen.insert(controller.uid).inserted else { continue }
            guard let scale = scaleOf(controller, pod.namespace) else {
                throw Failure(why: "found no controllers for pod \"\(pod.name)\"")
            }
            replicas[scale.uid] = scale.replicas
        }
        return replicas.values.reduce(0) { sum, count in
            let (total, overflow) = sum.addingReportingOverflow(count)
            return overflow ? .max : total
        }
    }

    /// Grants whose pod is still there, not yet going, and young enough.
    private static func grants(of budget: PodDisruptionBudget, pods: [Pod], now: Date) -> [String: String] {
        let present = budget.disruptedPods
        guard !present.isEmpty else { return [:] }
        let staying = Set(pods.lazy.filter { !$0.isTerminating }.map(\.name))
        let term = TimeInterval(grantTerm.components.seconds)
        return present.filter { name, time in
            guard staying.contains(name), let granted = Timestamp.date(from: time) else { return false }
            return granted.addingTimeInterval(term) > now
        }
    }
}
