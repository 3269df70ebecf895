import Yams

/// Kubernetes manifests: YAML read as the API's own tools read it, which is by way of JSON.
///
/// Words are typed by YAML 1.1 as `sigs.k8s.io/yaml` does it: `yes`, `on` and `y` are booleans, `010` is eight, and a
/// date stays text. Names of members are always text.
package enum YAML {
    /// Every object of a text of one or several documents; a `List` is replaced by its items, and empty documents
    /// are passed over. JSON is YAML too.
    package static func objects(in text: String) throws(ModelError) -> [KubernetesObject] {
        var objects: [KubernetesObject] = []
        for (index, value) in try values(in: text).enumerated() where !value.isNull {
            try append(value, document: index + 1, to: &objects)
        }
        return objects
    }

    /// Every document as a value.
    package static func values(in text: String) throws(ModelError) -> [JSONValue] {
        var values: [JSONValue] = []
        do {
            let parser = try Parser(yaml: text, resolver: .basic)
            var reader = YAMLReader(bytes: text.utf8.count)
            while let root = try parser.nextRoot() {
                values.append(try reader.value(root, document: values.count + 1))
            }
            return values
        } catch let error as ModelError {
            throw error
        } catch let error as YamlError {
            throw failure(error, document: values.count + 1)
        } catch {
            throw .malformedYAML(document: values.count + 1, line: nil, why: "\(error)")
        }
    }

    /// The one document of a text; an empty text is null.
    package static func value(in text: String) throws(ModelError) -> JSONValue {
        let values = try values(in: text)
        guard values.count <= 1 else {
            throw .malformedYAML(document: 2, line: nil, why: "one document was expected, not \(values.count)")
        }
        return values.first ?? .null
    }

    private static func append(
        _ value: JSONValue,
        document: Int,
        to objects: inout [KubernetesObject]
    ) throws(ModelError) {
        guard value.object != nil else { throw .notAnObject(document: document, why: "it is no mapping") }
        guard let kind = value["kind"]?.string, !kind.isEmpty else {
            throw .notAnObject(document: document, why: "it has no kind")
        }
        guard let apiVersion = value["apiVersion"]?.string, !apiVersion.isEmpty else {
            throw .notAnObject(document: document, why: "it has no apiVersion")
        }
        guard kind.hasSuffix("List"), let items = value["items"]?.array else {
            objects.append(KubernetesObject(value))
            return
        }
        for var item in items {
            // The items of a typed list (PodList) need not say what they are.
            if kind != "List" {
                if item["kind"] == nil { item["kind"] = .string(String(kind.dropLast(4))) }
                if item["apiVersion"] == nil { item["apiVersion"] = .string(apiVersion) }
            }
            try append(item, document: document, to: &objects)
        }
    }

    private static func failure(_ error: YamlError, document: Int) -> ModelError {
        switch error {
        case .scanner(_, let problem, let mark, _), .parser(_, let problem, let mark, _),
            .composer(_, let problem, let mark, _):
            .malformedYAML(document: document, line: mark.line, why: problem)
        case .reader(let problem, _, _, _): .malformedYAML(document: document, line: nil, why: problem)
        case .duplicatedKeysInMapping(let duplicates, let context):
            .malformedYAML(
                document: document,
                line: context.mark.line,
                why: "the same key stands twice in one mapping: \(duplicates.joined(separator: ", "))"
            )
        default: .malformedYAML(document: document, line: nil, why: "\(error)")
        }
    }
}

/// Turns Yams' nodes into values, and counts them: aliases of aliases would otherwise grow without bound.
private struct YAMLReader {
    private static let deepest = 512
    private var budget: Int

    init(bytes: Int) { budget = 100_000 + bytes * 4 }

    mutating func value(_ node: Yams.Node, document: Int, depth: Int = 0) throws(ModelError) -> JSONValue {
        budget -= 1
        guard budget >= 0 else { throw refusal(node, document, "its aliases expand to too large a document") }
        guard depth < Self.deepest else { throw refusal(node, document, "it is nested too deeply") }
        switch node {
        case .scalar(let scalar):
            guard let value = YAMLScalar.value(of: scalar) else {
                throw refusal(node, document, "'\(scalar.string)' is not a \(scalar.tag.description)")
            }
            return value
        case .sequence(let sequence):
            var elements: [JSONValue] = []
            elements.reserveCapacity(sequence.count)
            for element in sequence { elements.append(try value(element, document: document, depth: depth + 1)) }
            return .array(elements)
        case .mapping(let mapping):
            return .object(try members(mapping, document: document, depth: depth))
        case .alias: throw refusal(node, document, "an alias stands for nothing")
        }
    }

    private mutating func members(
        _ mapping: Yams.Node.Mapping,
        document: Int,
        depth: Int
    ) throws(ModelError) -> [String: JSONValue] {
        var members: [String: JSONValue] = [:]
        var merged: [String: JSONValue] = [:]
        for (key, node) in mapping {
            guard case .scalar(let scalar) = key else { throw refusal(key, document, "a key must be plain text") }
            let value = try value(node, document: document, depth: depth + 1)
            if scalar.style == .plain, scalar.string == "<<" {
                for source in value.array ?? [value] {
                    guard let more = source.object else {
                        throw refusal(key, document, "'<<' takes a mapping or a list of mappings")
                    }
                    merged.merge(more) { first, _ in first }
                }
            } else {
                let name = YAMLScalar.name(of: scalar)
                guard members.updateValue(value, forKey: name) == nil else {
                    throw refusal(key, document, "the same key stands twice in one mapping: \(name)")
                }
            }
        }
        return merged.isEmpty ? members : members.merging(merged) { own, _ in own }
    }

    private func refusal(_ node: Yams.Node, _ document: Int, _ why: String) -> ModelError {
        .malformedYAML(document: document, line: node.mark?.line, why: why)
    }
}
