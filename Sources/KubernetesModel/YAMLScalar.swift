import Yams

/// What a word of YAML means.
enum YAMLScalar {
    /// The value of a scalar by its style and tag; nil where its tag says a type that its text is not.
    static func value(of scalar: Yams.Node.Scalar) -> JSONValue? {
        let text = scalar.string
        let tag = scalar.tag.description
        switch tag {
        case "", "tag:yaml.org,2002:str", "!":
            return tag.isEmpty && scalar.style == .plain ? plain(text) : .string(text)
        case "tag:yaml.org,2002:bool": return plain(text).bool.map { .bool($0) }
        case "tag:yaml.org,2002:int": return plain(text).integer.map { .integer($0) }
        case "tag:yaml.org,2002:float": return plain(text).double.map { .number($0) }
        case "tag:yaml.org,2002:null": return plain(text).isNull ? JSONValue.null : Optional.none
        default: return .string(text)
        }
    }

    /// A member's name: numbers and booleans are written out as JSON writes them. Its tag is not looked at, because
    /// Yams has changed it when it compared the keys.
    static func name(of scalar: Yams.Node.Scalar) -> String {
        guard scalar.style == .plain else { return scalar.string }
        return switch plain(scalar.string) {
        case .string(let text): text
        case let value: value.text
        }
    }

    /// The value of a word that stands without quotes.
    static func plain(_ text: String) -> JSONValue {
        switch text {
        case "", "~", "null", "Null", "NULL": return .null
        case "y", "Y", "yes", "Yes", "YES", "true", "True", "TRUE", "on", "On", "ON": return .bool(true)
        case "n", "N", "no", "No", "NO", "false", "False", "FALSE", "off", "Off", "OFF": return .bool(false)
        default: break
        }
        guard let first = text.utf8.first else { return .null }
        let isDigit = (0x30...0x39).contains(first)
        guard isDigit || first == UInt8(ascii: "+") || first == UInt8(ascii: "-") || first == UInt8(ascii: ".") else {
            return .string(text)
        }
        let digits = text.filter { $0 != "_" }
        if let value = whole(digits) { return .integer(value) }
        if isFloat(digits), let value = Double(digits), value.isFinite { return .number(value) }
        return .string(text)
    }

    /// Decimal, `0x1F`, `0o17`, `017` or `0b101`, with an optional sign.
    private static func whole(_ text: String) -> Int64? {
        let isNegative = text.hasPrefix("-")
        var digits = isNegative || text.hasPrefix("+") ? text.dropFirst() : text[...]
        guard let first = digits.utf8.first, (0x30...0x39).contains(first) else { return nil }
        var radix = 10
        if digits.utf8.count > 1, first == UInt8(ascii: "0") {
            switch digits.dropFirst().first {
            case "x", "X": radix = 16
            case "o", "O": radix = 8
            case "b", "B": radix = 2
            default: radix = 8
            }
            digits = digits.dropFirst(radix == 8 && !digits.lowercased().hasPrefix("0o") ? 1 : 2)
        }
        guard let head = digits.utf8.first, head != UInt8(ascii: "+"), head != UInt8(ascii: "-") else { return nil }
        return Int64((isNegative ? "-" : "") + digits, radix: radix)
    }

    /// Digits with at most one point, and an optional exponent.
    private static func isFloat(_ text: String) -> Bool {
        var rest = text.utf8[...]
        func digits() -> Int {
            let run = rest.prefix { (0x30...0x39).contains($0) }
            rest = rest[run.endIndex...]
            return run.count
        }
        if rest.first == UInt8(ascii: "-") || rest.first == UInt8(ascii: "+") { rest = rest.dropFirst() }
        var count = digits()
        if rest.first == UInt8(ascii: ".") {
            rest = rest.dropFirst()
            count += digits()
        }
        guard count > 0 else { return false }
        if rest.first == UInt8(ascii: "e") || rest.first == UInt8(ascii: "E") {
            rest = rest.dropFirst()
            if rest.first == UInt8(ascii: "-") || rest.first == UInt8(ascii: "+") { rest = rest.dropFirst() }
            guard digits() > 0 else { return false }
        }
        return rest.isEmpty
    }
}
