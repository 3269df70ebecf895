import KubernetesModel

/// What a pod's rules about its neighbours come to in a state: worked out once, then asked for each node.
struct Neighbourhood: Sendable {
    /// A label of nodes and one value of it.
    struct Domain: Hashable, Sendable {
        var key: String
        var value: String
    }

    private struct Spread: Sendable {
        var constraint: TopologySpreadConstraint
        var counts: [String: Int]
        var smallest: Int
        var countsItself: Int
    }

    private let pod: PodNeeds
    private var spreads: [Spread] = []
    /// Domains where a pod stands that all required affinity terms want.
    private var attracting: Set<Domain> = []
    private var mayStandAlone = false
    private var avoided: Set<Domain> = []
    private var repelled: Set<Domain> = []
    private var repellingKeys: Set<String> = []

    init(of pod: PodNeeds, in state: ClusterState) {
        self.pod = pod
        let required = pod.spread.filter(\.isRequired)
        if !required.isEmpty { spreads = Self.spreads(required, of: pod, in: state) }
        if !pod.affinity.isEmpty {
            attracting = Self.domains(near: pod.affinity, in: state)
            mayStandAlone =
                attracting.isEmpty
                && pod.affinity.allSatisfy {
                    $0.matches(
                        namespace: pod.namespace,
                        labels: pod.labels,
                        namespaceLabels: state.namespaceLabels
                    )
                }
        }
        for term in pod.antiAffinity { avoided.formUnion(Self.domains(near: [term], in: state)) }
        for (term, nodes) in state.repulsions
        where term.matches(namespace: pod.namespace, labels: pod.labels, namespaceLabels: state.namespaceLabels) {
            repellingKeys.insert(term.topologyKey)
            for node in nodes.keys {
                guard let value = state.rooms[node]?.labels[term.topologyKey] else { continue }
                repelled.insert(Domain(key: term.topologyKey, value: value))
            }
        }
    }

    func reasons(against room: NodeRoom) -> [Verdict.Reason] {
        for spread in spreads {
            guard let value = room.labels[spread.constraint.topologyKey] else { return [.spreadLabelMissing] }
            let skew = (spread.counts[value] ?? 0) + spread.countsItself - spread.smallest
            if skew > spread.constraint.maxSkew { return [.spread] }
        }
        for term in pod.affinity {
            guard let value = room.labels[term.topologyKey] else { return [.affinity] }
            if !mayStandAlone, !attracting.contains(Domain(key: term.topologyKey, value: value)) {
                return [.affinity]
            }
        }
        for term in pod.antiAffinity {
            guard let value = room.labels[term.topologyKey] else { continue }
            if avoided.contains(Domain(key: term.topologyKey, value: value)) { return [.antiAffinity] }
        }
        for key in repellingKeys {
            guard let value = room.labels[key] else { continue }
            if repelled.contains(Domain(key: key, value: value)) { return [.antiAffinityOfOthers] }
        }
        return []
    }

    // MARK: Working it out

    /// Domains of the nodes where a pod stands that every one of `terms` speaks of.
    private static func domains(near terms: [PodAffinityTerm], in state: ClusterState) -> Set<Domain> {
        var domains: Set<Domain> = []
        for (namespace, groups) in state.groups {
            for (labels, nodes) in groups {
                let isMeant = terms.allSatisfy {
                    $0.matches(namespace: namespace, labels: labels, namespaceLabels: state.namespaceLabels)
                }
                guard isMeant else { continue }
                for node in nodes.keys {
                    guard let room = state.rooms[node] else { continue }
                    for term in terms {
                        guard let value = room.labels[term.topologyKey] else { continue }
                        domains.insert(Domain(key: term.topologyKey, value: value))
                    }
                }
            }
        }
        return domains
    }

    private static func spreads(
        _ constraints: [TopologySpreadConstraint],
        of pod: PodNeeds,
        in state: ClusterState
    ) -> [Spread] {
        constraints.map { constraint in
            let fellows = fellows(of: pod, chosenBy: constraint.selector, in: state)
            var counts: [String: Int] = [:]
            for room in state.rooms.values {
                // A node counts only if it has the labels of every required constraint.
                guard constraints.allSatisfy({ room.labels[$0.topologyKey] != nil }),
                    let value = room.labels[constraint.topologyKey]
                else { continue }
                if constraint.honoursNodeAffinity, !pod.selects(room) { continue }
                if constraint.honoursNodeTaints {
                    if pod.untolerated(on: room) != nil { continue }
                    if room.isUnschedulable, !pod.tolerates(.unschedulable) { continue }
                }
                counts[value, default: 0] += fellows[room.name] ?? 0
            }
            let isShort = counts.count < constraint.minDomains ?? 1
            return Spread(
                constraint: constraint,
                counts: counts,
                smallest: isShort ? 0 : counts.values.min() ?? 0,
                countsItself: constraint.selector.matches(pod.labels) ? 1 : 0
            )
        }
    }

    /// How many pods that stay stand on each node, of those in the pod's namespace that `selector` chooses.
    static func fellows(of pod: PodNeeds, chosenBy selector: LabelSelector, in state: ClusterState) -> [String: Int] {
        var fellows: [String: Int] = [:]
        for (labels, nodes) in state.groups[pod.namespace] ?? [:] where selector.matches(labels) {
            for (node, count) in nodes { fellows[node, default: 0] += count.all - count.terminating }
        }
        return fellows
    }
}
