/// All that an ``Observer`` saw, and the judgement of it.
struct Observation: Sendable {
    var records: [String: [SeenEvent]]
    var polls: [Poll]
    var gaps: [String]

    /// What is left of a watch's objects at its end, as `identity resourceVersion`.
    static func final(_ events: [SeenEvent]) -> Set<String> {
        var last: [String: String] = [:]
        for event in events {
            last[event.object.identity] = event.kind == .deleted ? nil : event.object.metadata.resourceVersion
        }
        return Set(last.map { "\($0.key) \($0.value)" })
    }

    /// Everything that was not as promised; empty is good.
    func violations() -> [String] {
        var found = gaps + tooFewServing()
        for server in servers {
            var replay = Replay()
            for (path, event) in merged(server) { replay.apply(event, path: path) }
            found += replay.violations.map { "as seen from \(server): \($0)" }
        }
        return found
    }

    /// Evictions (DisruptionTarget or deletion of a bound pod) by pod name, for the record.
    func evictionsByPod() -> [String: Int] {
        guard let server = servers.first else { return [:] }
        var terminating: [String: Set<String>] = [:]
        for (path, event) in merged(server) where path.hasSuffix("/pods") {
            let pod = event.object
            let isTarget = pod.status?.conditions?.contains { $0.type == "DisruptionTarget" } ?? false
            if isTarget, let uid = pod.metadata.uid { terminating[pod.identity, default: []].insert(uid) }
        }
        return terminating.mapValues(\.count)
    }

    private var servers: [String] {
        Set(records.keys.compactMap { $0.split(separator: " ").first.map(String.init) }).sorted()
    }

    /// One server's events of all resources in the order they happened.
    private func merged(_ server: String) -> [(path: String, event: SeenEvent)] {
        records.flatMap { key, events -> [(path: String, event: SeenEvent)] in
            let parts = key.split(separator: " ").map(String.init)
            guard parts.count == 2, parts[0] == server else { return [] }
            return events.map { (parts[1], $0) }
        }
        .sorted { $0.event.version < $1.event.version }
    }

    private func tooFewServing() -> [String] {
        var found: [String] = []
        for (earlier, later) in zip(polls, polls.dropFirst()) where later.began - earlier.began > .seconds(5) {
            found.append("the observer itself was away for \(later.began - earlier.began)")
        }
        for poll in polls {
            if poll.apiServers.count < 2 {
                found.append("only \(poll.apiServers.sorted()) of the API servers were ready")
            }
            if poll.members.count < 2 { found.append("only \(poll.members.sorted()) of the etcd members were healthy") }
        }
        return found
    }
}

/// The cluster as one API server told it, event by event.
private struct Replay {
    var pods: [String: WireObject] = [:]
    var nodes: [String: WireObject] = [:]
    var budgets: [String: WireObject] = [:]
    var hasListed = false
    var violations: [String] = []

    mutating func apply(_ event: SeenEvent, path: String) {
        let object = event.object
        let value = event.kind == .deleted ? nil : object
        switch path {
        case let path where path.hasSuffix("/pods"):
            let before = pods[object.identity]
            if event.kind != .listed, let value, value.spec?.nodeName != nil,
                before?.spec?.nodeName == nil || before?.metadata.uid != value.metadata.uid
            {
                judgePlacement(of: value)
            }
            pods[object.identity] = value
            if event.kind != .listed { judgeBudgets(after: object, before: before) }
        case let path where path.hasSuffix("/nodes"):
            nodes[object.identity] = value
            if event.kind != .listed, let value { judgeKubelet(of: value) }
        default: budgets[object.identity] = value
        }
    }

    private func matches(_ budget: WireObject, _ pod: WireObject) -> Bool {
        guard budget.metadata.namespace == pod.metadata.namespace else { return false }
        let labels = pod.metadata.labels ?? [:]
        return (budget.spec?.selector?.matchLabels ?? [:]).allSatisfy { labels[$0.key] == $0.value }
    }

    /// Only an event that takes a healthy pod away can violate a budget.
    private mutating func judgeBudgets(after pod: WireObject, before: WireObject?) {
        guard before?.isHealthyPod == true, pods[pod.identity]?.isHealthyPod != true else { return }
        for budget in budgets.values where matches(budget, pod) {
            let all = pods.values.filter { matches(budget, $0) }
            let healthy = all.filter(\.isHealthyPod).count
            let needed: Int
            switch (budget.spec?.minAvailable, budget.spec?.maxUnavailable) {
            case (.count(let least)?, _): needed = least
            case (_, .count(let most)?):
                needed = max(0, (expected[budget.identity] ?? 0) - most)
            default: continue
            }
            if healthy < needed {
                violations.append(
                    "budget \(budget.identity) needs \(needed) healthy pods and had \(healthy) "
                        + "when \(pod.identity) went (version \(pod.metadata.resourceVersion))"
                )
            }
        }
    }

    /// The replicas each budget with `maxUnavailable` covers, told by the test.
    var expected: [String: Int] = Observation.expectedReplicas

    private static func minor(_ version: String) -> Int? {
        let parts = version.drop { $0 == "v" }.split(separator: ".")
        return parts.count >= 2 ? Int(parts[1]) : nil
    }

    private mutating func judgeKubelet(of node: WireObject) {
        guard let kubelet = node.status?.nodeInfo.flatMap({ Self.minor($0.kubeletVersion) }) else { return }
        for pod in pods.values where pod.metadata.labels?["component"] == "kube-apiserver" {
            guard let image = pod.spec?.containers?.first?.image, let tag = image.split(separator: ":").last,
                let server = Self.minor(String(tag))
            else { continue }
            if kubelet > server {
                violations.append("kubelet of \(node.identity) is 1.\(kubelet) while \(pod.identity) is 1.\(server)")
            }
        }
    }

    /// Within a hop a pod must not land on a node still to come while an upgraded one could take it.
    private mutating func judgePlacement(of pod: WireObject) {
        guard let name = pod.spec?.nodeName, let node = nodes["/\(name)"], isWorkload(pod),
            let version = node.status?.nodeInfo?.kubeletVersion, let own = Self.minor(version)
        else { return }
        let newer = nodes.values.filter { candidate in
            guard let kubelet = candidate.status?.nodeInfo?.kubeletVersion, let minor = Self.minor(kubelet) else {
                return false
            }
            return minor > own && candidate.isReady && candidate.spec?.unschedulable != true
                && !(candidate.spec?.taints ?? []).contains { $0.effect == "NoSchedule" || $0.effect == "NoExecute" }
                && hasRoom(candidate, for: pod) && !hasSibling(candidate, of: pod)
        }
        if let better = newer.first {
            violations.append(
                "\(pod.identity) landed on \(name) (1.\(own)) although \(better.metadata.name ?? "") could take it"
            )
        }
    }

    private func isWorkload(_ pod: WireObject) -> Bool {
        pod.metadata.namespace == "shop" && !(pod.metadata.name ?? "").hasPrefix("log-agent")
    }

    /// The sample's only hard rule: two pods of the StatefulSet never share a node.
    private func hasSibling(_ node: WireObject, of pod: WireObject) -> Bool {
        guard pod.metadata.labels?["app"] == "orders" else { return false }
        return pods.values.contains {
            $0.spec?.nodeName == node.metadata.name && $0.metadata.labels?["app"] == "orders"
                && $0.metadata.uid != pod.metadata.uid
        }
    }

    private func hasRoom(_ node: WireObject, for pod: WireObject) -> Bool {
        let used = pods.values.filter { $0.spec?.nodeName == node.metadata.name && $0.status?.phase != "Succeeded" }
        func milli(_ pods: [WireObject]) -> Int {
            pods.flatMap { $0.spec?.containers ?? [] }.reduce(0) { total, container in
                let text = container.resources?.requests?["cpu"] ?? "0"
                return total + (text.hasSuffix("m") ? Int(text.dropLast()) ?? 0 : (Int(text) ?? 0) * 1000)
            }
        }
        let cpu = node.status?.allocatable?["cpu"] ?? "0"
        let capacity = cpu.hasSuffix("m") ? Int(cpu.dropLast()) ?? 0 : (Int(cpu) ?? 0) * 1000
        return milli(used) + milli([pod]) <= capacity
    }
}

extension Observation {
    /// Of the sample shop's budgets with `maxUnavailable`: how many replicas they cover.
    static let expectedReplicas = ["shop/cart": 4, "shop/orders": 3]
}
