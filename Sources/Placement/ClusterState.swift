package import KubernetesModel

/// Nodes and the pods on them, indexed for placement: a value, so that a forecast can try moves on a copy.
///
/// Pods with the same labels in the same namespace are counted together, by node: questions about neighbours (affinity,
/// spread) then cost by the number of workloads, not of pods.
package struct ClusterState: Sendable {
    /// How many pods of one group stand on one node.
    struct Count: Sendable {
        var all = 0
        var terminating = 0
    }

    package private(set) var rooms: [String: NodeRoom] = [:]
    /// Sorted.
    package private(set) var nodeNames: [String] = []
    /// Labels of namespaces, for terms that choose namespaces by label.
    package private(set) var namespaceLabels: [String: [String: String]] = [:]
    private var nodeOfPod: [ObjectKey: String] = [:]
    /// Pods whose node is not known (yet), by the node's name.
    private var homeless: [String: [ObjectKey: PodNeeds]] = [:]
    /// Namespace → labels → node → count.
    private(set) var groups: [String: [[String: String]: [String: Count]]] = [:]
    /// Required anti-affinity of pods that run: term → node → how many of them.
    private(set) var repulsions: [PodAffinityTerm: [String: Int]] = [:]
    /// Node terms of the volume a claim is bound to.
    private(set) var volumeTerms: [ObjectKey: [NodeTerm]] = [:]

    package init() {}

    /// A state of all nodes, and of all pods that are on one and not finished.
    package init(nodes: [Node], pods: [Pod], namespaces: [KubernetesObject] = []) {
        for node in nodes { insert(node) }
        for namespace in namespaces { insert(namespace: namespace) }
        for pod in pods { insert(pod) }
    }

    package var podCount: Int { nodeOfPod.count }

    // MARK: Nodes and namespaces

    /// Adds a node or replaces what is known of it; its pods stay.
    package mutating func insert(_ node: Node) {
        var room = NodeRoom(node)
        if let present = rooms[room.name] {
            room.adoptPods(of: present)
        } else {
            nodeNames.insert(room.name, at: position(of: room.name))
            for pod in (homeless.removeValue(forKey: room.name) ?? [:]).values { room.add(pod) }
        }
        rooms[room.name] = room
    }

    package mutating func remove(node name: String) {
        guard let room = rooms.removeValue(forKey: name) else { return }
        let index = position(of: name)
        if index < nodeNames.count, nodeNames[index] == name { nodeNames.remove(at: index) }
        if !room.pods.isEmpty { homeless[name] = room.pods }
    }

    private func position(of name: String) -> Int {
        var low = 0
        var high = nodeNames.count
        while low < high {
            let middle = (low + high) / 2
            if nodeNames[middle] < name { low = middle + 1 } else { high = middle }
        }
        return low
    }

    package mutating func insert(namespace: KubernetesObject) {
        var labels = namespace.labels
        labels["kubernetes.io/metadata.name"] = namespace.name
        namespaceLabels[namespace.name] = labels
    }

    package mutating func remove(namespace name: String) { namespaceLabels[name] = nil }

    /// Records the nodes a claim's volume can be reached from (`spec.nodeAffinity.required` of the PersistentVolume).
    package mutating func insert(volume: KubernetesObject, boundTo claim: ObjectKey) {
        volumeTerms[claim] = volume["spec", "nodeAffinity", "required", "nodeSelectorTerms"]?.array?.map(NodeTerm.init)
    }

    // MARK: Pods

    /// Takes in a pod as the API has it: on its node if it has one and is not finished, otherwise not at all.
    package mutating func insert(_ pod: Pod) {
        guard let node = pod.nodeName, !pod.isFinished else {
            remove(pod: pod.key)
            return
        }
        place(PodNeeds(pod), on: node)
    }

    /// Puts a pod on a node, off the one it was on.
    package mutating func place(_ pod: PodNeeds, on node: String) {
        remove(pod: pod.key)
        nodeOfPod[pod.key] = node
        if rooms[node] == nil { homeless[node, default: [:]][pod.key] = pod } else { rooms[node]?.add(pod) }
        groups[pod.namespace, default: [:]][pod.labels, default: [:]][node, default: Count()].all += 1
        if pod.isTerminating { groups[pod.namespace]?[pod.labels]?[node]?.terminating += 1 }
        for term in pod.antiAffinity { repulsions[term, default: [:]][node, default: 0] += 1 }
    }

    package mutating func remove(pod key: ObjectKey) {
        guard let node = nodeOfPod.removeValue(forKey: key) else { return }
        guard let pod = rooms[node]?.pods[key] ?? homeless[node]?[key] else { return }
        rooms[node]?.remove(pod)
        homeless[node]?[key] = nil
        forget(pod, on: node)
    }

    private mutating func forget(_ pod: PodNeeds, on node: String) {
        groups[pod.namespace]?[pod.labels]?[node]?.all -= 1
        if pod.isTerminating { groups[pod.namespace]?[pod.labels]?[node]?.terminating -= 1 }
        if groups[pod.namespace]?[pod.labels]?[node]?.all == 0 { groups[pod.namespace]?[pod.labels]?[node] = nil }
        if groups[pod.namespace]?[pod.labels]?.isEmpty ?? false { groups[pod.namespace]?[pod.labels] = nil }
        for term in pod.antiAffinity {
            repulsions[term]?[node, default: 0] -= 1
            if repulsions[term]?[node] == 0 { repulsions[term]?[node] = nil }
            if repulsions[term]?.isEmpty ?? false { repulsions[term] = nil }
        }
    }

    package func node(of pod: ObjectKey) -> String? { nodeOfPod[pod] }

    /// Pods on a node, sorted by key.
    package func pods(on node: String) -> [PodNeeds] {
        let pods = rooms[node]?.pods ?? homeless[node] ?? [:]
        return pods.values.sorted { $0.key < $1.key }
    }
}
