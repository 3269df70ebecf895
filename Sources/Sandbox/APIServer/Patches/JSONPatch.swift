import KubernetesModel

/// RFC 6902: a list of changes, each at a JSON pointer (RFC 6901).
enum JSONPatch {
    struct Operation: Sendable {
        var name: String
        var path: [String]
        var from: [String]
        var value: JSONValue
    }

    struct Failure: Error, CustomStringConvertible {
        var description: String
    }

    static func operations(_ value: JSONValue) throws(APIStatus) -> [Operation] {
        guard let list = value.array else { throw .badRequest("error decoding patch: it is no JSON array") }
        var operations: [Operation] = []
        for entry in list {
            guard let name = entry["op"]?.string, let path = entry["path"]?.string else {
                throw .badRequest("error decoding patch: an operation needs 'op' and 'path'")
            }
            guard ["add", "remove", "replace", "move", "copy", "test"].contains(name) else {
                throw .badRequest("error decoding patch: unexpected kind: \(name)")
            }
            operations.append(
                Operation(
                    name: name,
                    path: pointer(path),
                    from: pointer(entry["from"]?.string ?? ""),
                    value: entry["value"] ?? .null
                )
            )
        }
        return operations
    }

    private static func pointer(_ text: String) -> [String] {
        text.split(separator: "/", omittingEmptySubsequences: false).dropFirst().map { part in
            unescaped(unescaped(String(part), "~1", "/"), "~0", "~")
        }
    }

    private static func unescaped(_ text: String, _ escape: String, _ character: String) -> String {
        text.split(separator: escape, omittingEmptySubsequences: false).joined(separator: character)
    }

    static func apply(_ operations: [Operation], to document: JSONValue) throws(Failure) -> JSONValue {
        var document = document
        for operation in operations {
            switch operation.name {
            case "add": try add(operation.value, at: operation.path, in: &document)
            case "remove": _ = try remove(at: operation.path, in: &document)
            case "replace":
                _ = try value(at: operation.path, in: document)
                if operation.path.isEmpty {
                    document = operation.value
                } else {
                    try replace(operation.value, at: operation.path[...], in: &document)
                }
            case "move": try add(try remove(at: operation.from, in: &document), at: operation.path, in: &document)
            case "copy": try add(try value(at: operation.from, in: document), at: operation.path, in: &document)
            default:
                let present = try? value(at: operation.path, in: document)
                guard (present ?? .null) == operation.value else {
                    throw Failure(description: "testing value \(text(operation.path)) failed: test failed")
                }
            }
        }
        return document
    }

    private static func text(_ path: [String]) -> String { "/" + path.joined(separator: "/") }

    private static func missing(_ path: [String]) -> Failure {
        Failure(description: "operation does not apply: doc is missing path: \(text(path)): missing value")
    }

    private static func value(at path: [String], in document: JSONValue) throws(Failure) -> JSONValue {
        var value = document
        for part in path {
            let next: JSONValue? = value.array == nil ? value[part] : Int(part).flatMap { value[$0] }
            guard let next else { throw missing(path) }
            value = next
        }
        return value
    }

    private static func add(_ new: JSONValue, at path: [String], in document: inout JSONValue) throws(Failure) {
        guard !path.isEmpty else {
            document = new
            return
        }
        try edit(path[...], in: &document, whole: path) { parent, last throws(Failure) in
            switch parent {
            case .object: parent[last] = new
            case .array(var elements):
                let index = last == "-" ? elements.count : Int(last) ?? -1
                guard (0...elements.count).contains(index) else { throw missing(path) }
                elements.insert(new, at: index)
                parent = .array(elements)
            default: throw missing(path)
            }
        }
    }

    private static func replace(
        _ new: JSONValue,
        at path: ArraySlice<String>,
        in document: inout JSONValue
    ) throws(Failure) {
        try edit(path, in: &document, whole: Array(path)) { parent, last throws(Failure) in
            if case .array(var elements) = parent, let index = Int(last), elements.indices.contains(index) {
                elements[index] = new
                parent = .array(elements)
            } else {
                parent[last] = new
            }
        }
    }

    private static func remove(at path: [String], in document: inout JSONValue) throws(Failure) -> JSONValue {
        let removed = try value(at: path, in: document)
        guard !path.isEmpty else { throw Failure(description: "the whole document cannot be removed") }
        try edit(path[...], in: &document, whole: path) { parent, last throws(Failure) in
            if case .array(var elements) = parent, let index = Int(last), elements.indices.contains(index) {
                elements.remove(at: index)
                parent = .array(elements)
            } else {
                parent[last] = nil
            }
        }
        return removed
    }

    /// Walks down to the parent of the last part and lets `change` edit it in place.
    private static func edit(
        _ path: ArraySlice<String>,
        in value: inout JSONValue,
        whole: [String],
        _ change: (inout JSONValue, String) throws(Failure) -> Void
    ) throws(Failure) {
        guard let first = path.first else { return }
        guard path.count > 1 else { return try change(&value, first) }
        if case .array(var elements) = value, let index = Int(first), elements.indices.contains(index) {
            try edit(path.dropFirst(), in: &elements[index], whole: whole, change)
            value = .array(elements)
        } else if var child = value[first] {
            try edit(path.dropFirst(), in: &child, whole: whole, change)
            value[first] = child
        } else {
            throw missing(whole)
        }
    }
}
