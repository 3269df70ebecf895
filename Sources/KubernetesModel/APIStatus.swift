/// A failure as the API says it: the `Status` object of meta/v1. Servers write it, clients throw it.
package struct APIStatus: Error, Sendable, Hashable {
    /// The HTTP code: 409, 429, …
    package var code: Int
    /// `Conflict`, `NotFound`, `TooManyRequests`, …; empty where the server gave none.
    package var reason: String
    package var message: String
    /// `details` whole: name, group, kind (which holds the resource's plural), uid, causes, retryAfterSeconds.
    package var details: JSONValue?

    package init(code: Int, reason: String, message: String, details: JSONValue? = nil) {
        self.code = code
        self.reason = reason
        self.message = message
        self.details = details
    }

    /// Reads a `Status` object; nil when `value` is something else.
    package init?(_ value: JSONValue) {
        guard value["kind"]?.string == "Status", value["apiVersion"]?.string == "v1" else { return nil }
        self.init(
            code: value["code"]?.int ?? 0,
            reason: value["reason"]?.string ?? "",
            message: value["message"]?.string ?? "",
            details: value["details"]
        )
    }

    package var value: JSONValue {
        var status: JSONValue = [
            "kind": "Status", "apiVersion": "v1", "metadata": [:], "status": "Failure", "message": .string(message),
            "code": .integer(Int64(code)),
        ]
        if !reason.isEmpty { status["reason"] = .string(reason) }
        if let details { status["details"] = details }
        return status
    }

    package var retryAfterSeconds: Int? { details?["retryAfterSeconds"]?.int.flatMap { $0 > 0 ? $0 : nil } }
    /// `details.causes`: why, in pieces (`reason`, `message`, `field`).
    package var causes: [(reason: String, message: String)] {
        (details?["causes"]?.array ?? []).map { ($0["reason"]?.string ?? "", $0["message"]?.string ?? "") }
    }
    package var isNotFound: Bool { code == 404 }
    package var isConflict: Bool { code == 409 && reason != "AlreadyExists" }
    package var isAlreadyExists: Bool { reason == "AlreadyExists" }
    package var isExpired: Bool { code == 410 }
}

extension APIStatus: CustomStringConvertible {
    package var description: String { message.isEmpty ? "the server answered \(code) \(reason)" : message }
}

/// One event of a watch.
package enum WatchEvent: Sendable, Hashable {
    case added(KubernetesObject)
    case modified(KubernetesObject)
    /// The object's last state, with the deletion's resourceVersion.
    case deleted(KubernetesObject)
    /// Everything up to this resourceVersion has been sent.
    case bookmark(resourceVersion: String)
}
