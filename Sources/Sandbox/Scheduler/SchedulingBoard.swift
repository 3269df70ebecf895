import KubernetesModel
import Placement
import Synchronization

/// Nodes, the pods on them, and the pods that were promised a node and are not yet seen there.
final class SchedulingBoard: Sendable {
    private struct State {
        var cluster = ClusterState()
        var assumed: [ObjectKey: (uid: String, node: String)] = [:]
        /// Pods no node would take, and how often that was found.
        var waiting: [ObjectKey: Int] = [:]
        var offset = 0
    }

    private let state = Mutex(State())
    private let source: CachedCluster

    init(source: CachedCluster) { self.source = source }

    // MARK: What the API says
    // Changes may be told out of order; so each of these looks at the cache as it is now.

    func refresh(node name: String) {
        state.withLock { state in
            if let node = source.nodes[ObjectKey(name: name)] {
                state.cluster.insert(Node(node))
            } else {
                state.cluster.remove(node: name)
            }
        }
    }

    func refresh(namespace name: String) {
        state.withLock { state in
            if let namespace = source[.namespaces][ObjectKey(name: name)] {
                state.cluster.insert(namespace: namespace)
            } else {
                state.cluster.remove(namespace: name)
            }
        }
    }

    func refresh(pod key: ObjectKey) {
        state.withLock { state in
            guard let pod = source.pods[key] else {
                state.assumed[key] = nil
                state.waiting[key] = nil
                state.cluster.remove(pod: key)
                return
            }
            let assumption = state.assumed[key]
            if pod.podNode == nil, let assumption, assumption.uid == pod.uid { return }
            state.assumed[key] = nil
            if pod.podNode != nil { state.waiting[key] = nil }
            state.cluster.insert(Pod(pod))
        }
    }

    // MARK: Deciding

    /// Chooses a node for `pod` and counts it in there; or notes that it has to wait, and says why.
    func decide(for pod: KubernetesObject) -> Choice {
        let needs = PodNeeds(Pod(pod))
        return state.withLock { state in
            let choice = Self.choose(for: pod, needs, in: state.cluster, offset: state.offset)
            state.offset &+= 7
            if let node = choice.nodeName {
                state.assumed[pod.key] = (pod.uid, node)
                state.waiting[pod.key] = nil
                state.cluster.place(needs, on: node)
            } else {
                state.waiting[pod.key, default: 0] += 1
            }
            return choice
        }
    }

    private static func choose(
        for pod: KubernetesObject,
        _ needs: PodNeeds,
        in cluster: ClusterState,
        offset: Int
    ) -> Choice {
        let placement = Placement(of: needs, in: cluster)
        guard pod.controller?.kind == "DaemonSet", let pinned = DaemonSetController.node(of: pod) else {
            return placement.choose(from: offset)
        }
        return choice(placement, pinned: pinned, nodes: cluster.nodeNames.count)
    }

    /// A pod that names its one node need not be tried on all others.
    private static func choice(_ placement: Placement, pinned: String, nodes: Int) -> Choice {
        let verdict = placement.verdict(on: pinned)
        if verdict.fits { return .node(pinned) }
        var reasons = Dictionary(verdict.reasons.map { ($0, 1) }, uniquingKeysWith: +)
        if nodes > 1 { reasons[.nodeAffinity, default: 0] += nodes - 1 }
        return .none(reasons, nodes: nodes)
    }

    func assumption(for key: ObjectKey) -> (uid: String, node: String)? { state.withLock { $0.assumed[key] } }

    /// Takes a promise back.
    func forget(_ key: ObjectKey) {
        state.withLock { state in
            guard state.assumed.removeValue(forKey: key) != nil else { return }
            state.cluster.remove(pod: key)
        }
        refresh(pod: key)
    }

    /// Pods that wait for the cluster to change, each with how often it was tried.
    var waiting: [ObjectKey: Int] { state.withLock { $0.waiting } }
    func stopWaiting(_ key: ObjectKey) { state.withLock { _ = $0.waiting.removeValue(forKey: key) } }
}
