/// The cluster as etcd told it, event by event, and what of it was not as promised.
struct Replay {
    var pods: [String: WireObject] = [:]
    var nodes: [String: WireObject] = [:]
    var budgets: [String: WireObject] = [:]
    var violations: [String] = []

    mutating func apply(_ event: SeenEvent) {
        let object = event.object
        let value = event.kind == .deleted ? nil : object
        switch event.resource {
        case .pods:
            let before = pods[object.identity]
            if event.kind != .listed, let value, value.spec?.nodeName != nil,
                before?.spec?.nodeName == nil || before?.metadata.uid != value.metadata.uid
            {
                judgePlacement(of: value)
            }
            pods[object.identity] = value
            if event.kind != .listed { judgeBudgets(after: event, before: before) }
        case .nodes:
            nodes[object.identity] = value
            if event.kind != .listed, let value { judgeKubelet(of: value) }
        case .budgets: budgets[object.identity] = value
        }
    }

    /// The minors of the API servers, by their mirror pods' images.
    var apiServerMinors: [Int] {
        pods.values.compactMap { pod in
            guard pod.metadata.labels?["component"] == "kube-apiserver" else { return nil }
            return pod.spec?.containers?.first?.image?.split(separator: ":").last.flatMap { Self.minor(String($0)) }
        }
    }

    private func matches(_ budget: WireObject, _ pod: WireObject) -> Bool {
        guard budget.metadata.namespace == pod.metadata.namespace else { return false }
        let labels = pod.metadata.labels ?? [:]
        return (budget.spec?.selector?.matchLabels ?? [:]).allSatisfy { labels[$0.key] == $0.value }
    }

    /// Only an event that takes a healthy pod away can violate a budget.
    private mutating func judgeBudgets(after event: SeenEvent, before: WireObject?) {
        let pod = event.object
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
                        + "when \(pod.identity) went (revision \(event.version))"
                )
            }
        }
    }

    /// The replicas each budget with `maxUnavailable` covers, told by the test.
    let expected = Observation.expectedReplicas

    private static func minor(_ version: String) -> Int? {
        let parts = version.drop { $0 == "v" }.split(separator: ".")
        return parts.count >= 2 ? Int(parts[1]) : nil
    }

    private mutating func judgeKubelet(of node: WireObject) {
        guard let kubelet = node.status?.nodeInfo.flatMap({ Self.minor($0.kubeletVersion) }) else { return }
        for server in apiServerMinors where kubelet > server {
            violations.append("the kubelet of \(node.identity) is 1.\(kubelet) while an API server is 1.\(server)")
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
