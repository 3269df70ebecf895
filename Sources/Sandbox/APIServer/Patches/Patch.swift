import KubernetesModel

/// The body of a PATCH, by its content type.
enum Patch: Sendable {
    case json([JSONPatch.Operation])
    case merge(JSONValue)
    case strategic(JSONValue)
    case apply(JSONValue)

    static let contentTypes = [
        "application/json-patch+json", "application/merge-patch+json", "application/strategic-merge-patch+json",
        "application/apply-patch+yaml",
    ]

    init(contentType: String, body: [UInt8]) throws(APIStatus) {
        guard Self.contentTypes.contains(contentType) else {
            throw .unsupportedMediaType(contentType, accepted: Self.contentTypes)
        }
        if contentType == "application/apply-patch+yaml" {
            self = .apply(try RequestBody.object(yaml: body).value)
            return
        }
        let value: JSONValue
        do { value = try JSONValue(parsing: body) } catch {
            throw .badRequest("error decoding patch: \(error)")
        }
        switch contentType {
        case "application/json-patch+json": self = .json(try JSONPatch.operations(value))
        case "application/merge-patch+json": self = .merge(value)
        default: self = .strategic(value)
        }
        if case .json = self { return }
        guard value.object != nil else { throw .badRequest("error decoding patch: it is no JSON object") }
    }

    /// The object as the patch leaves it.
    func applied(to object: KubernetesObject) throws(APIStatus) -> KubernetesObject {
        switch self {
        case .json(let operations):
            do { return KubernetesObject(try JSONPatch.apply(operations, to: object.value)) } catch {
                throw APIStatus(
                    code: 422,
                    reason: "Invalid",
                    message: "the server rejected our request due to an error in our request",
                    details: ["causes": []]
                )
            }
        case .merge(let patch): return KubernetesObject(MergePatch.apply(patch, to: object.value))
        case .strategic(let patch):
            return KubernetesObject(try StrategicMergePatch(kind: object.kind).apply(patch, to: object.value))
        case .apply: return object
        }
    }
}

/// RFC 7396.
enum MergePatch {
    static func apply(_ patch: JSONValue, to target: JSONValue) -> JSONValue {
        guard case .object(let changes) = patch else { return patch }
        var members = target.object ?? [:]
        for (name, change) in changes {
            if change.isNull { members[name] = nil } else { members[name] = apply(change, to: members[name] ?? .null) }
        }
        return .object(members)
    }
}
