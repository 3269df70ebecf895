import KubernetesModel

/// Server-side apply, as far as the sandbox needs it: what a manager applied is merged, what it no longer applies is
/// removed, and what another manager applied with another value is a conflict. Plain writes own no fields here.
struct ServerSideApply {
    let kind: String
    let manager: String
    let force: Bool
    /// When this apply happens, as written into `managedFields`.
    let time: String

    /// The object as the configuration leaves it, its `managedFields` kept up.
    func apply(_ configuration: JSONValue, to current: KubernetesObject?) throws(APIStatus) -> KubernetesObject {
        var configuration = configuration
        configuration["metadata", "managedFields"] = nil
        let present = current?.value ?? .object([:])
        let own = fields(of: configuration)
        var entries = present["metadata", "managedFields"]?.array ?? []
        try settle(own, of: configuration, against: present, &entries)

        var result = merged(configuration, into: present)
        let index = entries.firstIndex { isOurs($0) }
        if let index {
            let others = entries.indices.filter { $0 != index }.map { FieldSet(entries[$0]["fieldsV1"] ?? [:]) }
            for path in FieldSet(entries[index]["fieldsV1"] ?? [:]).paths.sorted(by: { $0.count > $1.count })
            where !own.paths.contains(path) && !others.contains(where: { $0.paths.contains(path) }) {
                result = removing(path[...], from: result)
            }
        }
        var entry: JSONValue = [
            "manager": .string(manager), "operation": "Apply", "fieldsType": "FieldsV1", "fieldsV1": own.value,
            "time": .string(time),
        ]
        entry["apiVersion"] = configuration["apiVersion"]
        if let index {
            if entries[index]["fieldsV1"] == own.value { entry["time"] = entries[index]["time"] }
            entries[index] = entry
        } else {
            entries.append(entry)
        }
        result["metadata", "managedFields"] = .array(entries)
        return KubernetesObject(result)
    }

    private func isOurs(_ entry: JSONValue) -> Bool {
        entry["manager"]?.string == manager && entry["operation"]?.string == "Apply"
    }

    /// Refuses fields that others manage with another value, or takes them over.
    private func settle(
        _ own: FieldSet,
        of configuration: JSONValue,
        against present: JSONValue,
        _ entries: inout [JSONValue]
    ) throws(APIStatus) {
        var causes: [JSONValue] = []
        for (index, entry) in entries.enumerated() where !isOurs(entry) && entry["operation"]?.string == "Apply" {
            var theirs = FieldSet(entry["fieldsV1"] ?? [:])
            let disputed = theirs.paths.intersection(own.paths).filter { path in
                value(at: path[...], in: configuration) != value(at: path[...], in: present)
            }
            for path in disputed.sorted(by: { $0.joined() < $1.joined() }) {
                let name = entry["manager"]?.string ?? ""
                causes.append([
                    "reason": "FieldManagerConflict", "message": .string("conflict with \"\(name)\""),
                    "field": .string("." + path.map(Self.readable).joined(separator: ".")),
                ])
            }
            theirs.paths.subtract(disputed)
            entries[index]["fieldsV1"] = theirs.value
        }
        guard !force, !causes.isEmpty else { return }
        let texts = causes.map { "\($0["message"]?.string ?? ""): \($0["field"]?.string ?? "")" }
        throw APIStatus(
            code: 409,
            reason: "Conflict",
            message: "Apply failed with \(causes.count) conflict\(causes.count == 1 ? "" : "s"): "
                + texts.joined(separator: "\n"),
            details: ["causes": .array(causes)]
        )
    }

    private static func readable(_ part: String) -> String { String(part.dropFirst(2)) }

    // MARK: Field sets

    /// The leaves a configuration sets, without what names the object.
    private func fields(of configuration: JSONValue) -> FieldSet {
        var set = FieldSet()
        var named = configuration
        named["apiVersion"] = nil
        named["kind"] = nil
        for field in ["name", "namespace", "creationTimestamp", "uid", "resourceVersion", "generation"] {
            named["metadata", field] = nil
        }
        if named["metadata"]?.object?.isEmpty == true { named["metadata"] = nil }
        collect(named, at: [], into: &set, field: "")
        return set
    }

    private func collect(_ value: JSONValue, at path: [String], into set: inout FieldSet, field: String) {
        switch value {
        case .object(let members) where !members.isEmpty:
            for (name, member) in members { collect(member, at: path + ["f:\(name)"], into: &set, field: name) }
        case .array(let elements):
            switch MergeKeys.applyRule(for: field, kind: kind) {
            case .replaced: set.paths.insert(path)
            case .asSet: for element in elements { set.paths.insert(path + ["v:\(element.text)"]) }
            case .byKeys(let keys):
                for element in elements {
                    let place = path + ["k:\(Self.key(keys, of: element).text)"]
                    set.paths.insert(place)
                    collect(element, at: place, into: &set, field: "")
                }
            }
        default: if !path.isEmpty { set.paths.insert(path) }
        }
    }

    private static func key(_ keys: [String], of element: JSONValue) -> JSONValue {
        var key: JSONValue = .object([:])
        for name in keys { key[name] = element[name] ?? (name == "protocol" ? "TCP" : .null) }
        return key
    }

    // MARK: Values

    private func merged(_ new: JSONValue, into old: JSONValue?, field: String = "") -> JSONValue {
        switch new {
        case .object(let members):
            var result = old?.object ?? [:]
            for (name, member) in members { result[name] = merged(member, into: result[name], field: name) }
            return .object(result)
        case .array(let elements):
            guard var list = old?.array else { return new }
            switch MergeKeys.applyRule(for: field, kind: kind) {
            case .replaced: return new
            case .asSet: for element in elements where !list.contains(element) { list.append(element) }
            case .byKeys(let keys):
                for element in elements {
                    let key = Self.key(keys, of: element)
                    if let index = list.firstIndex(where: { Self.key(keys, of: $0) == key }) {
                        list[index] = merged(element, into: list[index])
                    } else {
                        list.append(element)
                    }
                }
            }
            return .array(list)
        default: return new
        }
    }

    private func index(of part: String, in list: [JSONValue]) -> Int? {
        guard let key = try? JSONValue(parsing: String(part.dropFirst(2))) else { return nil }
        if part.hasPrefix("v:") { return list.firstIndex(of: key) }
        let names = key.object.map { Array($0.keys) } ?? []
        return list.firstIndex { Self.key(names, of: $0) == key }
    }

    private func value(at path: ArraySlice<String>, in value: JSONValue) -> JSONValue? {
        guard let part = path.first else { return value }
        if part.hasPrefix("f:") {
            return value[String(part.dropFirst(2))].flatMap { self.value(at: path.dropFirst(), in: $0) }
        }
        guard let list = value.array, let index = index(of: part, in: list) else { return nil }
        // What stands inside the element has a path of its own.
        return path.count == 1 && part.hasPrefix("k:") ? .null : self.value(at: path.dropFirst(), in: list[index])
    }

    private func removing(_ path: ArraySlice<String>, from value: JSONValue) -> JSONValue {
        guard let part = path.first else { return value }
        var value = value
        if part.hasPrefix("f:") {
            let name = String(part.dropFirst(2))
            guard let child = value[name] else { return value }
            if path.count == 1 { value[name] = nil } else { value[name] = removing(path.dropFirst(), from: child) }
        } else if var list = value.array, let index = index(of: part, in: list) {
            if path.count == 1 {
                list.remove(at: index)
            } else {
                list[index] = removing(path.dropFirst(), from: list[index])
            }
            value = .array(list)
        }
        return value
    }
}

/// A set of fields as `managedFields` writes it: a tree of `f:` names, `k:` keys and `v:` values.
struct FieldSet: Equatable {
    var paths: Set<[String]> = []

    init() {}

    init(_ value: JSONValue) { collect(value, at: []) }

    private mutating func collect(_ value: JSONValue, at path: [String]) {
        let members = value.object ?? [:]
        if (members.isEmpty && !path.isEmpty) || members["."] != nil { paths.insert(path) }
        for (name, member) in members where name != "." { collect(member, at: path + [name]) }
    }

    var value: JSONValue {
        var tree: JSONValue = .object([:])
        for path in paths.sorted(by: { $0.count < $1.count }) { Self.insert(path[...], into: &tree) }
        return tree
    }

    private static func insert(_ path: ArraySlice<String>, into tree: inout JSONValue) {
        guard let first = path.first else { return }
        let existing = tree[first]
        var child = existing ?? .object([:])
        if path.count > 1 {
            if let existing, existing.object?.isEmpty == true { child["."] = .object([:]) }
            insert(path.dropFirst(), into: &child)
        }
        tree[first] = child
    }
}
