import KubernetesModel

/// How good a node that fits is: higher is better.
///
/// Weights follow kube-scheduler's: soft taints 3, preferred affinity and spread 2, room left 1, each part between 0
/// and 100. Without constraints of its own a pod is spread away from pods with its labels.
struct Scoring {
    private let pod: PodNeeds
    private let state: ClusterState
    private let fellows: [String: Int]
    private let neighbours: [Neighbourhood.Domain: Int64]

    init(of pod: PodNeeds, in state: ClusterState) {
        self.pod = pod
        self.state = state
        let soft = pod.spread.first { !$0.isRequired }?.selector ?? LabelSelector(matching: pod.labels)
        fellows = pod.labels.isEmpty ? [:] : Neighbourhood.fellows(of: pod, chosenBy: soft, in: state)
        neighbours = Self.neighbours(of: pod, in: state)
    }

    func best(of rooms: [NodeRoom]) -> String? {
        guard rooms.count > 1 else { return rooms.first?.name }
        let taints = Self.scaled(rooms.map { Double(softTaints(on: $0)) }, higherIsBetter: false)
        let preferences = Self.scaled(rooms.map { Double(preference(for: $0)) }, higherIsBetter: true)
        let nearby = Self.scaled(rooms.map { Double(nearness(to: $0)) }, higherIsBetter: true)
        let crowds = Self.scaled(crowding(on: rooms), higherIsBetter: false)
        var best: (score: Double, name: String)?
        for (index, room) in rooms.enumerated() {
            let soft: Double = 3 * taints[index] + 2 * preferences[index]
            let score: Double = soft + 2 * nearby[index] + 2 * crowds[index] + roomLeft(on: room)
            let isBetter = best.map { score > $0.score || (score == $0.score && room.name < $0.name) } ?? true
            if isBetter { best = (score, room.name) }
        }
        return best?.name
    }

    /// Brings values to 0…100; where all are equal none says anything.
    private static func scaled(_ values: [Double], higherIsBetter: Bool) -> [Double] {
        guard let low = values.min(), let high = values.max(), high > low else { return values.map { _ in 0 } }
        return values.map { (higherIsBetter ? $0 - low : high - $0) / (high - low) * 100 }
    }

    private func softTaints(on room: NodeRoom) -> Int {
        room.taints.count { $0.effect == .preferNoSchedule && !pod.tolerates($0) }
    }

    private func preference(for room: NodeRoom) -> Int64 {
        pod.preferredNodeTerms.reduce(0) { $1.term.matches(room) ? $0 + $1.weight : $0 }
    }

    private func nearness(to room: NodeRoom) -> Int64 {
        guard !neighbours.isEmpty else { return 0 }
        let keys = Set(pod.preferredAffinity.map(\.term.topologyKey))
        return keys.reduce(0) { sum, key in
            guard let value = room.labels[key] else { return sum }
            return sum + (neighbours[Neighbourhood.Domain(key: key, value: value)] ?? 0)
        }
    }

    /// Fellows on the node, and to a lesser degree in its zone.
    private func crowding(on rooms: [NodeRoom]) -> [Double] {
        guard !fellows.isEmpty else { return rooms.map { _ in 0 } }
        var zones: [String: Int] = [:]
        for (node, count) in fellows {
            if let zone = state.rooms[node]?.labels["topology.kubernetes.io/zone"] { zones[zone, default: 0] += count }
        }
        return rooms.map { room in
            let inZone = room.labels["topology.kubernetes.io/zone"].flatMap { zones[$0] } ?? 0
            return Double(fellows[room.name] ?? 0) + Double(inZone) / 10
        }
    }

    /// The share of processor time and memory that would be left, 0…100.
    private func roomLeft(on room: NodeRoom) -> Double {
        func share(_ limit: Int64, _ used: Int64, _ wanted: Int64) -> Double {
            guard limit > 0 else { return 0 }
            return max(0, Double(limit) - Double(used) - Double(wanted)) / Double(limit) * 100
        }
        let cpu = share(room.allocatable.milliCPU, room.used.milliCPU, pod.requests.milliCPU)
        let memory = share(room.allocatable.memory, room.used.memory, pod.requests.memory)
        return (cpu + memory) / 2
    }

    /// Weights of preferred affinity (positive) and anti-affinity (negative), by the domain they speak for.
    private static func neighbours(of pod: PodNeeds, in state: ClusterState) -> [Neighbourhood.Domain: Int64] {
        var weights: [Neighbourhood.Domain: Int64] = [:]
        for (weight, term) in pod.preferredAffinity {
            for (namespace, groups) in state.groups {
                for (labels, nodes) in groups
                where term.matches(namespace: namespace, labels: labels, namespaceLabels: state.namespaceLabels) {
                    for (node, count) in nodes {
                        guard let value = state.rooms[node]?.labels[term.topologyKey] else { continue }
                        weights[Neighbourhood.Domain(key: term.topologyKey, value: value), default: 0] +=
                            weight * Int64(count.all)
                    }
                }
            }
        }
        return weights
    }
}
