package import Foundation
package import KubernetesModel

/// What a drain does with one pod, and why: the filters of kubectl, in its order.
package enum DrainDecision: Sendable, Hashable {
    case evict(warnings: [Warning])
    case skip(Skip)
    case refuse(Refusal)

    /// The pod goes, and something is lost with it.
    package enum Warning: Sendable, Hashable {
        case orphanOfDaemonSet(String)
        case localStorage
        case unmanaged
    }

    /// The pod stays where it is.
    package enum Skip: Sendable, Hashable {
        /// Its DaemonSet would put it right back.
        case daemonSet
        /// It stands for a static pod.
        case mirror
        /// It has been terminating for longer than anybody wants to wait.
        case terminating
    }

    /// The pod may not go without a flag; nothing is evicted from its node.
    package enum Refusal: Sendable, Hashable {
        case daemonSet
        case orphanOfDaemonSet(String)
        case localStorage
        case unmanaged
    }
}

extension DrainDecision {
    /// Decides over one pod. The first filter that keeps the pod ends the matter; warnings of all filters are kept.
    /// - Parameters:
    ///   - pod: a pod on the node.
    ///   - policy: the drain's flags.
    ///   - missingDaemonSets: the DaemonSets named as controllers that are no longer there.
    ///   - now: the time, for pods that have been terminating for long.
    /// - Returns: what is to be done with the pod.
    package static func decide(
        _ pod: Pod,
        _ policy: DrainPolicy,
        missingDaemonSets: Set<ObjectKey>,
        at now: Date
    ) -> DrainDecision {
        var warnings: [Warning] = []

        if policy.skipWaitForDeleteTimeout > 0, let since = pod.object.deletionTimestamp.flatMap(Timestamp.date),
            now.timeIntervalSince(since) > Double(policy.skipWaitForDeleteTimeout)
        {
            return .skip(.terminating)
        }

        if let daemonSet = pod.daemonSet, !pod.isFinished {
            guard missingDaemonSets.contains(daemonSet) else {
                return policy.ignoreDaemonSets ? .skip(.daemonSet) : .refuse(.daemonSet)
            }
            guard policy.force else { return .refuse(.orphanOfDaemonSet(daemonSet.name)) }
            warnings.append(.orphanOfDaemonSet(daemonSet.name))
        }

        if pod.isMirror { return .skip(.mirror) }

        if pod.hasEmptyDir && !pod.isFinished {
            guard policy.deleteEmptyDirData else { return .refuse(.localStorage) }
            warnings.append(.localStorage)
        }

        if pod.controller == nil && !pod.isFinished {
            guard policy.force else { return .refuse(.unmanaged) }
            warnings.append(.unmanaged)
        }

        return .evict(warnings: warnings)
    }
}

extension Pod {
    /// The DaemonSet that controls this pod, if one does.
    package var daemonSet: ObjectKey? {
        guard let controller, controller.kind == "DaemonSet", controller.apiVersion == "apps/v1" else { return nil }
        return ObjectKey(namespace: namespace, name: controller.name)
    }
}

/// Pods that the same is said of, in kubectl's words.
package struct PodsRemark: Sendable, Hashable, CustomStringConvertible {
    package var remark: String
    package var pods: [ObjectKey]

    package var description: String { "\(remark): \(pods.map(\.description).joined(separator: ", "))" }

    static func grouped(_ remarks: [(remark: String, pod: ObjectKey)]) -> [PodsRemark] {
        Dictionary(grouping: remarks, by: \.remark)
            .map { PodsRemark(remark: $0.key, pods: $0.value.map(\.pod).sorted()) }
            .sorted { $0.remark < $1.remark }
    }
}

extension DrainDecision.Warning {
    var remark: String {
        switch self {
        case .orphanOfDaemonSet(let name): "daemonsets.apps \"\(name)\" not found"
        case .localStorage: "deleting Pods with local storage"
        case .unmanaged: "deleting Pods that declare no controller"
        }
    }
}

extension DrainDecision.Refusal {
    var remark: String {
        switch self {
        case .daemonSet: "DaemonSet-managed Pods (use --ignore-daemonsets to ignore)"
        case .orphanOfDaemonSet(let name): "daemonsets.apps \"\(name)\" not found (use --force to override)"
        case .localStorage: "Pods with local storage (use --delete-emptydir-data to override)"
        case .unmanaged: "Pods that declare no controller (use --force to override)"
        }
    }

    /// The flag that would let the pod go.
    package var flag: String {
        switch self {
        case .daemonSet: "--ignore-daemonsets"
        case .orphanOfDaemonSet, .unmanaged: "--force"
        case .localStorage: "--delete-emptydir-data"
        }
    }
}
