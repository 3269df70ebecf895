extension YAML {
    /// The value as kubectl prints it: members sorted by name, lists not indented under their member, text quoted only
    /// where it would read as something else, several lines as a block.
    package static func text(_ value: JSONValue) -> String {
        var writer = YAMLWriter()
        writer.write(value, indent: 0, isAfterKey: false)
        return writer.output
    }

    /// Several objects as documents with `---` between them.
    package static func text(_ objects: [KubernetesObject]) -> String {
        objects.map { text($0.value) }.joined(separator: "---\n")
    }
}

private struct YAMLWriter {
    var output = ""

    /// Writes a value and the end of its line. After a key the value stands on the same line, or below where it has
    /// lines of its own.
    mutating func write(_ value: JSONValue, indent: Int, isAfterKey: Bool) {
        switch value {
        case .object(let members) where !members.isEmpty:
            if isAfterKey { output += "\n" }
            var isFirst = !isAfterKey
            for (key, member) in members.sorted(by: { $0.key < $1.key }) {
                if !isFirst || isAfterKey { output += spaces(indent) }
                isFirst = false
                output += "\(scalar(key)):"
                // A list may stand at its key's own indentation.
                let isList = member.array.map { !$0.isEmpty } ?? false
                write(member, indent: isList ? indent : indent + 2, isAfterKey: true)
            }
        case .array(let elements) where !elements.isEmpty:
            if isAfterKey { output += "\n" }
            for (index, element) in elements.enumerated() {
                if index > 0 || isAfterKey { output += spaces(indent) }
                output += "- "
                write(element, indent: indent + 2, isAfterKey: false)
            }
        default:
            if isAfterKey { output += " " }
            write(scalar: value, indent: indent)
        }
    }

    private mutating func write(scalar value: JSONValue, indent: Int) {
        switch value {
        case .object: output += "{}\n"
        case .array: output += "[]\n"
        case .string(let text):
            if isBlock(text) { write(block: text, indent: max(indent, 2)) } else { output += scalar(text) + "\n" }
        default: output += value.text + "\n"
        }
    }

    private mutating func write(block text: String, indent: Int) {
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        if !text.hasSuffix("\n") {
            output += "|-\n"
        } else if lines.dropLast().last?.isEmpty ?? false {
            output += "|+\n"
        } else {
            output += "|\n"
        }
        for line in text.hasSuffix("\n") ? lines.dropLast() : lines[...] {
            output += line.isEmpty ? "\n" : spaces(indent) + line + "\n"
        }
    }

    private func spaces(_ count: Int) -> String { String(repeating: " ", count: count) }

    /// Text of several lines whose every character may stand as it is, and whose first line sets the indentation.
    private func isBlock(_ text: String) -> Bool {
        guard text.utf8.contains(0x0A), let first = text.unicodeScalars.first, first != " ", first != "\n",
            first != "\t"
        else { return false }
        return text.unicodeScalars.allSatisfy { $0 == "\n" || $0 == "\t" || isPrintable($0) }
    }

    private func isPrintable(_ scalar: Unicode.Scalar) -> Bool {
        scalar.value >= 0x20 && scalar.value != 0x7F && !(0x80...0x9F).contains(scalar.value)
            && scalar != "\u{2028}" && scalar != "\u{2029}" && scalar != "\u{FEFF}"
    }

    private func scalar(_ text: String) -> String {
        guard text.unicodeScalars.allSatisfy(isPrintable) else { return JSONValue.string(text).text }
        if case .string = YAMLScalar.plain(text), !isDateOrSexagesimal(text), text != "<<", text != "=" {
            return mayStandPlain(text)
                ? text
                : "'"
                    + text.split(separator: "'", omittingEmptySubsequences: false)
                    .joined(separator: "''") + "'"
        }
        return JSONValue.string(text).text
    }

    /// Text that other readers of YAML 1.1 take for a date, a time (`12:30`) or a special number.
    private func isDateOrSexagesimal(_ text: String) -> Bool {
        if [".nan", ".inf", "+.inf", "-.inf"].contains(text.lowercased()) { return true }
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        let isNumber = { (part: Substring) in
            !part.isEmpty && part.utf8.allSatisfy { (0x30...0x39).contains($0) || $0 == 0x2E || $0 == 0x5F }
        }
        if parts.count > 1, isNumber(parts[0].drop { $0 == "+" || $0 == "-" }), parts.dropFirst().allSatisfy(isNumber) {
            return true
        }
        let date = text.prefix(10).split(separator: "-", omittingEmptySubsequences: false)
        return date.count >= 3 && date[0].utf8.count == 4 && isNumber(date[0]) && isNumber(date[1])
            && date[2].utf8.first.map { (0x30...0x39).contains($0) } ?? false
    }

    private func mayStandPlain(_ text: String) -> Bool {
        guard let first = text.utf8.first, let last = text.utf8.last else { return false }
        guard first != 0x20, last != 0x20, last != UInt8(ascii: ":") else { return false }
        if "!&*|>'\"%@`{}[],#".utf8.contains(first) { return false }
        if "-?:".utf8.contains(first), text.utf8.count == 1 || text.utf8.dropFirst().first == 0x20 { return false }
        if text == "---" || text == "..." || text.hasPrefix("--- ") || text.hasPrefix("... ") { return false }
        return !text.contains(": ") && !text.contains(" #")
    }
}
