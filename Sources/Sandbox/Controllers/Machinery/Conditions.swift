package import KubernetesModel

#if canImport(FoundationEssentials)
    package import FoundationEssentials
#else
    package import Foundation
#endif

/// `status.conditions`: one entry a type, whose transition time moves only with its status.
extension JSONValue {
    package func condition(_ type: String) -> JSONValue? {
        self["conditions"]?.array?.first { $0["type"]?.string == type }
    }

    package func isTrue(_ type: String) -> Bool { condition(type)?["status"]?.string == "True" }

    /// Sets one condition of a status, keeping the others and members it does not name.
    package mutating func setCondition(
        _ type: String,
        _ status: String,
        reason: String? = nil,
        message: String? = nil,
        now: Date,
        extra: [String: JSONValue] = [:]
    ) {
        var conditions = self["conditions"]?.array ?? []
        let index = conditions.firstIndex { $0["type"]?.string == type }
        var condition = index.map { conditions[$0] } ?? ["type": .string(type)]
        if condition["status"]?.string != status {
            condition["status"] = .string(status)
            condition["lastTransitionTime"] = .string(Timestamp.string(from: now))
        }
        condition["reason"] = reason.map { .string($0) }
        condition["message"] = message.map { .string($0) }
        for (key, value) in extra { condition[key] = value }
        if let index { conditions[index] = condition } else { conditions.append(condition) }
        self["conditions"] = .array(conditions)
    }

    package mutating func removeCondition(_ type: String) {
        guard let conditions = self["conditions"]?.array else { return }
        self["conditions"] = .array(conditions.filter { $0["type"]?.string != type })
    }
}

/// What controllers ask of a pod.
extension KubernetesObject {
    package var podNode: String? { spec["nodeName"]?.string.flatMap { $0.isEmpty ? nil : $0 } }
    package var podPhase: String { value["status", "phase"]?.string ?? "" }
    package var isPodReady: Bool { status.isTrue("Ready") }
    package var isPodFinished: Bool { podPhase == "Succeeded" || podPhase == "Failed" }
    /// Neither finished nor on its way out.
    package var isPodActive: Bool { !isPodFinished && !isTerminating }
    package var podReadySince: Date? {
        guard let condition = status.condition("Ready"), condition["status"]?.string == "True" else { return nil }
        return Timestamp.date(from: condition["lastTransitionTime"])
    }
    package var podRestarts: Int {
        (status["containerStatuses"]?.array ?? []).reduce(0) { $0 + ($1["restartCount"]?.int ?? 0) }
    }

    /// Ready for `minimum` by now.
    func isPodAvailable(after minimum: Duration, now: Date) -> Bool {
        guard isPodReady else { return false }
        guard minimum > .zero else { return true }
        guard let since = podReadySince else { return false }
        return now.timeIntervalSince(since) >= minimum.seconds
    }
}

extension Duration {
    package var seconds: Double {
        Double(components.seconds) + Double(components.attoseconds) / 1_000_000_000_000_000_000
    }
}
