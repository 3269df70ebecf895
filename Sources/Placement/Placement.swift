package import KubernetesModel

/// Where a pod can run and where it had best run, by the rules of kube-scheduler's default profile. Pure.
package struct Placement: Sendable {
    package let pod: PodNeeds
    let state: ClusterState
    private let neighbourhood: Neighbourhood

    /// Works out what concerns the whole state once; ``verdict(on:)`` is then cheap for each node.
    package init(of pod: PodNeeds, in state: ClusterState) {
        self.pod = pod
        self.state = state
        neighbourhood = Neighbourhood(of: pod, in: state)
    }

    package static func fits(_ pod: Pod, on node: String, in state: ClusterState) -> Verdict {
        Placement(of: PodNeeds(pod), in: state).verdict(on: node)
    }

    /// Whether the pod fits the node. The reasons are those of the first rule that is broken, in kube-scheduler's order.
    package func verdict(on node: String) -> Verdict {
        guard let room = state.rooms[node] else { return Verdict(reasons: [.unknownNode]) }
        return Verdict(reasons: reasons(against: room))
    }

    private func reasons(against room: NodeRoom) -> [Verdict.Reason] {
        if room.isUnschedulable, !pod.tolerates(.unschedulable) { return [.unschedulable] }
        if let taint = pod.untolerated(on: room) { return [.untolerated(taint)] }
        if !pod.selects(room) { return [.nodeAffinity] }
        if !pod.hostPorts.allSatisfy(room.hasFree) { return [.hostPorts] }
        var reasons: [Verdict.Reason] = room.pods.count + 1 > room.podLimit ? [.tooManyPods] : []
        reasons += room.used.shortages(adding: pod.requests, limit: room.allocatable).map {
            .insufficient(resource: $0)
        }
        if !reasons.isEmpty { return reasons }
        for claim in pod.claims {
            guard let terms = state.volumeTerms[claim] else { continue }
            if !terms.contains(where: { $0.matches(room) }) { return [.volumeElsewhere] }
        }
        return neighbourhood.reasons(against: room)
    }

    /// Every node the pod fits, sorted by name.
    package func nodesThatFit() -> [String] { state.nodeNames.filter { verdict(on: $0).fits } }

    /// The best of the nodes that fit; of equals, the first by name.
    ///
    /// As kube-scheduler does, in a cluster of more than a hundred nodes it is content once it has found enough that
    /// fit; `offset` is where it begins to look, and callers move it along from pod to pod.
    package func choose(from offset: Int = 0) -> Choice {
        let count = state.nodeNames.count
        let enough = Self.enough(of: count)
        var fitting: [NodeRoom] = []
        var refused: [Verdict.Reason: Int] = [:]
        for index in 0..<count {
            let name = state.nodeNames[(index + abs(offset % max(count, 1))) % count]
            guard let room = state.rooms[name] else { continue }
            let reasons = reasons(against: room)
            if reasons.isEmpty { fitting.append(room) }
            for reason in reasons { refused[reason, default: 0] += 1 }
            if fitting.count >= enough { break }
        }
        guard let best = Scoring(of: pod, in: state).best(of: fitting) else { return .none(refused, nodes: count) }
        return .node(best)
    }

    private static func enough(of nodes: Int) -> Int {
        guard nodes > 100 else { return max(nodes, 1) }
        return max(100, nodes * max(5, 50 - nodes / 125) / 100)
    }
}
