/// Why a text or bytes from outside are not what the model can read. JSON has its own ``JSONError``.
package enum ModelError: Error, Hashable {
    case malformedLabelSelector(String, why: String)
    case malformedFieldSelector(String, why: String)
    case malformedQuantity(String)
    /// `document` counts from 1; `line` is in the whole text.
    case malformedYAML(document: Int, line: Int?, why: String)
    case notAnObject(document: Int, why: String)
    case malformedProtobuf(offset: Int, why: String)
    case unknownProtobufType(GroupVersionKind)
}

extension ModelError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .malformedLabelSelector(let text, let why):
            "'\(text)' is not a label selector: \(why); write it as app=web,tier in (front,back),!canary"
        case .malformedFieldSelector(let text, let why):
            "'\(text)' is not a field selector: \(why); write it as spec.nodeName=worker-1,status.phase!=Succeeded"
        case .malformedQuantity(let text): "'\(text)' is not a quantity; write it as 500m, 2, 1.5Gi or 3e6"
        case .malformedYAML(let document, let line, let why):
            "document \(document) is not valid YAML\(line.map { " (line \($0))" } ?? ""): \(why)"
        case .notAnObject(let document, let why): "document \(document) is not a Kubernetes object: \(why)"
        case .malformedProtobuf(let offset, let why): "the protobuf body is malformed at byte \(offset): \(why)"
        case .unknownProtobufType(let type):
            "no protobuf schema is known for \(type); send this object as JSON (--content-type application/json)"
        }
    }
}
