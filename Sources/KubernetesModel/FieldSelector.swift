/// Which values an object's fields must have: `spec.nodeName=worker-1,status.phase!=Succeeded`.
///
/// Which fields a server supports depends on the kind; that is checked where the kind is known.
package struct FieldSelector: Sendable, Hashable {
    package enum Operation: String, Sendable, Hashable {
        case equals = "="
        case differs = "!="
    }

    package struct Requirement: Sendable, Hashable {
        package var path: String
        package var op: Operation
        package var value: String

        package init(path: String, op: Operation = .equals, value: String) {
            self.path = path
            self.op = op
            self.value = value
        }

        package func matches(_ object: KubernetesObject) -> Bool {
            (FieldSelector.text(of: path, in: object) == value) == (op == .equals)
        }
    }

    /// All must hold.
    package var requirements: [Requirement]

    package init(requirements: [Requirement] = []) { self.requirements = requirements }

    /// Reads terms joined by commas, each `path=value`, `path==value` or `path!=value`; in a value `\,`, `\=` and `\\`
    /// stand for themselves. Empty terms are passed over.
    package init(parsing text: String) throws(ModelError) {
        requirements = []
        for term in Self.terms(text) where !term.isEmpty {
            requirements.append(try Self.requirement(term, of: text))
        }
    }

    package func matches(_ object: KubernetesObject) -> Bool { requirements.allSatisfy { $0.matches(object) } }

    private static func terms(_ text: String) -> [[UInt8]] {
        var terms: [[UInt8]] = [[]]
        var isEscaped = false
        for byte in text.utf8 {
            if byte == UInt8(ascii: ","), !isEscaped {
                terms.append([])
                continue
            }
            terms[terms.count - 1].append(byte)
            isEscaped = byte == UInt8(ascii: "\\") && !isEscaped
        }
        return terms
    }

    private static func requirement(_ term: [UInt8], of text: String) throws(ModelError) -> Requirement {
        let equal = UInt8(ascii: "=")
        guard let sign = term.firstIndex(of: equal) else {
            throw .malformedFieldSelector(text, why: "'\(String(decoding: term, as: UTF8.self))' has no '='")
        }
        let differs = sign > 0 && term[sign - 1] == UInt8(ascii: "!")
        let path = String(decoding: term[..<(differs ? sign - 1 : sign)], as: UTF8.self)
        guard !path.isEmpty else { throw .malformedFieldSelector(text, why: "a field's name is missing") }
        var rest = term[(sign + 1)...]
        if !differs, rest.first == equal { rest = rest.dropFirst() }
        return Requirement(path: path, op: differs ? .differs : .equals, value: try unescaped(rest, of: text))
    }

    private static func unescaped(_ bytes: ArraySlice<UInt8>, of text: String) throws(ModelError) -> String {
        var value: [UInt8] = []
        var isEscaped = false
        for byte in bytes {
            if isEscaped {
                guard byte == UInt8(ascii: ",") || byte == UInt8(ascii: "=") || byte == UInt8(ascii: "\\") else {
                    throw .malformedFieldSelector(text, why: "a backslash may stand only before ',', '=' and '\\'")
                }
                value.append(byte)
                isEscaped = false
            } else if byte == UInt8(ascii: "\\") {
                isEscaped = true
            } else if byte == UInt8(ascii: "=") {
                throw .malformedFieldSelector(text, why: "a second '=' must be written '\\='")
            } else {
                value.append(byte)
            }
        }
        guard !isEscaped else { throw .malformedFieldSelector(text, why: "it ends in a backslash") }
        return String(decoding: value, as: UTF8.self)
    }
}

extension FieldSelector {
    /// What a field reads as: an absent one is empty, or `false` or `0` where its type is that.
    package static func text(of path: String, in object: KubernetesObject) -> String {
        switch path {
        case "metadata.name": return object.name
        case "metadata.namespace": return object.namespace ?? ""
        case "spec.nodeName": return object.value["spec"]?["nodeName"]?.string ?? ""
        case "source": return object["source", "component"]?.string ?? ""
        case "reportingComponent":
            return object["reportingComponent"]?.string ?? object["reportingController"]?.string ?? ""
        case "status.podIPs": return object["status", "podIP"]?.string ?? ""
        default: break
        }
        switch object[path: path.split(separator: ".").map(String.init)] {
        case .string(let value): return value
        case .bool(let value): return value ? "true" : "false"
        case .integer(let value): return String(value)
        case nil, .null: return absent[path] ?? ""
        default: return ""
        }
    }

    private static let absent = [
        "spec.unschedulable": "false", "spec.hostNetwork": "false", "status.successful": "0",
    ]
}
