/// Which labels an object must carry: parsed from a query (`app=web,tier notin (test)`) or read from a LabelSelector
/// object (`matchLabels`, `matchExpressions`).
package struct LabelSelector: Sendable, Hashable {
    package enum Operation: Sendable, Hashable {
        case isIn([String])
        /// Also true where the label is absent.
        case isNotIn([String])
        case exists
        case doesNotExist
        case isGreater(than: Int64)
        case isLess(than: Int64)
    }

    package struct Requirement: Sendable, Hashable {
        package var key: String
        package var operation: Operation

        package init(_ key: String, _ operation: Operation) {
            self.key = key
            self.operation = operation
        }

        package func matches(_ labels: [String: String]) -> Bool { matches(value: labels[key]) }

        /// Whether the label's value, nil where it is absent, is what is asked for.
        fileprivate func matches(value: String?) -> Bool {
            switch operation {
            case .isIn(let values): return value.map(values.contains) ?? false
            case .isNotIn(let values): return !(value.map(values.contains) ?? false)
            case .exists: return value != nil
            case .doesNotExist: return value == nil
            case .isGreater(let bound): return value.flatMap { Int64($0) }.map { $0 > bound } ?? false
            case .isLess(let bound): return value.flatMap { Int64($0) }.map { $0 < bound } ?? false
            }
        }
    }

    /// All must hold. Nil where the selector matches nothing at all.
    package var requirements: [Requirement]?

    package init(requirements: [Requirement]?) { self.requirements = requirements }

    package static let everything = LabelSelector(requirements: [])
    package static let nothing = LabelSelector(requirements: nil)

    /// Matches objects that carry every one of `labels` (a Service's or a ReplicationController's selector).
    package init(matching labels: [String: String]) {
        requirements = labels.sorted { $0.key < $1.key }.map { Requirement($0.key, .isIn([$0.value])) }
    }

    /// Reads a LabelSelector object. Absent or null matches nothing, `{}` everything; one that the API would refuse
    /// (an unknown operator, `In` without values) matches nothing.
    package init(_ value: JSONValue?) {
        guard let members = value?.object else {
            self = .nothing
            return
        }
        self.init(matching: members["matchLabels"]?.stringMap ?? [:])
        for expression in members["matchExpressions"]?.array ?? [] {
            guard let requirement = Requirement(expression) else {
                self = .nothing
                return
            }
            requirements?.append(requirement)
        }
    }

    package func matches(_ labels: [String: String]) -> Bool {
        guard let requirements else { return false }
        return requirements.allSatisfy { $0.matches(labels) }
    }

    /// As for the object's labels, without gathering them all.
    package func matches(_ object: KubernetesObject) -> Bool {
        guard let requirements else { return false }
        if requirements.isEmpty { return true }
        let labels = object.value["metadata"]?["labels"]
        return requirements.allSatisfy { $0.matches(value: labels?[$0.key]?.string) }
    }

    /// True for `{}`, which every object matches.
    package var matchesEverything: Bool { requirements?.isEmpty ?? false }
}

extension LabelSelector.Requirement {
    /// Reads one expression of `matchExpressions` or of a node selector term, which adds `Gt` and `Lt`.
    package init?(_ expression: JSONValue) {
        guard let key = expression["key"]?.string, let name = expression["operator"]?.string else { return nil }
        let values = expression["values"]?.strings ?? []
        switch name {
        case "In": if values.isEmpty { return nil } else { self.init(key, .isIn(values)) }
        case "NotIn": if values.isEmpty { return nil } else { self.init(key, .isNotIn(values)) }
        case "Exists": self.init(key, .exists)
        case "DoesNotExist": self.init(key, .doesNotExist)
        case "Gt", "Lt":
            guard values.count == 1, let bound = Int64(values[0]) else { return nil }
            self.init(key, name == "Gt" ? .isGreater(than: bound) : .isLess(than: bound))
        default: return nil
        }
    }
}

extension LabelSelector: CustomStringConvertible {
    /// The selector as a query, requirements in their order; what matches nothing reads `<none>`.
    package var description: String {
        guard let requirements else { return "<none>" }
        return requirements.map(\.description).joined(separator: ",")
    }
}

extension LabelSelector.Requirement: CustomStringConvertible {
    package var description: String {
        switch operation {
        case .isIn(let values):
            values.count == 1 ? "\(key)=\(values[0])" : "\(key) in (\(values.joined(separator: ",")))"
        case .isNotIn(let values):
            values.count == 1 ? "\(key)!=\(values[0])" : "\(key) notin (\(values.joined(separator: ",")))"
        case .exists: key
        case .doesNotExist: "!\(key)"
        case .isGreater(let bound): "\(key)>\(bound)"
        case .isLess(let bound): "\(key)<\(bound)"
        }
    }
}
