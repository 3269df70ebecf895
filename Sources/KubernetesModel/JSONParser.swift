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
    /// Members of the objects that are open: a dictionary is made once its size is known.
    private var names: [String] = []
    private var values: [JSONValue] = []

    init(bytes: [UInt8]) { self.bytes = bytes }

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
        case UInt8(ascii: "\""): return .string(try string())
        case UInt8(ascii: "{"): return try object()
        case UInt8(ascii: "["): return try array()
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
        skipSpace()
        if current == UInt8(ascii: "}") {
            offset += 1
            depth -= 1
            return .object([:])
        }
        let firstName = names.count
        while true {
            skipSpace()
            guard let quote = current else { throw .unexpectedEnd(offset: offset) }
            guard quote == UInt8(ascii: "\"") else { throw .unexpectedByte(quote, offset: offset) }
            names.append(try string())
            skipSpace()
            guard let colon = current else { throw .unexpectedEnd(offset: offset) }
            guard colon == UInt8(ascii: ":") else { throw .unexpectedByte(colon, offset: offset) }
            offset += 1
            values.append(try value())
            if try endOfList(closing: UInt8(ascii: "}")) { break }
        }
        // Taken from the end, so that nothing is copied; of equal names the last counts.
        var members = [String: JSONValue](minimumCapacity: names.count - firstName)
        while names.count > firstName {
            let name = names.removeLast()
            if let later = members.updateValue(values.removeLast(), forKey: name) { members[name] = later }
        }
        return .object(members)
    }

    private mutating func array() throws(JSONError) -> JSONValue {
        try descend()
        skipSpace()
        if current == UInt8(ascii: "]") {
            offset += 1
            depth -= 1
            return .array([])
        }
        var elements: [JSONValue] = []
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
        var allBits: UInt8 = 0
        var index = offset
        while index < bytes.count {
            let byte = bytes[index]
            if byte == UInt8(ascii: "\"") {
                offset = index + 1
                return try text(bytes[start..<index], isASCII: allBits < 0x80)
            }
            if byte == UInt8(ascii: "\\") {
                offset = index
                return try stringWithEscapes(from: start)
            }
            guard byte >= 0x20 else { throw .invalidText(offset: index) }
            allBits |= byte
            index += 1
        }
        throw .unexpectedEnd(offset: index)
    }

    /// ASCII needs no second look: validating is several times slower than copying.
    private func text(_ bytes: ArraySlice<UInt8>, isASCII: Bool) throws(JSONError) -> String {
        if isASCII { return String(decoding: bytes, as: UTF8.self) }
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw .invalidText(offset: bytes.startIndex)
        }
        return text
    }

    private mutating func stringWithEscapes(from start: Int) throws(JSONError) -> String {
        var buffer = Array(bytes[start..<offset])
        while let byte = current {
            offset += 1
            switch byte {
            case UInt8(ascii: "\""):
                guard let text = String(validating: buffer, as: UTF8.self) else { throw .invalidText(offset: start) }
                return text
            case UInt8(ascii: "\\"): try appendEscape(to: &buffer)
            case 0..<0x20: throw .invalidText(offset: offset - 1)
            default: buffer.append(byte)
            }
        }
        throw .unexpectedEnd(offset: offset)
    }

    private mutating func appendEscape(to buffer: inout [UInt8]) throws(JSONError) {
        guard let byte = current else { throw .unexpectedEnd(offset: offset) }
        offset += 1
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): buffer.append(byte)
        case UInt8(ascii: "b"): buffer.append(0x08)
        case UInt8(ascii: "f"): buffer.append(0x0C)
        case UInt8(ascii: "n"): buffer.append(0x0A)
        case UInt8(ascii: "r"): buffer.append(0x0D)
        case UInt8(ascii: "t"): buffer.append(0x09)
        case UInt8(ascii: "u"): buffer.append(contentsOf: String(try escapedScalar()).utf8)
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
        if isWhole, let value = whole(start..<offset) { return .integer(value) }
        let text = String(decoding: bytes[start..<offset], as: UTF8.self)
        guard let value = Double(text), value.isFinite else { throw .invalidNumber(offset: start) }
        return .number(value)
    }

    /// The whole number that these digits write; nil where it has more than 64 bits.
    private func whole(_ range: Range<Int>) -> Int64? {
        let isNegative = bytes[range.lowerBound] == UInt8(ascii: "-")
        var value: Int64 = 0
        for byte in bytes[(isNegative ? range.lowerBound + 1 : range.lowerBound)..<range.upperBound] {
            let digit = Int64(byte - UInt8(ascii: "0"))
            let (tenfold, overflow) = value.multipliedReportingOverflow(by: 10)
            let (next, carry) = tenfold.addingReportingOverflow(isNegative ? 0 - digit : digit)
            if overflow || carry { return nil }
            value = next
        }
        return value
    }

    private mutating func digits() throws(JSONError) {
        let start = offset
        while let byte = current, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) { offset += 1 }
        guard offset > start else { throw .invalidNumber(offset: start) }
    }
}
