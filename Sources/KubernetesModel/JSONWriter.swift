extension JSONValue {
    /// The value as one line of JSON with sorted member names: the same value always gives the same bytes.
    package var bytes: [UInt8] {
        var writer = JSONWriter(isPretty: false)
        writer.write(self, indent: 0)
        return writer.output
    }

    /// ``bytes`` as text.
    package var text: String { String(decoding: bytes, as: UTF8.self) }

    /// The value over several lines, indented by two spaces, member names sorted.
    package var prettyText: String {
        var writer = JSONWriter(isPretty: true)
        writer.write(self, indent: 0)
        return String(decoding: writer.output, as: UTF8.self)
    }
}

private struct JSONWriter {
    let isPretty: Bool
    var output: [UInt8] = []

    mutating func write(_ value: JSONValue, indent: Int) {
        switch value {
        case .null: append("null")
        case .bool(let value): append(value ? "true" : "false")
        case .integer(let value): append(String(value))
        case .number(let value): append(value.isFinite ? Self.shortest(value) : "null")
        case .string(let value): write(string: value)
        case .array(let elements):
            output.append(UInt8(ascii: "["))
            var isFirst = true
            for element in elements {
                separate(&isFirst, indent: indent)
                write(element, indent: indent + 1)
            }
            close("]", isEmpty: isFirst, indent: indent)
        case .object(let members):
            output.append(UInt8(ascii: "{"))
            var isFirst = true
            for key in members.keys.sorted() {
                separate(&isFirst, indent: indent)
                write(string: key)
                output.append(UInt8(ascii: ":"))
                if isPretty { output.append(0x20) }
                write(members[key] ?? .null, indent: indent + 1)
            }
            close("}", isEmpty: isFirst, indent: indent)
        }
    }

    private static func shortest(_ value: Double) -> String {
        let text = "\(value)"
        return text.hasSuffix(".0") ? String(text.dropLast(2)) : text
    }

    private mutating func separate(_ isFirst: inout Bool, indent: Int) {
        if !isFirst { output.append(UInt8(ascii: ",")) }
        isFirst = false
        if isPretty { newLine(indent: indent + 1) }
    }

    private mutating func close(_ bracket: Unicode.Scalar, isEmpty: Bool, indent: Int) {
        if isPretty, !isEmpty { newLine(indent: indent) }
        output.append(UInt8(ascii: bracket))
    }

    private mutating func newLine(indent: Int) {
        output.append(0x0A)
        output.append(contentsOf: repeatElement(0x20, count: indent * 2))
    }

    private mutating func append(_ text: String) { output.append(contentsOf: text.utf8) }

    private mutating func write(string: String) {
        output.append(UInt8(ascii: "\""))
        let start = output.count
        output.append(contentsOf: string.utf8)
        // Few texts hold anything to escape: those are written again, byte by byte.
        for index in start..<output.count where Self.isEscaped(output[index]) {
            let bytes = Array(output[start...])
            output.removeLast(bytes.count)
            for byte in bytes { write(escaping: byte) }
            break
        }
        output.append(UInt8(ascii: "\""))
    }

    private static func isEscaped(_ byte: UInt8) -> Bool {
        byte < 0x20 || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\")
    }

    private mutating func write(escaping byte: UInt8) {
        switch byte {
        case UInt8(ascii: "\""): append("\\\"")
        case UInt8(ascii: "\\"): append("\\\\")
        case 0x0A: append("\\n")
        case 0x0D: append("\\r")
        case 0x09: append("\\t")
        case 0..<0x20: append("\\u00" + (byte < 16 ? "0" : "") + String(byte, radix: 16))
        default: output.append(byte)
        }
    }
}
