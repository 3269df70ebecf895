import KubernetesModel

/// Reads the body of a request as one object, by its content type.
enum RequestBody {
    static let contentTypes = ["application/json", "application/yaml", "application/vnd.kubernetes.protobuf"]

    static func object(contentType: String, _ body: [UInt8]) throws(APIStatus) -> KubernetesObject {
        switch contentType {
        case "application/json", "": return try object(json: body)
        case "application/yaml": return try object(yaml: body)
        case "application/vnd.kubernetes.protobuf":
            do { return try KubernetesProtobuf.decode(body) } catch {
                throw .badRequest("unable to decode the protobuf body: \(error)")
            }
        default: throw .unsupportedMediaType(contentType, accepted: contentTypes)
        }
    }

    static func object(json body: [UInt8]) throws(APIStatus) -> KubernetesObject {
        let value: JSONValue
        do { value = try JSONValue(parsing: body) } catch {
            throw .badRequest("the object provided is unrecognized (it is no JSON): \(error)")
        }
        guard value.object != nil else { throw .badRequest("the object provided is unrecognized (it is no object)") }
        return KubernetesObject(value.withoutNulls)
    }

    static func object(yaml body: [UInt8]) throws(APIStatus) -> KubernetesObject {
        if body.first == UInt8(ascii: "{") { return try object(json: body) }
        let objects: [KubernetesObject]
        do { objects = try YAML.objects(in: String(decoding: body, as: UTF8.self)) } catch {
            throw .badRequest("the object provided is unrecognized (it is no YAML): \(error)")
        }
        guard objects.count == 1 else { throw .badRequest("one object was expected, not \(objects.count)") }
        return objects[0]
    }
}

extension JSONValue {
    /// The value without members that are null: to the API, what is null is not there.
    fileprivate var withoutNulls: JSONValue {
        guard hasNulls else { return self }
        switch self {
        case .object(let members):
            return .object(members.filter { !$0.value.isNull }.mapValues(\.withoutNulls))
        case .array(let elements): return .array(elements.map(\.withoutNulls))
        default: return self
        }
    }

    private var hasNulls: Bool {
        switch self {
        case .null: true
        case .object(let members): members.values.contains(where: \.hasNulls)
        case .array(let elements): elements.contains(where: \.hasNulls)
        default: false
        }
    }
}
