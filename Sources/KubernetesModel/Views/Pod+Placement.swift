/// What a pod says about where it may run.
extension Pod {
    private var spec: JSONValue? { object.value["spec"] }

    package var tolerations: [Toleration] { (spec?["tolerations"]?.array ?? []).compactMap(Toleration.init) }

    package func tolerates(_ taint: Taint) -> Bool { tolerations.contains { $0.tolerates(taint) } }

    package var nodeSelector: [String: String] { spec?["nodeSelector"]?.stringMap ?? [:] }

    /// Node selector terms, of which one must match; nil where any node will do.
    package var requiredNodeAffinity: [JSONValue]? {
        spec?["affinity"]?["nodeAffinity"]?["requiredDuringSchedulingIgnoredDuringExecution"]?["nodeSelectorTerms"]?
            .array
    }
    package var preferredNodeAffinity: [(weight: Int64, term: JSONValue)] {
        preferred("nodeAffinity", "preference")
    }

    package var requiredPodAffinity: [PodAffinityTerm] { required("podAffinity") }
    package var requiredPodAntiAffinity: [PodAffinityTerm] { required("podAntiAffinity") }
    package var preferredPodAffinity: [(weight: Int64, term: PodAffinityTerm)] {
        preferred("podAffinity", "podAffinityTerm").map { ($0.weight, PodAffinityTerm($0.term, of: self)) }
    }
    package var preferredPodAntiAffinity: [(weight: Int64, term: PodAffinityTerm)] {
        preferred("podAntiAffinity", "podAffinityTerm").map { ($0.weight, PodAffinityTerm($0.term, of: self)) }
    }

    package var topologySpreadConstraints: [TopologySpreadConstraint] {
        (spec?["topologySpreadConstraints"]?.array ?? []).map { TopologySpreadConstraint($0, of: self) }
    }

    private func required(_ kind: String) -> [PodAffinityTerm] {
        (spec?["affinity"]?[kind]?["requiredDuringSchedulingIgnoredDuringExecution"]?.array ?? [])
            .map { PodAffinityTerm($0, of: self) }
    }

    private func preferred(_ kind: String, _ member: String) -> [(weight: Int64, term: JSONValue)] {
        (spec?["affinity"]?[kind]?["preferredDuringSchedulingIgnoredDuringExecution"]?.array ?? []).compactMap {
            guard let weight = $0["weight"]?.integer, let term = $0[member] else { return nil }
            return (min(max(weight, 0), 100), term)
        }
    }
}

/// Near (or away from) which other pods a pod must run.
package struct PodAffinityTerm: Sendable, Hashable {
    package var selector: LabelSelector
    /// Names of namespaces; the pod's own where the term names none and selects none.
    package var namespaces: Set<String>
    /// Namespaces chosen by label; nil where the term has no such selector.
    package var namespaceSelector: LabelSelector?
    package var topologyKey: String

    package init(_ value: JSONValue, of pod: Pod) {
        selector = LabelSelector(value["labelSelector"])
        selector.narrow(by: value, labels: pod.labels)
        namespaces = Set(value["namespaces"]?.strings ?? [])
        namespaceSelector = value["namespaceSelector"].flatMap { $0.isNull ? nil : LabelSelector($0) }
        if namespaces.isEmpty, namespaceSelector == nil { namespaces = [pod.namespace] }
        topologyKey = value["topologyKey"]?.string ?? ""
    }
}

/// How evenly a pod's fellows must stand over zones, nodes or other groups of nodes.
package struct TopologySpreadConstraint: Sendable, Hashable {
    package var topologyKey: String
    package var maxSkew: Int
    package var minDomains: Int?
    package var selector: LabelSelector
    /// False for `ScheduleAnyway`, which is only a preference.
    package var isRequired: Bool
    package var honoursNodeAffinity: Bool
    package var honoursNodeTaints: Bool

    package init(_ value: JSONValue, of pod: Pod) {
        topologyKey = value["topologyKey"]?.string ?? ""
        maxSkew = max(value["maxSkew"]?.int ?? 1, 1)
        minDomains = value["minDomains"]?.int
        selector = LabelSelector(value["labelSelector"])
        selector.narrow(by: value, labels: pod.labels)
        isRequired = value["whenUnsatisfiable"]?.string != "ScheduleAnyway"
        honoursNodeAffinity = value["nodeAffinityPolicy"]?.string != "Ignore"
        honoursNodeTaints = value["nodeTaintsPolicy"]?.string == "Honor"
    }
}

extension LabelSelector {
    /// Adds what `matchLabelKeys` and `mismatchLabelKeys` mean for a pod with these labels.
    fileprivate mutating func narrow(by term: JSONValue, labels: [String: String]) {
        for key in term["matchLabelKeys"]?.strings ?? [] {
            if let value = labels[key] { requirements?.append(Requirement(key, .isIn([value]))) }
        }
        for key in term["mismatchLabelKeys"]?.strings ?? [] {
            if let value = labels[key] { requirements?.append(Requirement(key, .isNotIn([value]))) }
        }
    }
}
