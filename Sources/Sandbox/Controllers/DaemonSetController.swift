package import KubernetesModel
import Placement

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// Keeps one pod of a DaemonSet on each node that may run one, cordoned nodes included.
///
/// Pods name their node by node affinity on `metadata.name`, and the scheduler binds them there.
package struct DaemonSetController: Controller {
    let cluster: CachedCluster

    package init(cluster: CachedCluster) { self.cluster = cluster }

    package func keys(affectedBy change: ObjectChange) -> [ObjectKey] {
        switch change.resource {
        case .daemonSets: [change.object.key]
        case .pods: change.controllerKeys(of: "DaemonSet")
        case .nodes where Self.matters(change): cluster[.daemonSets].keys
        default: []
        }
    }

    /// Heartbeats change a node's status all the time; what decides is elsewhere.
    private static func matters(_ change: ObjectChange) -> Bool {
        guard let old = change.old, let new = change.new else { return true }
        return old.labels != new.labels || old.spec != new.spec
    }

    /// What every daemon pod tolerates, whatever its template says.
    private static let tolerations: [JSONValue] = [
        ["key": "node.kubernetes.io/not-ready", "operator": "Exists", "effect": "NoExecute"],
        ["key": "node.kubernetes.io/unreachable", "operator": "Exists", "effect": "NoExecute"],
        ["key": "node.kubernetes.io/disk-pressure", "operator": "Exists", "effect": "NoSchedule"],
        ["key": "node.kubernetes.io/memory-pressure", "operator": "Exists", "effect": "NoSchedule"],
        ["key": "node.kubernetes.io/pid-pressure", "operator": "Exists", "effect": "NoSchedule"],
        ["key": "node.kubernetes.io/unschedulable", "operator": "Exists", "effect": "NoSchedule"],
    ]

    package func reconcile(_ key: ObjectKey) async throws -> Duration? {
        guard let set = cluster[.daemonSets][key], !set.isTerminating else { return nil }
        let pods = try await cluster.adoptedPods(of: set, selector: LabelSelector(set.spec["selector"]))
        let revisions = Revisions(cluster: cluster, owner: set)
        let update = try await revisions.current()
        let hash = update.labels[Revisions.label] ?? ""
        let state = Nodes(set: set, nodes: cluster.nodes.all, pods: pods, pod: template(of: set, hash: hash))
        try await place(set, state)
        try await roll(set, state, hash: hash)
        try await report(key, state, hash: hash)
        try await revisions.prune(inUse: [update.name])
        let minimum = minimumReady(set)
        let waits =
            minimum > .zero
            && pods.contains { pod in
                pod.isPodReady && !pod.isPodAvailable(after: minimum, now: cluster.now())
            }
        return waits ? max(minimum / 4, .milliseconds(50)) : nil
    }

    private func minimumReady(_ set: KubernetesObject) -> Duration {
        cluster.clock.scaled(.seconds(set.spec["minReadySeconds"]?.integer ?? 0))
    }

    /// The pod as it would be made, but for its node.
    private func template(of set: KubernetesObject, hash: String) -> KubernetesObject {
        var pod = PodTemplate.pod(
            set.spec["template"] ?? .object([:]),
            ownedBy: set,
            prefix: set.name + "-",
            labels: [Revisions.label: hash]
        )
        let isHostNetwork = pod.spec["hostNetwork"]?.bool ?? false
        let unavailable: [JSONValue] =
            isHostNetwork
            ? [["key": "node.kubernetes.io/network-unavailable", "operator": "Exists", "effect": "NoSchedule"]] : []
        let present = pod.spec["tolerations"]?.array ?? []
        let added = (Self.tolerations + unavailable).filter { !present.contains($0) }
        pod["spec", "tolerations"] = .array(present + added)
        return pod
    }

    private func place(_ set: KubernetesObject, _ state: Nodes) async throws {
        for pod in state.surplus where !pod.isTerminating {
            try await cluster.delete(.pods, pod)
            cluster.events.normal(set, "SuccessfulDelete", "Deleted pod: \(pod.name)")
        }
        for node in state.eligible {
            let present = state.podsByNode[node] ?? []
            for failed in present where failed.isPodFinished && !failed.isTerminating {
                try await cluster.delete(.pods, failed)
                cluster.events.warning(set, "FailedDaemonPod", "Found failed daemon pod \(failed.key) on node \(node)")
            }
            guard present.isEmpty else { continue }
            let made = try await cluster.create(.pods, Self.pin(state.pod, to: node))
            cluster.events.normal(set, "SuccessfulCreate", "Created pod: \(made.name)")
        }
    }

    /// RollingUpdate: replaces pods of older revisions while no more than maxUnavailable nodes lack an available one.
    private func roll(_ set: KubernetesObject, _ state: Nodes, hash: String) async throws {
        guard set["spec", "updateStrategy", "type"]?.string != "OnDelete" else { return }
        let rolling = set["spec", "updateStrategy", "rollingUpdate"]
        let total = state.eligible.count
        let rule = IntOrPercent(rolling?["maxUnavailable"]) ?? .count(1)
        let surge = IntOrPercent(rolling?["maxSurge"])?.scaled(to: total) ?? 0
        let limit = max(rule.scaled(to: total), surge > 0 ? 0 : 1, surge > 0 ? 1 : 0)
        let minimum = minimumReady(set)
        var unavailable = 0
        var healthy: [KubernetesObject] = []
        for node in state.eligible {
            let live = (state.podsByNode[node] ?? []).filter(\.isPodActive)
            guard let pod = live.first, pod.isPodAvailable(after: minimum, now: cluster.now()) else {
                unavailable += 1
                // An old pod that does not work is replaced whatever the limit says.
                if let broken = live.first, broken.labels[Revisions.label] != hash, !broken.isPodReady {
                    try await cluster.delete(.pods, broken)
                }
                continue
            }
            if pod.labels[Revisions.label] != hash { healthy.append(pod) }
        }
        for pod in healthy.prefix(max(0, limit - unavailable)) {
            try await cluster.delete(.pods, pod)
            cluster.events.normal(set, "SuccessfulDelete", "Deleted pod: \(pod.name)")
        }
    }

    private func report(_ key: ObjectKey, _ state: Nodes, hash: String) async throws {
        guard var set = cluster[.daemonSets][key] else { return }
        let eligible = Set(state.eligible)
        var (current, misplaced, ready, available, updated) = (0, 0, 0, 0, 0)
        let minimum = minimumReady(set)
        var seen: Set<String> = []
        let pods = cluster.pods.owned(by: set.uid).filter { $0.controller?.uid == set.uid && $0.isPodActive }
        for pod in pods {
            guard let node = Self.node(of: pod), seen.insert(node).inserted else { continue }
            guard eligible.contains(node) else {
                misplaced += 1
                continue
            }
            current += 1
            if pod.isPodReady { ready += 1 }
            if pod.isPodAvailable(after: minimum, now: cluster.now()) { available += 1 }
            if pod.labels[Revisions.label] == hash { updated += 1 }
        }
        let desired = eligible.count
        var status = set.status
        status["currentNumberScheduled"] = .integer(Int64(current))
        status["desiredNumberScheduled"] = .integer(Int64(desired))
        status["numberMisscheduled"] = .integer(Int64(misplaced))
        status["numberReady"] = .integer(Int64(ready))
        status["numberAvailable"] = available == 0 ? nil : .integer(Int64(available))
        status["numberUnavailable"] = desired == available ? nil : .integer(Int64(desired - available))
        status["updatedNumberScheduled"] = updated == 0 ? nil : .integer(Int64(updated))
        status["observedGeneration"] = .integer(set.generation)
        guard status != set.status else { return }
        set.status = status
        try await cluster.updateStatus(.daemonSets, set)
    }

    // MARK: The node of a daemon pod

    /// The node a pod is bound to or asks for by name.
    static func node(of pod: KubernetesObject) -> String? {
        if let node = pod.podNode { return node }
        let terms = pod[
            "spec",
            "affinity",
            "nodeAffinity",
            "requiredDuringSchedulingIgnoredDuringExecution",
            "nodeSelectorTerms"
        ]
        for term in terms?.array ?? [] {
            for field in term["matchFields"]?.array ?? [] where field["key"]?.string == "metadata.name" {
                if let name = field["values"]?[0]?.string { return name }
            }
        }
        return nil
    }

    /// Replaces the required node affinity by one that names `node`, as the real controller does.
    static func pin(_ pod: KubernetesObject, to node: String) -> KubernetesObject {
        var pod = pod
        pod[
            "spec",
            "affinity",
            "nodeAffinity",
            "requiredDuringSchedulingIgnoredDuringExecution"
        ] = [
            "nodeSelectorTerms": [
                ["matchFields": [["key": "metadata.name", "operator": "In", "values": [.string(node)]]]]
            ]
        ]
        return pod
    }
}

/// Which nodes a DaemonSet is for, and which of its pods are where.
private struct Nodes: Sendable {
    let pod: KubernetesObject
    var eligible: [String] = []
    var podsByNode: [String: [KubernetesObject]] = [:]
    /// Pods on nodes they should not be on, and all but the oldest of several on one node.
    var surplus: [KubernetesObject] = []

    init(set: KubernetesObject, nodes: [KubernetesObject], pods: [KubernetesObject], pod: KubernetesObject) {
        self.pod = pod
        for pod in pods {
            if let node = DaemonSetController.node(of: pod) { podsByNode[node, default: []].append(pod) }
        }
        let needs = Pod(pod)
        var mayStay: Set<String> = []
        for object in nodes {
            let node = Node(object)
            guard Self.selects(needs, node) else { continue }
            let untolerated = node.taints.filter { $0.effect != .preferNoSchedule && !needs.tolerates($0) }
            if untolerated.isEmpty { eligible.append(node.name) }
            if untolerated.allSatisfy({ $0.effect == .noSchedule }) { mayStay.insert(node.name) }
        }
        eligible.sort()
        for (node, present) in podsByNode {
            guard mayStay.contains(node) else {
                surplus += present
                continue
            }
            let live = present.filter(\.isPodActive)
            guard live.count > 1 else { continue }
            surplus += live.sorted { ($0.creationTimestamp ?? "") < ($1.creationTimestamp ?? "") }.dropFirst()
        }
    }

    /// Node name, nodeSelector and required node affinity; nothing that depends on other pods.
    private static func selects(_ pod: Pod, _ node: Node) -> Bool {
        if let name = pod.nodeName, name != node.name { return false }
        var plain = node.object
        plain.spec = ["podCIDR": plain.spec["podCIDR"] ?? .null]
        plain["status", "allocatable"] = nil
        plain["status", "capacity"] = nil
        var needs = pod.object
        needs.spec = [
            "nodeSelector": needs.spec["nodeSelector"] ?? .null,
            "affinity": [
                "nodeAffinity": needs["spec", "affinity", "nodeAffinity"] ?? .null
            ],
        ]
        needs.namespace = needs.namespace ?? "default"
        return Placement.fits(Pod(needs), on: node.name, in: ClusterState(nodes: [Node(plain)], pods: [])).fits
    }
}
