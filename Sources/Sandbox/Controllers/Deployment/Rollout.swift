import KubernetesModel

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// A Deployment beside its ReplicaSets: which is the newest, and how far a rollout may go.
struct Rollout: Sendable {
    enum Strategy: Sendable, Hashable { case rollingUpdate, recreate }

    static let revisionAnnotation = "deployment.kubernetes.io/revision"
    static let hashLabel = "pod-template-hash"

    var deployment: KubernetesObject
    /// The ReplicaSet of the Deployment's present template.
    var newest: KubernetesObject?
    /// The others, oldest first.
    var old: [KubernetesObject]

    init(deployment: KubernetesObject, sets: [KubernetesObject]) {
        self.deployment = deployment
        let template = deployment.spec["template"] ?? .object([:])
        let hash = PodTemplate.hash(template)
        let sorted = sets.sorted { ($0.creationTimestamp ?? "", $0.name) < ($1.creationTimestamp ?? "", $1.name) }
        newest = sorted.first { set in
            if set.labels[Self.hashLabel] == hash { return true }
            var plain = set.spec["template"] ?? .object([:])
            plain["metadata", "labels", Self.hashLabel] = nil
            return plain == template
        }
        let newestUID = newest?.uid
        old = sorted.filter { $0.uid != newestUID }
    }

    var all: [KubernetesObject] { old + [newest].compactMap(\.self) }
    var desired: Int { max(0, deployment.spec["replicas"]?.int ?? 1) }
    var strategy: Strategy {
        deployment["spec", "strategy", "type"]?.string == "Recreate" ? .recreate : .rollingUpdate
    }
    var maxSurge: Int {
        guard strategy == .rollingUpdate else { return 0 }
        let rule = IntOrPercent(deployment["spec", "strategy", "rollingUpdate", "maxSurge"]) ?? .percent(25)
        return max(0, rule.scaled(to: desired))
    }
    /// At least one where neither limit lets anything move.
    var maxUnavailable: Int {
        guard strategy == .rollingUpdate else { return desired }
        let rule = IntOrPercent(deployment["spec", "strategy", "rollingUpdate", "maxUnavailable"]) ?? .percent(25)
        let limit = max(0, rule.scaled(to: desired, roundingUp: false))
        return min(limit == 0 && maxSurge == 0 ? 1 : limit, desired)
    }

    /// Replicas the newest ReplicaSet may have now, given what the others still have.
    func replicasOfNewest(present: Int) -> Int {
        guard strategy == .rollingUpdate else { return desired }
        if present >= desired { return desired }
        let total = old.reduce(present) { $0 + ($1.spec["replicas"]?.int ?? 0) }
        return present + max(0, min(desired + maxSurge - total, desired - present))
    }

    /// A ReplicaSet for the present template.
    func freshSet() -> KubernetesObject {
        var template = deployment.spec["template"] ?? .object([:])
        let hash = PodTemplate.hash(template)
        var labels = template["metadata", "labels"]?.stringMap ?? [:]
        labels[Self.hashLabel] = hash
        template["metadata", "labels"] = JSONValue(labels)
        var selector = deployment.spec["selector"] ?? .object([:])
        selector["matchLabels", Self.hashLabel] = .string(hash)
        var set = KubernetesObject(
            .replicaSets,
            namespace: deployment.namespace,
            name: "\(deployment.name)-\(hash)"
        )
        set.labels = labels
        set.annotations = deployment.annotations.filter {
            $0.key != "kubectl.kubernetes.io/last-applied-configuration" && $0.key != Self.revisionAnnotation
        }.merging([
            Self.revisionAnnotation: "\((old.map(\.revisionNumber).max() ?? 0) + 1)",
            "deployment.kubernetes.io/desired-replicas": "\(desired)",
            "deployment.kubernetes.io/max-replicas": "\(desired + maxSurge)",
        ]) { $1 }
        set["metadata", "ownerReferences"] = .array([OwnerReference(controller: deployment).value])
        set.spec = [
            "replicas": .integer(Int64(replicasOfNewest(present: 0))), "selector": selector, "template": template,
        ]
        if let minimum = deployment.spec["minReadySeconds"] { set["spec", "minReadySeconds"] = minimum }
        return set
    }
}

extension KubernetesObject {
    /// The revision a Deployment's ReplicaSet carries; 0 without one.
    var revisionNumber: Int { annotations[Rollout.revisionAnnotation].flatMap { Int($0) } ?? 0 }
}
