import KubernetesModel

/// Objects for the tables of this room, written short.
enum Make {
    static func node(
        _ name: String,
        labels: [String: String] = [:],
        cpu: JSONValue = "4",
        pods: JSONValue = "10",
        taints: [JSONValue] = [],
        unschedulable: Bool = false,
        more: [String: JSONValue] = [:]
    ) -> Node {
        var labels = labels
        labels["kubernetes.io/hostname"] = name
        var allocatable: [String: JSONValue] = ["cpu": cpu, "memory": "8Gi", "pods": pods]
        allocatable.merge(more) { _, new in new }
        return Node(
            KubernetesObject([
                "apiVersion": "v1", "kind": "Node", "metadata": ["name": .string(name), "labels": JSONValue(labels)],
                "spec": ["taints": .array(taints), "unschedulable": .bool(unschedulable)],
                "status": ["allocatable": .object(allocatable)],
            ])
        )
    }

    static func zoned(_ name: String, _ zone: String) -> Node {
        node(name, labels: ["topology.kubernetes.io/zone": zone])
    }

    static func pod(
        _ name: String,
        on node: String? = nil,
        labels: [String: String] = ["app": "web"],
        namespace: String = "shop",
        cpu: JSONValue? = nil,
        spec: JSONValue = [:],
        phase: String = "Running",
        deleted: Bool = false
    ) -> Pod {
        var object = KubernetesObject(.pods, namespace: namespace, name: name)
        object.uid = "uid-\(name)"
        object.labels = labels
        object.spec = spec
        if object.spec["containers"] == nil { object.spec["containers"] = [["name": "c"]] }
        if let cpu { object.spec["containers"] = [["name": "c", "resources": ["requests": ["cpu": cpu]]]] }
        if let node { object["spec", "nodeName"] = .string(node) }
        if deleted { object["metadata", "deletionTimestamp"] = "2026-07-24T04:09:49Z" }
        object["status", "phase"] = .string(phase)
        return Pod(object)
    }

    static func podTerm(_ app: String, key: String, more: [String: JSONValue] = [:]) -> JSONValue {
        var term: [String: JSONValue] = [
            "labelSelector": ["matchLabels": ["app": .string(app)]], "topologyKey": .string(key),
        ]
        term.merge(more) { _, new in new }
        return .object(term)
    }

    static func required(_ kind: String, _ terms: JSONValue...) -> JSONValue {
        ["affinity": [kind: ["requiredDuringSchedulingIgnoredDuringExecution": .array(terms)]]]
    }

    static func nodeTerms(_ terms: JSONValue...) -> JSONValue {
        [
            "affinity": [
                "nodeAffinity": ["requiredDuringSchedulingIgnoredDuringExecution": ["nodeSelectorTerms": .array(terms)]]
            ]
        ]
    }

    static func spread(_ key: String, skew: JSONValue = 1, more: [String: JSONValue] = [:]) -> JSONValue {
        var constraint: [String: JSONValue] = [
            "maxSkew": skew, "topologyKey": .string(key), "whenUnsatisfiable": "DoNotSchedule",
            "labelSelector": ["matchLabels": ["app": "web"]],
        ]
        constraint.merge(more) { _, new in new }
        return ["topologySpreadConstraints": [.object(constraint)]]
    }
}
