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
            list("[", "]", elements, indent: indent) { writer, element in writer.write(element, indent: indent + 1) }
        case .object(let members):
            let sorted = members.sorted { $0.key < $1.key }
            list("{", "}", sorted, indent: indent) { writer, member in
                writer.write(string: member.key)
                writer.append(writer.isPretty ? ": " : ":")
                writer.write(member.value, indent: indent + 1)
            }
        }
    }

    private static func shortest(_ value: Double) -> String {
        let text = "\(value)"
        return text.hasSuffix(".0") ? String(text.dropLast(2)) : text
    }

    private mutating func list<Element>(
        _ opening: String,
        _ closing: String,
        _ elements: [Element],
        indent: Int,
        write: (inout Self, Element) -> Void
    ) {
        append(opening)
        for (index, element) in elements.enumerated() {
            if index > 0 { append(",") }
            newLine(indent: indent + 1)
            write(&self, element)
        }
        if !elements.isEmpty { newLine(indent: indent) }
        append(closing)
    }

    private mutating func newLine(indent: Int) {
        guard isPretty else { return }
        output.append(0x0A)
        output.append(contentsOf: repeatElement(0x20, count: indent * 2))
    }

    private mutating func append(_ text: String) { output.append(contentsOf: text.utf8) }

    private mutating func write(string: String) {
        output.append(UInt8(ascii: "\""))
        for byte in string.utf8 {
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
        output.append(UInt8(ascii: "\""))
    }
}
