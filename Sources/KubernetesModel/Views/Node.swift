/// A Node, as the product reasons about it.
package struct Node: Sendable, Hashable {
    package var object: KubernetesObject

    package init(_ object: KubernetesObject) { self.object = object }

    package var name: String { object.name }
    package var uid: String { object.uid }
    package var labels: [String: String] { object.labels }

    private var status: JSONValue? { object.value["status"] }
    private var info: JSONValue? { status?["nodeInfo"] }

    package var isReady: Bool { object.condition("Ready")?.isTrue ?? false }
    /// Nobody has heard from its kubelet for a while.
    package var isLost: Bool { object.condition("Ready")?.status == "Unknown" }
    /// Cordoned.
    package var isUnschedulable: Bool { object.value["spec"]?["unschedulable"]?.bool ?? false }
    package var taints: [Taint] { (object.value["spec"]?["taints"]?.array ?? []).compactMap(Taint.init) }
    package var allocatable: ResourceList { ResourceList(status?["allocatable"] ?? status?["capacity"]) }
    package var capacity: ResourceList { ResourceList(status?["capacity"]) }

    /// `v1.33.2`, as the kubelet that runs says it.
    package var kubeletVersion: String { info?["kubeletVersion"]?.string ?? "" }
    package var containerRuntimeVersion: String { info?["containerRuntimeVersion"]?.string ?? "" }
    package var osImage: String { info?["osImage"]?.string ?? "" }
    package var kernelVersion: String { info?["kernelVersion"]?.string ?? "" }
    package var architecture: String { info?["architecture"]?.string ?? "" }
    package var bootID: String { info?["bootID"]?.string ?? "" }

    package var internalIP: String? { address("InternalIP") }
    package var hostname: String { address("Hostname") ?? labels["kubernetes.io/hostname"] ?? name }
    package func address(_ type: String) -> String? {
        (status?["addresses"]?.array ?? []).first { $0["type"]?.string == type }?["address"]?.string
    }

    package var isControlPlane: Bool { object["metadata", "labels", "node-role.kubernetes.io/control-plane"] != nil }
    /// The names after `node-role.kubernetes.io/`, sorted.
    package var roles: [String] {
        labels.keys.filter { $0.hasPrefix("node-role.kubernetes.io/") }
            .map { String($0.dropFirst("node-role.kubernetes.io/".count)) }.sorted()
    }
    package var zone: String? {
        labels["topology.kubernetes.io/zone"] ?? labels["failure-domain.beta.kubernetes.io/zone"]
    }
    package var podCIDR: String? { object.value["spec"]?["podCIDR"]?.string }
}
