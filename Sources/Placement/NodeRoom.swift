package import KubernetesModel

/// A node as placement sees it: what it offers, and what the pods on it take.
package struct NodeRoom: Sendable {
    package let name: String
    package let labels: [String: String]
    package let taints: [Taint]
    package let isUnschedulable: Bool
    package let allocatable: Amounts
    package let podLimit: Int
    package private(set) var used = Amounts()
    package private(set) var pods: [ObjectKey: PodNeeds] = [:]
    private var usedPorts: [HostPort] = []

    package init(_ node: Node) {
        let allocatable = node.allocatable
        name = node.name
        labels = node.labels
        // The API adds the taint to a cordoned node a moment after the flag; both mean the same here.
        taints = node.taints.filter { $0 != .unschedulable }
        isUnschedulable = node.isUnschedulable || node.taints.contains(.unschedulable)
        self.allocatable = Amounts(allocatable)
        podLimit = allocatable.amounts["pods"].map { Int(clamping: $0.value) } ?? 110
    }

    mutating func add(_ pod: PodNeeds) {
        pods[pod.key] = pod
        used += pod.requests
        usedPorts += pod.hostPorts
    }

    mutating func remove(_ pod: PodNeeds) {
        pods[pod.key] = nil
        used -= pod.requests
        for port in pod.hostPorts {
            if let index = usedPorts.firstIndex(of: port) { usedPorts.remove(at: index) }
        }
    }

    /// The same node with what `other` holds on it.
    mutating func adoptPods(of other: NodeRoom) {
        used = other.used
        pods = other.pods
        usedPorts = other.usedPorts
    }

    func hasFree(_ port: HostPort) -> Bool { !usedPorts.contains { $0.conflicts(with: port) } }
}
