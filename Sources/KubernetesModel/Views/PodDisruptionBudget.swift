/// A PodDisruptionBudget of policy/v1 (or v1beta1, where an empty selector chooses nothing).
package struct PodDisruptionBudget: Sendable, Hashable {
    package enum UnhealthyPods: String, Sendable, Hashable {
        /// An unready pod may go only while enough others are healthy. The default.
        case ifHealthyBudget = "IfHealthyBudget"
        case alwaysAllow = "AlwaysAllow"
    }

    package var object: KubernetesObject

    package init(_ object: KubernetesObject) { self.object = object }

    package var key: ObjectKey { object.key }
    package var name: String { object.name }
    package var namespace: String { object.namespace ?? "default" }

    private var spec: JSONValue? { object.value["spec"] }
    private var status: JSONValue? { object.value["status"] }

    package var selector: LabelSelector {
        let selector = LabelSelector(spec?["selector"])
        return object.apiVersion == "policy/v1beta1" && selector.matchesEverything ? .nothing : selector
    }
    package func matches(_ pod: Pod) -> Bool { namespace == pod.namespace && selector.matches(pod.object) }

    package var minAvailable: IntOrPercent? { IntOrPercent(spec?["minAvailable"]) }
    package var maxUnavailable: IntOrPercent? { IntOrPercent(spec?["maxUnavailable"]) }
    package var unhealthyPods: UnhealthyPods {
        spec?["unhealthyPodEvictionPolicy"]?.string.flatMap(UnhealthyPods.init) ?? .ifHealthyBudget
    }
    /// `minAvailable 2` or `maxUnavailable 25%`, for messages.
    package var rule: String {
        if let minAvailable { return "minAvailable \(minAvailable)" }
        if let maxUnavailable { return "maxUnavailable \(maxUnavailable)" }
        return "no rule"
    }

    package var disruptionsAllowed: Int { status?["disruptionsAllowed"]?.int ?? 0 }
    package var currentHealthy: Int { status?["currentHealthy"]?.int ?? 0 }
    package var desiredHealthy: Int { status?["desiredHealthy"]?.int ?? 0 }
    package var expectedPods: Int { status?["expectedPods"]?.int ?? 0 }
    package var observedGeneration: Int64 { status?["observedGeneration"]?.integer ?? 0 }
    /// The status speaks of the spec as it is now.
    package var isObserved: Bool { observedGeneration >= object.generation }
    /// Pods that were granted an eviction and are not seen to go yet: name and time of the grant.
    package var disruptedPods: [String: String] { status?["disruptedPods"]?.stringMap ?? [:] }
}
