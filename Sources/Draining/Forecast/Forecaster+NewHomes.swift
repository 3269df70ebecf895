import KubernetesModel
import Placement

/// Where the pods of a drained node would go.
extension Forecaster {
    /// Puts each victim's replacement on the first other node that takes it.
    mutating func newHomes(of victims: [Pod]) -> [ObjectKey: String] {
        var homes: [ObjectKey: String] = [:]
        var homeless: [String: [ObjectKey]] = [:]
        // Beginning after this node's own name spreads the search over the cluster.
        let start = state.nodeNames.firstIndex(of: node) ?? 0
        for pod in victims where pod.controller != nil && !pod.isFinished && pod.daemonSet == nil {
            let needs = PodNeeds(pod)
            state.remove(pod: pod.key)
            moved.append(needs)
            switch newHome(of: needs, from: start + homes.count) {
            case .found(let home):
                homes[pod.key] = home
                state.place(needs, on: home)
            case .none(let why): homeless[why, default: []].append(pod.key)
            case .thisNode: break
            }
        }
        for (why, pods) in homeless {
            let covering = pods.contains { key in
                victims.first { $0.key == key }.map { !cluster.budgets(covering: $0).isEmpty } ?? false
            }
            add(
                .nowhereToGo,
                .blocks,
                pods,
                why: "no other node can take its replacement: \(why)"
                    + (covering ? " Its budget then lets no further pod go." : ""),
                remedy: "make room on other nodes, or accept the outage (--accept-outage \(node))"
            )
        }
        return homes
    }

    private enum NewHome {
        case found(String)
        case thisNode
        case none(why: String)
    }

    /// Where a pod could go. A function of its own, so that nothing holds the state once a place is found: a change of
    /// it would then be a change of a copy.
    private func newHome(of needs: PodNeeds, from start: Int) -> NewHome {
        let placement = Placement(of: needs, in: state)
        let names = state.nodeNames
        for index in names.indices {
            let candidate = names[(start + index) % names.count]
            if candidate != node, placement.verdict(on: candidate).fits { return .found(candidate) }
        }
        return placement.verdict(on: node).fits ? .thisNode : .none(why: placement.choose().description)
    }
}
