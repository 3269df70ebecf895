package import KubernetesModel

/// What a pod asks of the node it runs on and of its neighbours, read from its object once.
///
/// A class, because a state holds up to 150,000 of them and hands them around; it never changes.
package final class PodNeeds: Sendable {
    package let key: ObjectKey
    package let uid: String
    package let namespace: String
    package let labels: [String: String]
    package let isTerminating: Bool
    package let requests: Amounts
    package let hostPorts: [HostPort]
    package let priority: Int64
    let tolerations: [Toleration]
    let nodeSelector: LabelSelector?
    let nodeTerms: [NodeTerm]?
    let preferredNodeTerms: [(weight: Int64, term: NodeTerm)]
    let affinity: [PodAffinityTerm]
    let antiAffinity: [PodAffinityTerm]
    let preferredAffinity: [(weight: Int64, term: PodAffinityTerm)]
    let spread: [TopologySpreadConstraint]
    let claims: [ObjectKey]

    package init(_ pod: Pod) {
        key = pod.key
        uid = pod.uid
        namespace = pod.namespace
        labels = pod.labels
        isTerminating = pod.isTerminating
        requests = Amounts(pod.requests)
        hostPorts = pod.hostPorts
        priority = pod.priority
        tolerations = pod.tolerations
        let selector = pod.nodeSelector
        nodeSelector = selector.isEmpty ? nil : LabelSelector(matching: selector)
        nodeTerms = pod.requiredNodeAffinity?.map(NodeTerm.init)
        preferredNodeTerms = pod.preferredNodeAffinity.map { ($0.weight, NodeTerm($0.term)) }
        affinity = pod.requiredPodAffinity
        antiAffinity = pod.requiredPodAntiAffinity
        preferredAffinity =
            pod.preferredPodAffinity + pod.preferredPodAntiAffinity.map { (-$0.weight, $0.term) }
        spread = pod.topologySpreadConstraints
        claims = pod.claimNames.map { ObjectKey(namespace: pod.namespace, name: $0) }
    }

    func tolerates(_ taint: Taint) -> Bool { tolerations.contains { $0.tolerates(taint) } }

    /// The node's labels and name are what the pod's selector and required affinity ask for.
    func selects(_ room: NodeRoom) -> Bool {
        if let nodeSelector, !nodeSelector.matches(room.labels) { return false }
        return nodeTerms?.contains { $0.matches(room) } ?? true
    }

    /// The first taint that keeps the pod off the node.
    func untolerated(on room: NodeRoom) -> Taint? {
        room.taints.first { $0.effect != .preferNoSchedule && !tolerates($0) }
    }
}

/// One node selector term: all its expressions must hold; an empty or malformed one matches no node.
struct NodeTerm: Sendable, Hashable {
    private let labels: LabelSelector
    private let names: LabelSelector

    init(_ term: JSONValue) {
        let expressions = term["matchExpressions"]?.array ?? []
        let fields = term["matchFields"]?.array ?? []
        let isEmpty = expressions.isEmpty && fields.isEmpty
        labels = isEmpty ? .nothing : Self.selector(expressions)
        names = Self.selector(fields)
    }

    private static func selector(_ expressions: [JSONValue]) -> LabelSelector {
        let requirements = expressions.compactMap(LabelSelector.Requirement.init)
        return LabelSelector(requirements: requirements.count == expressions.count ? requirements : nil)
    }

    func matches(_ room: NodeRoom) -> Bool {
        labels.matches(room.labels) && (names.matchesEverything || names.matches(["metadata.name": room.name]))
    }
}

extension PodAffinityTerm {
    /// The term speaks of pods with these labels in this namespace.
    func matches(namespace: String, labels: [String: String], namespaceLabels: [String: [String: String]]) -> Bool {
        guard isMeant(namespace, namespaceLabels) else { return false }
        return selector.matches(labels)
    }

    private func isMeant(_ namespace: String, _ namespaceLabels: [String: [String: String]]) -> Bool {
        if namespaces.contains(namespace) { return true }
        guard let namespaceSelector else { return false }
        return namespaceSelector.matches(
            namespaceLabels[namespace] ?? ["kubernetes.io/metadata.name": namespace]
        )
    }
}
