/// What keeps pods off a node (`spec.taints`).
package struct Taint: Sendable, Hashable {
    package enum Effect: String, Sendable, Hashable {
        case noSchedule = "NoSchedule"
        case preferNoSchedule = "PreferNoSchedule"
        case noExecute = "NoExecute"
    }

    package var key: String
    package var value: String
    package var effect: Effect

    package init(key: String, value: String = "", effect: Effect) {
        self.key = key
        self.value = value
        self.effect = effect
    }

    package init?(_ value: JSONValue) {
        guard let key = value["key"]?.string, let effect = value["effect"]?.string.flatMap(Effect.init) else {
            return nil
        }
        self.init(key: key, value: value["value"]?.string ?? "", effect: effect)
    }

    /// What the API adds to a cordoned node.
    package static let unschedulable = Taint(key: "node.kubernetes.io/unschedulable", effect: .noSchedule)
}

extension Taint: CustomStringConvertible {
    /// `key=value:effect`, as kubectl writes it.
    package var description: String {
        value.isEmpty ? "\(key):\(effect.rawValue)" : "\(key)=\(value):\(effect.rawValue)"
    }
}

/// Which taints a pod bears (`spec.tolerations`).
package struct Toleration: Sendable, Hashable {
    /// Nil for every key.
    package var key: String?
    /// Nil for any value (operator `Exists`).
    package var value: String?
    /// Nil for every effect.
    package var effect: Taint.Effect?
    /// How long after a NoExecute taint the pod may stay; nil for ever.
    package var seconds: Int64?

    package init(key: String?, value: String? = nil, effect: Taint.Effect? = nil, seconds: Int64? = nil) {
        self.key = key
        self.value = value
        self.effect = effect
        self.seconds = seconds
    }

    /// Nil for an operator or effect that is not known, which then tolerates nothing.
    package init?(_ value: JSONValue) {
        let key = value["key"]?.string.flatMap { $0.isEmpty ? nil : $0 }
        switch value["operator"]?.string ?? "Equal" {
        case "Exists": self.init(key: key)
        case "Equal", "":
            guard let key else { return nil }
            self.init(key: key, value: value["value"]?.string ?? "")
        default: return nil
        }
        if let name = value["effect"]?.string, !name.isEmpty {
            guard let effect = Taint.Effect(rawValue: name) else { return nil }
            self.effect = effect
        }
        seconds = value["tolerationSeconds"]?.integer
    }

    package func tolerates(_ taint: Taint) -> Bool {
        (effect == nil || effect == taint.effect) && (key == nil || key == taint.key)
            && (value == nil || value == taint.value)
    }
}
