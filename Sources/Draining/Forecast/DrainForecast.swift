package import KubernetesModel
import Placement

/// What draining one node would come to, found without touching anything; pure.
package struct DrainForecast: Sendable, Hashable {
    package var node: String
    /// Pods that would be evicted, ordinary ones first.
    package var evictions: [ObjectKey]
    /// Where their replacements would go, by a first fit: an existence proof, not a prediction.
    package var newHomes: [ObjectKey: String]
    package var obstacles: [DrainObstacle]

    /// True when the drain cannot succeed as things stand.
    package var isBlocked: Bool { obstacles.contains { $0.certainty == .blocks } }

    /// Looks at each of `nodes` by itself: the others in service, except those in `alongside`, which are empty too.
    package static func forecast(
        _ nodes: [String],
        in cluster: ForecastCluster,
        policy: DrainPolicy,
        alongside: Set<String> = []
    ) -> [DrainForecast] {
        var forecaster = Forecaster(cluster: cluster, policy: policy, alongside: alongside)
        return nodes.map { forecaster.forecast($0) }
    }
}

/// One thing that stands, or may stand, in a drain's way.
package struct DrainObstacle: Sendable, Hashable {
    package enum Kind: Sendable, Hashable {
        case flagNeeded(DrainDecision.Refusal)
        case budgetNeverAllows(ObjectKey)
        case budgetAllowsNoneNow(ObjectKey)
        case budgetAllowsFew(ObjectKey, waves: Int)
        case overlappingBudgets([ObjectKey])
        case nowhereToGo
        case allReplicasHere(String)
        case finalizers([String])
        case kubeletSilent
        case namespaceTerminating
        case graceBeyondTimeout(seconds: Int64)
        case returnsToNode
    }

    package enum Certainty: String, Sendable, Hashable, Comparable {
        /// The drain works, with a loss or slowly.
        case warns
        /// It may be blocked, or is only for now.
        case mayBlock
        case blocks

        private var rank: Int {
            switch self {
            case .warns: 0
            case .mayBlock: 1
            case .blocks: 2
            }
        }
        package static func < (lhs: Self, rhs: Self) -> Bool { lhs.rank < rhs.rank }
    }

    package var kind: Kind
    package var certainty: Certainty
    package var pods: [ObjectKey]
    package var why: String
    package var remedy: String
}

extension DrainObstacle.Kind {
    /// The budgets concerned, if any.
    package var budgets: [ObjectKey] {
        switch self {
        case .budgetNeverAllows(let key), .budgetAllowsNoneNow(let key), .budgetAllowsFew(let key, _): [key]
        case .overlappingBudgets(let keys): keys
        default: []
        }
    }

    /// A stable name, for codes of findings.
    package var code: String {
        switch self {
        case .flagNeeded: "drain-flag-needed"
        case .budgetNeverAllows: "drain-budget-never-allows"
        case .budgetAllowsNoneNow: "drain-budget-exhausted"
        case .budgetAllowsFew: "drain-budget-slow"
        case .overlappingBudgets: "drain-overlapping-budgets"
        case .nowhereToGo: "drain-nowhere-to-go"
        case .allReplicasHere: "drain-all-replicas-here"
        case .finalizers: "drain-finalizers"
        case .kubeletSilent: "drain-kubelet-silent"
        case .namespaceTerminating: "drain-namespace-terminating"
        case .graceBeyondTimeout: "drain-grace-beyond-timeout"
        case .returnsToNode: "drain-returns-to-node"
        }
    }
}

extension DrainObstacle: CustomStringConvertible {
    package var description: String {
        let named = pods.prefix(5).map(\.description).joined(separator: ", ")
        let rest = pods.count > 5 ? " and \(pods.count - 5) more" : ""
        return "\(named)\(rest): \(why); \(remedy)"
    }
}
