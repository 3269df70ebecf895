extension LabelSelector {
    /// Reads a query: `a=b`, `a==b`, `a!=b`, `a in (x,y)`, `a notin (x)`, `a`, `!a`, `a>1`, `a<9`, joined by commas.
    /// The empty text matches everything.
    package init(parsing text: String) throws(ModelError) {
        var scanner = SelectorScanner(text: text)
        var requirements: [Requirement] = []
        if scanner.peek() != .end {
            while true {
                requirements.append(try scanner.requirement())
                if scanner.peek() == .end { break }
                try scanner.expect(.comma)
            }
        }
        self.init(requirements: requirements)
    }

    /// A label's value: at most 63 of letters, digits, `-`, `_` and `.`, beginning and ending with a letter or digit.
    package static func isValue(_ text: String) -> Bool { text.isEmpty || isNamePart(text) }

    /// A label's key: a name as above, with an optional DNS subdomain and slash before it.
    package static func isKey(_ text: String) -> Bool {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        guard let name = parts.last, parts.count <= 2, isNamePart(String(name)) else { return false }
        guard parts.count == 2 else { return true }
        return parts[0].utf8.count <= 253
            && parts[0].split(separator: ".", omittingEmptySubsequences: false).allSatisfy { label in
                label.utf8.first != 0x2D && label.utf8.last != 0x2D && !label.isEmpty
                    && label.utf8.allSatisfy {
                        (0x61...0x7A).contains($0) || (0x30...0x39).contains($0) || $0 == 0x2D
                    }
            }
    }

    private static func isNamePart(_ text: String) -> Bool {
        func isAlphanumeric(_ byte: UInt8) -> Bool {
            (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte)
        }
        guard let first = text.utf8.first, let last = text.utf8.last, text.utf8.count <= 63 else { return false }
        return isAlphanumeric(first) && isAlphanumeric(last)
            && text.utf8.allSatisfy { isAlphanumeric($0) || $0 == 0x2D || $0 == 0x5F || $0 == 0x2E }
    }
}

/// Splits a label query into words and signs, and reads requirements from them.
private struct SelectorScanner {
    enum Token: Equatable {
        case word(String)
        case comma, open, close, not, equal, unequal, greater, less, end
    }

    let text: String
    private let bytes: [UInt8]
    private var offset = 0

    init(text: String) {
        self.text = text
        bytes = Array(text.utf8)
    }

    func peek() -> Token {
        var copy = self
        return copy.next()
    }

    mutating func next() -> Token {
        while offset < bytes.count,
            bytes[offset] == 0x20 || bytes[offset] == 0x09 || bytes[offset] == 0x0A
                || bytes[offset] == 0x0D
        { offset += 1 }
        guard offset < bytes.count else { return .end }
        let start = offset
        offset += 1
        switch bytes[start] {
        case UInt8(ascii: ","): return .comma
        case UInt8(ascii: "("): return .open
        case UInt8(ascii: ")"): return .close
        case UInt8(ascii: ">"): return .greater
        case UInt8(ascii: "<"): return .less
        case UInt8(ascii: "!"):
            guard offset < bytes.count, bytes[offset] == UInt8(ascii: "=") else { return .not }
            offset += 1
            return .unequal
        case UInt8(ascii: "="):
            if offset < bytes.count, bytes[offset] == UInt8(ascii: "=") { offset += 1 }
            return .equal
        default:
            while offset < bytes.count, !Self.ends(word: bytes[offset]) { offset += 1 }
            return .word(String(decoding: bytes[start..<offset], as: UTF8.self))
        }
    }

    private static func ends(word byte: UInt8) -> Bool {
        switch byte {
        case 0x20, 0x09, 0x0A, 0x0D: true
        case UInt8(ascii: ","), UInt8(ascii: "("), UInt8(ascii: ")"), UInt8(ascii: "!"), UInt8(ascii: "="),
            UInt8(ascii: ">"), UInt8(ascii: "<"):
            true
        default: false
        }
    }

    mutating func expect(_ token: Token) throws(ModelError) {
        guard next() == token else { throw refusal("unexpected text before byte \(offset)") }
    }

    mutating func requirement() throws(ModelError) -> LabelSelector.Requirement {
        switch next() {
        case .not: return LabelSelector.Requirement(try key(), .doesNotExist)
        case .word(let word): return try requirement(key: try checked(key: word))
        default: throw refusal("a label's key was expected before byte \(offset)")
        }
    }

    private mutating func requirement(key: String) throws(ModelError) -> LabelSelector.Requirement {
        switch peek() {
        case .end, .comma: return LabelSelector.Requirement(key, .exists)
        default: break
        }
        switch next() {
        case .equal: return LabelSelector.Requirement(key, .isIn([try value()]))
        case .unequal: return LabelSelector.Requirement(key, .isNotIn([try value()]))
        case .word("in"): return LabelSelector.Requirement(key, .isIn(try values()))
        case .word("notin"): return LabelSelector.Requirement(key, .isNotIn(try values()))
        case .greater: return LabelSelector.Requirement(key, .isGreater(than: try number()))
        case .less: return LabelSelector.Requirement(key, .isLess(than: try number()))
        default: throw refusal("an operator was expected before byte \(offset)")
        }
    }

    private mutating func key() throws(ModelError) -> String {
        guard case .word(let word) = next() else { throw refusal("a label's key was expected before byte \(offset)") }
        return try checked(key: word)
    }

    private func checked(key: String) throws(ModelError) -> String {
        guard LabelSelector.isKey(key) else { throw refusal("'\(key)' cannot be a label's key") }
        return key
    }

    /// A value may be missing, and is then empty.
    private mutating func value() throws(ModelError) -> String {
        guard case .word(let word) = peek() else { return "" }
        _ = next()
        guard LabelSelector.isValue(word) else { throw refusal("'\(word)' cannot be a label's value") }
        return word
    }

    private mutating func values() throws(ModelError) -> [String] {
        try expect(.open)
        var values = [try value()]
        while peek() == .comma {
            try expect(.comma)
            values.append(try value())
        }
        try expect(.close)
        return values
    }

    private mutating func number() throws(ModelError) -> Int64 {
        guard case .word(let word) = next(), let number = Int64(word) else {
            throw refusal("a whole number was expected before byte \(offset)")
        }
        return number
    }

    private func refusal(_ why: String) -> ModelError { .malformedLabelSelector(text, why: why) }
}
