import KubernetesModel

/// How lists of built-in kinds are merged: which field tells their elements apart (`patchMergeKey` of the API's types).
enum MergeKeys {
    enum Rule: Equatable {
        /// Elements are objects told apart by these fields.
        case byKeys([String])
        /// Elements are plain values, and the list is a set.
        case asSet
        /// The list is taken as a whole.
        case replaced
    }

    private static let byName: [String: Rule] = [
        "containers": .byKeys(["name"]), "initContainers": .byKeys(["name"]),
        "ephemeralContainers": .byKeys(["name"]), "env": .byKeys(["name"]), "volumes": .byKeys(["name"]),
        "imagePullSecrets": .byKeys(["name"]), "schedulingGates": .byKeys(["name"]),
        "resourceClaims": .byKeys(["name"]), "secrets": .byKeys(["name"]), "webhooks": .byKeys(["name"]),
        "volumeMounts": .byKeys(["mountPath"]), "volumeDevices": .byKeys(["devicePath"]),
        "hostAliases": .byKeys(["ip"]), "podIPs": .byKeys(["ip"]), "hostIPs": .byKeys(["ip"]),
        "topologySpreadConstraints": .byKeys(["topologyKey"]), "conditions": .byKeys(["type"]),
        "ownerReferences": .byKeys(["uid"]), "finalizers": .asSet, "podCIDRs": .asSet,
    ]

    /// The rule for the list `field` of an object of `kind`.
    static func rule(for field: String, kind: String) -> Rule {
        switch (field, kind) {
        case ("ports", "Service"): .byKeys(["port"])
        case ("ports", "Endpoints"), ("ports", "EndpointSlice"), ("ports", "NetworkPolicy"): .replaced
        case ("ports", _): .byKeys(["containerPort"])
        case ("addresses", "Node"): .byKeys(["type"])
        default: byName[field] ?? .replaced
        }
    }

    /// The rule of server-side apply, where ports of the same number differ by protocol too.
    static func applyRule(for field: String, kind: String) -> Rule {
        switch rule(for: field, kind: kind) {
        case .byKeys(["port"]): .byKeys(["port", "protocol"])
        case .byKeys(["containerPort"]): .byKeys(["containerPort", "protocol"])
        case let rule: rule
        }
    }
}
