import KubernetesModel

/// The failures an API server answers with, in the words of the real one.
extension APIStatus {
    static func badRequest(_ message: String) -> Self { Self(code: 400, reason: "BadRequest", message: message) }

    static let unauthorized = Self(code: 401, reason: "Unauthorized", message: "Unauthorized")

    static func forbidden(_ resource: Resource?, name: String?, _ why: String, causes: [JSONValue] = []) -> Self {
        let subject = resource.map { "\(Self.qualified($0))\(name.map { " \"\($0)\"" } ?? "")" } ?? "request"
        return Self(
            code: 403,
            reason: "Forbidden",
            message: "\(subject) is forbidden: \(why)",
            details: resource.map { details($0, name: name, causes: causes) }
        )
    }

    static func notFound(_ resource: Resource, _ name: String) -> Self {
        Self(
            code: 404,
            reason: "NotFound",
            message: "\(qualified(resource)) \"\(name)\" not found",
            details: details(resource, name: name)
        )
    }

    /// A path that leads nowhere.
    static let noSuchPath = Self(
        code: 404,
        reason: "NotFound",
        message: "the server could not find the requested resource",
        details: [:]
    )

    static let methodNotAllowed = Self(
        code: 405,
        reason: "MethodNotAllowed",
        message: "the server does not allow this method on the requested resource",
        details: [:]
    )

    static func notAcceptable() -> Self {
        Self(
            code: 406,
            reason: "NotAcceptable",
            message: "only the following media types are accepted: application/json, application/yaml"
        )
    }

    static func alreadyExists(_ resource: Resource, _ name: String) -> Self {
        Self(
            code: 409,
            reason: "AlreadyExists",
            message: "\(qualified(resource)) \"\(name)\" already exists",
            details: details(resource, name: name)
        )
    }

    static func conflict(_ resource: Resource, _ name: String, _ why: String? = nil) -> Self {
        let why =
            why ?? "the object has been modified; please apply your changes to the latest version and try again"
        return Self(
            code: 409,
            reason: "Conflict",
            message: "Operation cannot be fulfilled on \(qualified(resource)) \"\(name)\": \(why)",
            details: details(resource, name: name)
        )
    }

    static func expired(_ message: String) -> Self { Self(code: 410, reason: "Expired", message: message) }

    static func unsupportedMediaType(_ type: String, accepted: [String]) -> Self {
        Self(
            code: 415,
            reason: "UnsupportedMediaType",
            message: "the body of the request was in an unknown format - accepted media types include: "
                + accepted.joined(separator: ", ") + (type.isEmpty ? "" : " (was \(type))")
        )
    }

    /// 422: what is wrong, field by field (`spec.replicas`, "must be …", `FieldValueInvalid`).
    static func invalid(
        _ kind: GroupVersionKind,
        name: String,
        _ problems: [(field: String, message: String, reason: String)]
    ) -> Self {
        let texts = problems.map { "\($0.field): \($0.message)" }
        let list = texts.count == 1 ? texts[0] : "[\(texts.joined(separator: ", "))]"
        return Self(
            code: 422,
            reason: "Invalid",
            message: "\(kind.kind)\(kind.groupVersion.group.isEmpty ? "" : ".\(kind.groupVersion.group)") "
                + "\"\(name)\" is invalid: \(list)",
            details: [
                "name": .string(name), "group": .string(kind.groupVersion.group), "kind": .string(kind.kind),
                "causes": .array(
                    problems.map {
                        [
                            "reason": .string($0.reason), "message": .string($0.message), "field": .string($0.field),
                        ]
                    }
                ),
            ]
        )
    }

    static func tooManyRequests(_ message: String, retryAfter: Int?, causes: [JSONValue] = []) -> Self {
        var details: JSONValue = [:]
        if !causes.isEmpty { details["causes"] = .array(causes) }
        if let retryAfter { details["retryAfterSeconds"] = .integer(Int64(retryAfter)) }
        return Self(code: 429, reason: "TooManyRequests", message: message, details: details)
    }

    static func internalError(_ message: String) -> Self {
        Self(
            code: 500,
            reason: "InternalError",
            message: "Internal error occurred: \(message)",
            details: ["causes": [["message": .string(message)]]]
        )
    }

    static func unavailable(_ message: String) -> Self {
        Self(code: 503, reason: "ServiceUnavailable", message: message)
    }

    static func timeout(_ message: String, retryAfter: Int, causes: [JSONValue] = []) -> Self {
        var details: JSONValue = ["retryAfterSeconds": .integer(Int64(retryAfter))]
        if !causes.isEmpty { details["causes"] = .array(causes) }
        return Self(code: 504, reason: "Timeout", message: message, details: details)
    }

    /// The store behind the server failed.
    init(_ error: StorageError) {
        switch error {
        case .unavailable(let reason): self = Self(code: 500, reason: "InternalError", message: "etcdserver: \(reason)")
        case .compacted:
            self = .expired("The provided continue parameter is too old to display a consistent list result.")
        case .future(let current): self = .timeout("Too large resource version, current: \(current)", retryAfter: 1)
        }
    }

    /// `pods`, `deployments.apps`: how messages name a resource.
    static func qualified(_ resource: Resource) -> String {
        let group = resource.groupVersion.group
        return group.isEmpty ? resource.plural : "\(resource.plural).\(group)"
    }

    private static func details(_ resource: Resource, name: String?, causes: [JSONValue] = []) -> JSONValue {
        var details: JSONValue = ["kind": .string(resource.plural)]
        if let name { details["name"] = .string(name) }
        if !resource.groupVersion.group.isEmpty { details["group"] = .string(resource.groupVersion.group) }
        if !causes.isEmpty { details["causes"] = .array(causes) }
        return details
    }
}
