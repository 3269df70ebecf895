import KubernetesModel

/// A merge patch that knows the lists of built-in kinds and obeys directives (`$patch`, `$setElementOrder/…`,
/// `$deleteFromPrimitiveList/…`, `$retainKeys`).
struct StrategicMergePatch {
    let kind: String

    private static let orderDirective = "$setElementOrder/"

    func apply(_ patch: JSONValue, to target: JSONValue) throws(APIStatus) -> JSONValue {
        try merged(patch.object ?? [:], into: target) ?? .object([:])
    }

    /// The object as `patch` leaves it; nil when the patch deletes it.
    private func merged(_ patch: [String: JSONValue], into target: JSONValue?) throws(APIStatus) -> JSONValue? {
        var members = target?.object ?? [:]
        switch patch["$patch"]?.string {
        case nil, "merge"?: break
        case "replace"?: return .object(patch.filter { $0.key != "$patch" })
        case "delete"?: return nil
        case let other?: throw .badRequest("unknown patch type found: \(other)")
        }
        if let kept = patch["$retainKeys"]?.strings {
            members = members.filter { kept.contains($0.key) }
        }
        for (name, values) in patch where name.hasPrefix("$deleteFromPrimitiveList/") {
            let field = String(name.dropFirst("$deleteFromPrimitiveList/".count))
            let gone = values.array ?? []
            if let list = members[field]?.array { members[field] = .array(list.filter { !gone.contains($0) }) }
        }
        for (name, change) in patch where !name.hasPrefix("$") {
            members[name] = try merged(change, into: members[name], field: name)
        }
        for (field, change) in patch where !field.hasPrefix("$") {
            guard let elements = change.array, MergeKeys.rule(for: field, kind: kind) != .replaced else { continue }
            sort(&members, field, as: elements, before: target)
        }
        for (name, order) in patch where name.hasPrefix(Self.orderDirective) {
            sort(&members, String(name.dropFirst(Self.orderDirective.count)), as: order.array ?? [], before: target)
        }
        return .object(members)
    }

    private func merged(_ change: JSONValue, into present: JSONValue?, field: String) throws(APIStatus) -> JSONValue? {
        switch change {
        case .null: return nil
        case .object(let members):
            // A budget's selector is one value: half of one and half of another would select something else.
            if kind == "PodDisruptionBudget", field == "selector" { return .object(stripped(members)) }
            return try merged(members, into: present)
        case .array(let elements):
            switch MergeKeys.rule(for: field, kind: kind) {
            case .replaced: return change
            case .asSet:
                var list = present?.array ?? []
                for element in elements where !list.contains(element) { list.append(element) }
                return .array(list)
            case .byKeys(let keys): return try mergedList(elements, into: present?.array ?? [], key: keys[0])
            }
        default: return change
        }
    }

    private func stripped(_ members: [String: JSONValue]) -> [String: JSONValue] {
        members.filter { !$0.key.hasPrefix("$") && !$0.value.isNull }
    }

    private func mergedList(
        _ changes: [JSONValue],
        into present: [JSONValue],
        key: String
    ) throws(APIStatus) -> JSONValue {
        var list = present
        if changes.contains(where: { $0["$patch"] == "replace" && $0.object?.count == 1 }) { list = [] }
        for change in changes {
            guard let members = change.object else { throw .badRequest("a list of objects was given a plain value") }
            if members["$patch"] == "replace", members.count == 1 { continue }
            guard let identity = members[key] else {
                throw .badRequest("map: \(change.text) does not contain declared merge key: \(key)")
            }
            let index = list.firstIndex { $0[key] == identity }
            switch (index, try merged(members, into: index.map { list[$0] })) {
            case (let index?, let result?): list[index] = result
            case (let index?, nil): list.remove(at: index)
            case (nil, let result?): list.append(result)
            case (nil, nil): break
            }
        }
        return .array(list)
    }

    private func sort(
        _ members: inout [String: JSONValue],
        _ field: String,
        as order: [JSONValue],
        before: JSONValue?
    ) {
        guard let list = members[field]?.array else { return }
        members[field] = .array(sorted(list, as: order, before: before?[field]?.array ?? [], field))
    }

    /// Elements named by `order` in that order, new ones first; the others keep their place among those that stood in the list before.
    private func sorted(
        _ list: [JSONValue],
        as order: [JSONValue],
        before: [JSONValue],
        _ field: String
    ) -> [JSONValue] {
        func identity(_ element: JSONValue) -> JSONValue {
            if case .byKeys(let keys) = MergeKeys.rule(for: field, kind: kind) {
                element[keys[0]] ?? .null
            } else {
                element
            }
        }
        let wanted = order.map(identity)
        let former = before.map(identity)
        let named = list.filter { wanted.contains(identity($0)) }
            .sorted { (wanted.firstIndex(of: identity($0)) ?? 0) < (wanted.firstIndex(of: identity($1)) ?? 0) }
        var others = list.filter { !wanted.contains(identity($0)) }[...]
        var result: [JSONValue] = []
        for element in named {
            let place = former.firstIndex(of: identity(element))
            while let place, let other = others.first, let its = former.firstIndex(of: identity(other)), its < place {
                result.append(other)
                others = others.dropFirst()
            }
            result.append(element)
        }
        return result + others
    }
}
