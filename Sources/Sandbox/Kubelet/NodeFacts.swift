package import KubernetesModel

/// What an emulated node is: the part of its Node object that its kubelet does not learn from its machine.
package struct NodeFacts: Sendable, Hashable {
    package var name: String
    package var internalIP: String
    /// Beside those a kubelet sets itself (hostname, os, arch): zone, role.
    package var labels: [String: String]
    /// Taints it registers with.
    package var taints: [Taint]
    /// The first 24 bits of the pods' addresses: `10.244.3`.
    package var podNetwork: String
    package var cpus: Int
    package var memory: String
    package var pods: Int

    package init(
        name: String,
        internalIP: String,
        labels: [String: String] = [:],
        taints: [Taint] = [],
        podNetwork: String = "10.244.0",
        cpus: Int = 8,
        memory: String = "16Gi",
        pods: Int = 110
    ) {
        self.name = name
        self.internalIP = internalIP
        self.labels = labels
        self.taints = taints
        self.podNetwork = podNetwork
        self.cpus = cpus
        self.memory = memory
        self.pods = pods
    }

    /// The Node as its kubelet registers it, without status.
    var registration: KubernetesObject {
        var node = KubernetesObject(.nodes, name: name)
        node.labels = kubeletLabels.merging(labels) { $1 }
        node.annotations = ["node.alpha.kubernetes.io/ttl": "0"]
        var spec: JSONValue = ["podCIDR": .string(podNetwork + ".0/24"), "podCIDRs": [.string(podNetwork + ".0/24")]]
        if !taints.isEmpty {
            spec["taints"] = .array(
                taints.map { taint in
                    var value: JSONValue = ["key": .string(taint.key), "effect": .string(taint.effect.rawValue)]
                    if !taint.value.isEmpty { value["value"] = .string(taint.value) }
                    return value
                }
            )
        }
        node.spec = spec
        return node
    }

    var kubeletLabels: [String: String] {
        [
            "kubernetes.io/hostname": name, "kubernetes.io/os": "linux", "kubernetes.io/arch": "amd64",
            "beta.kubernetes.io/os": "linux", "beta.kubernetes.io/arch": "amd64",
        ]
    }

    var capacity: JSONValue {
        [
            "cpu": .string("\(cpus)"), "memory": .string(memory), "pods": .string("\(pods)"),
            "ephemeral-storage": "101430960Ki", "hugepages-1Gi": "0", "hugepages-2Mi": "0",
        ]
    }

    var addresses: JSONValue {
        [
            ["type": "InternalIP", "address": .string(internalIP)],
            ["type": "Hostname", "address": .string(name)],
        ]
    }
}
