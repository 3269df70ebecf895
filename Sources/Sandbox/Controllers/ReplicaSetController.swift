package import KubernetesModel

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// Keeps as many pods as a ReplicaSet asks for.
///
/// A pod with a deletionTimestamp no longer counts, so its replacement is made at once.
package struct ReplicaSetController: Controller {
    let cluster: CachedCluster
    /// How many pods one pass makes or deletes.
    private let burst = 500

    package init(cluster: CachedCluster) { self.cluster = cluster }

    package func keys(affectedBy change: ObjectChange) -> [ObjectKey] {
        switch change.resource {
        case .replicaSets: [change.object.key]
        case .pods: change.controllerKeys(of: "ReplicaSet") + adopters(of: change.new)
        default: []
        }
    }

    private func adopters(of pod: KubernetesObject?) -> [ObjectKey] {
        guard let pod, pod.controller == nil, pod.isPodActive, !pod.labels.isEmpty else { return [] }
        return cluster[.replicaSets].inNamespace(pod.namespace).filter {
            LabelSelector($0.spec["selector"]).matches(pod)
        }.map(\.key)
    }

    package func reconcile(_ key: ObjectKey) async throws -> Duration? {
        guard let set = cluster[.replicaSets][key] else { return nil }
        let pods = try await cluster.adoptedPods(of: set, selector: LabelSelector(set.spec["selector"]))
        let active = pods.filter(\.isPodActive)
        if !set.isTerminating {
            let wanted = set.spec["replicas"]?.int ?? 1
            if active.count < wanted {
                try await make(min(wanted - active.count, burst), of: set)
            } else if active.count > wanted {
                try await remove(min(active.count - wanted, burst), of: active, set)
            }
        }
        return try await report(set.key)
    }

    private func make(_ count: Int, of set: KubernetesObject) async throws {
        let pod = PodTemplate.pod(set.spec["template"] ?? .object([:]), ownedBy: set, prefix: set.name + "-")
        // One first: where it is refused (quota, terminating namespace), hundreds need not be tried.
        let first = try await cluster.create(.pods, pod)
        cluster.events.normal(set, "SuccessfulCreate", "Created pod: \(first.name)")
        guard count > 1 else { return }
        try await withThrowingTaskGroup(of: Void.self) { group in
            for index in 1..<count {
                if index > 16 { try await group.next() }
                group.addTask {
                    let made = try await cluster.create(.pods, pod)
                    cluster.events.normal(set, "SuccessfulCreate", "Created pod: \(made.name)")
                }
            }
            try await group.waitForAll()
        }
    }

    private func remove(_ count: Int, of pods: [KubernetesObject], _ set: KubernetesObject) async throws {
        let perNode = Dictionary(grouping: pods) { $0.podNode ?? "" }.mapValues(\.count)
        let ranked = pods.map { (rank: DeletionRank($0, neighbours: perNode[$0.podNode ?? ""] ?? 1), pod: $0) }
            .sorted { $0.rank < $1.rank }
        for (_, pod) in ranked.prefix(count) {
            try await cluster.delete(.pods, pod)
            cluster.events.normal(set, "SuccessfulDelete", "Deleted pod: \(pod.name)")
        }
    }

    /// Writes the counts of the pods as they are now, and says when a Ready pod will count as available.
    private func report(_ key: ObjectKey) async throws -> Duration? {
        guard var set = cluster[.replicaSets][key] else { return nil }
        let pods = cluster.pods.owned(by: set.uid).filter { $0.controller?.uid == set.uid && $0.isPodActive }
        let minimum = cluster.clock.scaled(.seconds(set.spec["minReadySeconds"]?.integer ?? 0))
        let template = set["spec", "template", "metadata", "labels"]?.stringMap ?? [:]
        let ready = pods.filter(\.isPodReady)
        let available = ready.filter { $0.isPodAvailable(after: minimum, now: cluster.now()) }
        let labelled = pods.filter { pod in template.allSatisfy { pod.labels[$0.key] == $0.value } }
        var status = set.status
        status["replicas"] = .integer(Int64(pods.count))
        status["fullyLabeledReplicas"] = labelled.isEmpty ? nil : .integer(Int64(labelled.count))
        status["readyReplicas"] = ready.isEmpty ? nil : .integer(Int64(ready.count))
        status["availableReplicas"] = available.isEmpty ? nil : .integer(Int64(available.count))
        status["observedGeneration"] = .integer(max(set.generation, status["observedGeneration"]?.integer ?? 0))
        if status != set.status {
            set.status = status
            try await cluster.updateStatus(.replicaSets, set)
        }
        return available.count < ready.count ? max(minimum / 4, .milliseconds(50)) : nil
    }
}

/// Which pod of too many goes first: the one that would be missed least.
struct DeletionRank: Comparable {
    private let parts: [Int]
    private let readySince: Date
    private let created: String

    /// - Parameters:
    ///   - pod: the pod to rank.
    ///   - neighbours: how many pods of the same set its node has.
    init(_ pod: KubernetesObject, neighbours: Int) {
        let phase =
            switch pod.podPhase {
            case "Running": 2
            case "Unknown": 1
            default: 0
            }
        let cost = pod.annotations["controller.kubernetes.io/pod-deletion-cost"].flatMap { Int($0) } ?? 0
        parts = [pod.podNode == nil ? 0 : 1, phase, pod.isPodReady ? 1 : 0, cost, -neighbours, -pod.podRestarts]
        readySince = pod.podReadySince ?? .distantFuture
        created = pod.creationTimestamp ?? ""
    }

    /// Of equals, what became ready or was created last goes first.
    static func < (lhs: Self, rhs: Self) -> Bool {
        for (left, right) in zip(lhs.parts, rhs.parts) where left != right { return left < right }
        if lhs.readySince != rhs.readySince { return lhs.readySince > rhs.readySince }
        return lhs.created > rhs.created
    }
}
