/// One entry of `status.conditions`.
package struct Condition: Sendable, Hashable {
    package var type: String
    /// `True`, `False` or `Unknown`.
    package var status: String
    package var reason: String
    package var message: String
    package var lastTransitionTime: String?

    package init(_ value: JSONValue) {
        type = value["type"]?.string ?? ""
        status = value["status"]?.string ?? ""
        reason = value["reason"]?.string ?? ""
        message = value["message"]?.string ?? ""
        lastTransitionTime = value["lastTransitionTime"]?.string
    }

    package var isTrue: Bool { status == "True" }
}

extension KubernetesObject {
    package var conditions: [Condition] {
        (value["status"]?["conditions"]?.array ?? []).map(Condition.init)
    }

    /// The condition of that type, without reading the others whole.
    package func condition(_ type: String) -> Condition? {
        value["status"]?["conditions"]?.array?.first { $0["type"]?.string == type }.map(Condition.init)
    }
}
