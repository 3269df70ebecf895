/// One JSON value. Whole numbers that fit stay integers, so that ports, counts and generations survive a round trip.
package enum JSONValue: Sendable, Hashable {
    case null
    case bool(Bool)
    case integer(Int64)
    case number(Double)
    case string(String)
    case array([JSONValue])
    case object([String: JSONValue])
}

extension JSONValue {
    /// The member named `key`; nil when this is no object or has no such member. Setting nil removes the member,
    /// and setting a member of anything but an object makes it an object.
    package subscript(key: String) -> JSONValue? {
        get { if case .object(let members) = self { members[key] } else { nil } }
        set {
            var members: [String: JSONValue] = [:]
            if case .object(let present) = self { members = present }
            self = .null  // gives up the second reference, so that the change below does not copy
            members[key] = newValue
            self = .object(members)
        }
    }

    /// The element at `index`; nil when this is no array or the index is out of its range.
    package subscript(index: Int) -> JSONValue? {
        if case .array(let elements) = self, elements.indices.contains(index) { elements[index] } else { nil }
    }

    /// The value found by following member names down; nil as soon as one is missing.
    package subscript(path path: [String]) -> JSONValue? {
        get {
            var value = self
            for key in path {
                guard let next = value[key] else { return nil }
                value = next
            }
            return value
        }
        set {
            guard let first = path.first else {
                self = newValue ?? .null
                return
            }
            let rest = Array(path.dropFirst())
            if rest.isEmpty {
                self[first] = newValue
                return
            }
            if self[first] == nil && newValue == nil { return }
            var child = self[first] ?? .object([:])
            self[first] = .null
            child[path: rest] = newValue
            self[first] = child
        }
    }

    /// `value["spec", "nodeName"]`: shorthand for ``subscript(path:)``.
    package subscript(first: String, second: String, rest: String...) -> JSONValue? {
        get { self[path: [first, second] + rest] }
        set { self[path: [first, second] + rest] = newValue }
    }

    package var isNull: Bool { self == .null }
    package var string: String? { if case .string(let value) = self { value } else { nil } }
    package var bool: Bool? { if case .bool(let value) = self { value } else { nil } }
    package var array: [JSONValue]? { if case .array(let value) = self { value } else { nil } }
    package var object: [String: JSONValue]? { if case .object(let value) = self { value } else { nil } }

    /// The value as a whole number; a number with a fraction or out of range has none.
    package var integer: Int64? {
        switch self {
        case .integer(let value): value
        case .number(let value): Int64(exactly: value)
        default: nil
        }
    }

    /// As ``integer``, in the machine's word.
    package var int: Int? { integer.flatMap { Int(exactly: $0) } }

    package var double: Double? {
        switch self {
        case .integer(let value): Double(value)
        case .number(let value): value
        default: nil
        }
    }

    /// String elements of an array; anything else in it is left out.
    package var strings: [String] { array?.compactMap(\.string) ?? [] }

    /// An object whose values are strings (labels, annotations); other members are left out.
    package var stringMap: [String: String] { object?.compactMapValues(\.string) ?? [:] }

    package init(_ map: [String: String]) { self = .object(map.mapValues { .string($0) }) }
    package init(_ list: [String]) { self = .array(list.map { .string($0) }) }
}

extension JSONValue: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral, ExpressibleByBooleanLiteral,
    ExpressibleByFloatLiteral, ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral, ExpressibleByNilLiteral
{
    package init(stringLiteral value: String) { self = .string(value) }
    package init(integerLiteral value: Int64) { self = .integer(value) }
    package init(booleanLiteral value: Bool) { self = .bool(value) }
    package init(floatLiteral value: Double) { self = .number(value) }
    package init(arrayLiteral elements: JSONValue...) { self = .array(elements) }
    package init(nilLiteral: ()) { self = .null }
    package init(dictionaryLiteral elements: (String, JSONValue)...) {
        self = .object(Dictionary(elements, uniquingKeysWith: { _, last in last }))
    }
}
