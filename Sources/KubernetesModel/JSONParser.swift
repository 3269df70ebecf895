/// Why bytes are not a JSON document (RFC 8259).
package enum JSONError: Error, Hashable {
    case unexpectedEnd(offset: Int)
    case unexpectedByte(UInt8, offset: Int)
    case invalidText(offset: Int)
    case invalidNumber(offset: Int)
    case tooDeep(limit: Int, offset: Int)
    case trailingBytes(offset: Int)
}

extension JSONError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .unexpectedEnd(let offset): "JSON ends in the middle of a value at byte \(offset)"
        case .unexpectedByte(let byte, let offset):
            "JSON has an unexpected byte 0x\(String(byte, radix: 16)) at byte \(offset)"
        case .invalidText(let offset): "JSON has a string that is not valid UTF-8 or a bad escape at byte \(offset)"
        case .invalidNumber(let offset): "JSON has a malformed number at byte \(offset)"
        case .tooDeep(let limit, let offset): "JSON is nested deeper than \(limit) levels at byte \(offset)"
        case .trailingBytes(let offset): "JSON has more bytes after its value at byte \(offset)"
        }
    }
}

extension JSONValue {
    /// Parses one whole document; of duplicate member names the last wins, as in Go's decoder.
    package init(parsing bytes: [UInt8]) throws(JSONError) {
        var parser = JSONParser(bytes: bytes)
        self = try parser.document()
    }

    package init(parsing text: String) throws(JSONError) { try self.init(parsing: Array(text.utf8)) }
}

/// A recursive descent over bytes that checks every index before it reads.
private struct JSONParser {
    static let deepest = 512

    let bytes: [UInt8]
    var offset = 0
    var depth = 0

    mutating func document() throws(JSONError) -> JSONValue {
        let value = try self.value()
        skipSpace()
        guard offset == bytes.count else { throw .trailingBytes(offset: offset) }
        return value
    }

    private var current: UInt8? { offset < bytes.count ? bytes[offset] : nil }

    private mutating func skipSpace() {
        while let byte = current, byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 { offset += 1 }
    }

    private mutating func value() throws(JSONError) -> JSONValue {
        skipSpace()
        guard let byte = current else { throw .unexpectedEnd(offset: offset) }
        switch byte {
        case UInt8(ascii: "{"): return try object()
        case UInt8(ascii: "["): return try array()
        case UInt8(ascii: "\""): return .string(try string())
        case UInt8(ascii: "t"): return try literal("true", .bool(true))
        case UInt8(ascii: "f"): return try literal("false", .bool(false))
        case UInt8(ascii: "n"): return try literal("null", .null)
        case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): return try number()
        default: throw .unexpectedByte(byte, offset: offset)
        }
    }

    private mutating func literal(_ text: StaticString, _ value: JSONValue) throws(JSONError) -> JSONValue {
        for expected in text.description.utf8 {
            guard let byte = current else { throw .unexpectedEnd(offset: offset) }
            guard byte == expected else { throw .unexpectedByte(byte, offset: offset) }
            offset += 1
        }
        return value
    }

    private mutating func descend() throws(JSONError) {
        depth += 1
        guard depth <= Self.deepest else { throw .tooDeep(limit: Self.deepest, offset: offset) }
        offset += 1
    }

    private mutating func object() throws(JSONError) -> JSONValue {
        try descend()
        var members: [String: JSONValue] = [:]
        skipSpace()
        if current == UInt8(ascii: "}") {
            offset += 1
            depth -= 1
            return .object(members)
        }
        while true {
            skipSpace()
            guard let quote = current else { throw .unexpectedEnd(offset: offset) }
            guard quote == UInt8(ascii: "\"") else { throw .unexpectedByte(quote, offset: offset) }
            let key = try string()
            skipSpace()
            guard let colon = current else { throw .unexpectedEnd(offset: offset) }
            guard colon == UInt8(ascii: ":") else { throw .unexpectedByte(colon, offset: offset) }
            offset += 1
            members[key] = try value()
            if try endOfList(closing: UInt8(ascii: "}")) { return .object(members) }
        }
    }

    private mutating func array() throws(JSONError) -> JSONValue {
        try descend()
        var elements: [JSONValue] = []
        skipSpace()
        if current == UInt8(ascii: "]") {
            offset += 1
            depth -= 1
            return .array(elements)
        }
        while true {
            elements.append(try value())
            if try endOfList(closing: UInt8(ascii: "]")) { return .array(elements) }
        }
    }

    private mutating func endOfList(closing: UInt8) throws(JSONError) -> Bool {
        skipSpace()
        guard let byte = current else { throw .unexpectedEnd(offset: offset) }
        guard byte == UInt8(ascii: ",") || byte == closing else { throw .unexpectedByte(byte, offset: offset) }
        offset += 1
        if byte == closing { depth -= 1 }
        return byte == closing
    }

    private mutating func string() throws(JSONError) -> String {
        offset += 1
        let start = offset
        while let byte = current {
            switch byte {
            case UInt8(ascii: "\""):
                defer { offset += 1 }
                guard let text = String(validating: bytes[start..<offset], as: UTF8.self) else {
                    throw .invalidText(offset: start)
                }
                return text
            case UInt8(ascii: "\\"): return try stringWithEscapes(from: start)
            case 0..<0x20: throw .invalidText(offset: offset)
            default: offset += 1
            }
        }
        throw .unexpectedEnd(offset: offset)
    }

    private mutating func stringWithEscapes(from start: Int) throws(JSONError) -> String {
        var buffer = Array(bytes[start..<offset])
        while let byte = current {
            offset += 1
            switch byte {
            case UInt8(ascii: "\""):
                guard let text = String(validating: buffer, as: UTF8.self) else { throw .invalidText(offset: start) }
                return text
            case UInt8(ascii: "\\"): buffer.append(contentsOf: try escape().utf8)
            case 0..<0x20: throw .invalidText(offset: offset - 1)
            default: buffer.append(byte)
            }
        }
        throw .unexpectedEnd(offset: offset)
    }

    private mutating func escape() throws(JSONError) -> String {
        guard let byte = current else { throw .unexpectedEnd(offset: offset) }
        offset += 1
        switch byte {
        case UInt8(ascii: "\""): return "\""
        case UInt8(ascii: "\\"): return "\\"
        case UInt8(ascii: "/"): return "/"
        case UInt8(ascii: "b"): return "\u{08}"
        case UInt8(ascii: "f"): return "\u{0C}"
        case UInt8(ascii: "n"): return "\n"
        case UInt8(ascii: "r"): return "\r"
        case UInt8(ascii: "t"): return "\t"
        case UInt8(ascii: "u"): return String(try escapedScalar())
        default: throw .unexpectedByte(byte, offset: offset - 1)
        }
    }

    /// A lone surrogate becomes U+FFFD, as Go's decoder does.
    private mutating func escapedScalar() throws(JSONError) -> Unicode.Scalar {
        let unit = try hexadecimal()
        if let scalar = Unicode.Scalar(unit) { return scalar }
        guard (0xD800..<0xDC00).contains(unit), offset + 1 < bytes.count, bytes[offset] == UInt8(ascii: "\\"),
            bytes[offset + 1] == UInt8(ascii: "u")
        else { return "\u{FFFD}" }
        let before = offset
        offset += 2
        let low = try hexadecimal()
        guard (0xDC00..<0xE000).contains(low) else {
            offset = before
            return "\u{FFFD}"
        }
        let code = 0x10000 + ((UInt32(unit) - 0xD800) << 10) + (UInt32(low) - 0xDC00)
        return Unicode.Scalar(code) ?? "\u{FFFD}"
    }

    private mutating func hexadecimal() throws(JSONError) -> UInt16 {
        var unit: UInt16 = 0
        for _ in 0..<4 {
            guard let byte = current else { throw .unexpectedEnd(offset: offset) }
            guard let digit = Character(Unicode.Scalar(byte)).hexDigitValue else {
                throw .unexpectedByte(byte, offset: offset)
            }
            unit = unit << 4 | UInt16(digit)
            offset += 1
        }
        return unit
    }

    private mutating func number() throws(JSONError) -> JSONValue {
        let start = offset
        if current == UInt8(ascii: "-") { offset += 1 }
        let firstDigit = offset
        try digits()
        guard bytes[firstDigit] != UInt8(ascii: "0") || offset == firstDigit + 1 else {
            throw .invalidNumber(offset: start)
        }
        var isWhole = true
        if current == UInt8(ascii: ".") {
            isWhole = false
            offset += 1
            try digits()
        }
        if current == UInt8(ascii: "e") || current == UInt8(ascii: "E") {
            isWhole = false
            offset += 1
            if current == UInt8(ascii: "+") || current == UInt8(ascii: "-") { offset += 1 }
            try digits()
        }
        let text = String(decoding: bytes[start..<offset], as: UTF8.self)
        if isWhole, let value = Int64(text) { return .integer(value) }
        guard let value = Double(text), value.isFinite else { throw .invalidNumber(offset: start) }
        return .number(value)
    }

    private mutating func digits() throws(JSONError) {
        let start = offset
        while let byte = current, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) { offset += 1 }
        guard offset > start else { throw .invalidNumber(offset: start) }
    }
}
