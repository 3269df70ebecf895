import Crypto
import Foundation
import Nodes

/// Programs that look at files.
extension Programs {
    static func cat(_ call: Invocation, _ state: inout MachineState) throws(OptionTable.Misuse) -> CommandResult {
        let parsed = try OptionTable("cat").parse(call.arguments)
        var transcript = Transcript()
        for path in parsed.operands.isEmpty ? ["-"] : parsed.operands {
            do throws(FileError) { transcript.output += try content(path, call, state) } catch {
                transcript.complain("cat: \(path): \(error.rawValue)")
            }
        }
        return transcript.result
    }

    /// A file's bytes; `-` and `/dev/stdin` are the program's input.
    static func content(_ path: String, _ call: Invocation, _ state: MachineState) throws(FileError) -> [UInt8] {
        switch path {
        case "-", "/dev/stdin", "/proc/self/fd/0": call.input
        case "/dev/null": []
        default: try state.files.read(path)
        }
    }

    static func head(_ call: Invocation, _ state: inout MachineState) throws(OptionTable.Misuse) -> CommandResult {
        try lines(call, state) { lines, count in Array(lines.prefix(count)) }
    }

    static func tail(_ call: Invocation, _ state: inout MachineState) throws(OptionTable.Misuse) -> CommandResult {
        try lines(call, state) { lines, count in Array(lines.suffix(count)) }
    }

    private static func lines(
        _ call: Invocation,
        _ state: MachineState,
        _ pick: ([Substring], Int) -> [Substring]
    ) throws(OptionTable.Misuse) -> CommandResult {
        let parsed = try OptionTable(call.program, values: "n", words: ["lines": ("n", .value)]).parse(call.arguments)
        guard let count = Int(parsed.value("n") ?? "10"), count >= 0 else {
            return .complaint(call.program, "invalid number of lines: ‘\(parsed.value("n") ?? "")’")
        }
        var transcript = Transcript()
        for path in parsed.operands.isEmpty ? ["-"] : parsed.operands {
            do throws(FileError) {
                let text = String(decoding: try content(path, call, state), as: UTF8.self)
                var all = text.split(separator: "\n", omittingEmptySubsequences: false)
                if all.last == "" { all.removeLast() }
                for line in pick(all, count) { transcript.print(String(line)) }
            } catch { transcript.complain("\(call.program): cannot open '\(path)' for reading: \(error.rawValue)") }
        }
        return transcript.result
    }

    static func wc(_ call: Invocation, _ state: inout MachineState) throws(OptionTable.Misuse) -> CommandResult {
        let table = OptionTable("wc", flags: "lc", words: ["lines": ("l", .flag), "bytes": ("c", .flag)])
        let parsed = try table.parse(call.arguments)
        var transcript = Transcript()
        for path in parsed.operands.isEmpty ? ["-"] : parsed.operands {
            do throws(FileError) {
                let bytes = try content(path, call, state)
                let lines = bytes.count { $0 == 0x0A }
                let words = String(decoding: bytes, as: UTF8.self).split(whereSeparator: \.isWhitespace).count
                let counts =
                    parsed.has("l")
                    ? "\(lines)" : parsed.has("c") ? "\(bytes.count)" : "\(lines) \(words) \(bytes.count)"
                transcript.print(path == "-" ? counts : "\(counts) \(path)")
            } catch { transcript.complain("wc: \(path): \(error.rawValue)") }
        }
        return transcript.result
    }

    static func sha256sum(_ call: Invocation, _ state: inout MachineState) throws(OptionTable.Misuse) -> CommandResult {
        let parsed = try OptionTable("sha256sum", flags: "bt").parse(call.arguments)
        var transcript = Transcript()
        for path in parsed.operands.isEmpty ? ["-"] : parsed.operands {
            do throws(FileError) {
                let digest = SHA256.hash(data: try content(path, call, state))
                transcript.print(
                    digest.map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined() + "  \(path)"
                )
            } catch { transcript.complain("sha256sum: \(path): \(error.rawValue)") }
        }
        return transcript.result
    }

    static func readlink(_ call: Invocation, _ state: inout MachineState) throws(OptionTable.Misuse) -> CommandResult {
        let parsed = try OptionTable("readlink", flags: "f").parse(call.arguments)
        var transcript = Transcript()
        for path in parsed.operands {
            if case .link(let target)? = state.files.entry(path, followLast: false)?.content {
                transcript.print(target)
            } else if parsed.has("f"), state.files.exists(FileTree.parent(FileTree.absolute(path))) {
                transcript.print(FileTree.absolute(path))
            } else {
                transcript.exitCode = 1
            }
        }
        return parsed.operands.isEmpty ? .complaint("readlink", "missing operand") : transcript.result
    }

    static func test(_ call: Invocation, _ state: inout MachineState) -> CommandResult {
        var words = call.arguments
        if call.program == "[" {
            guard words.popLast() == "]" else { return .complaint("[", "missing ‘]’", exitCode: 2) }
        }
        var isNegated = false
        while words.first == "!", words.count > 1 {
            isNegated.toggle()
            words.removeFirst()
        }
        guard let holds = holds(words, state) else {
            return .complaint(call.program, "\(words.first ?? ""): unary operator expected", exitCode: 2)
        }
        return CommandResult(exitCode: holds != isNegated ? 0 : 1)
    }

    /// Nil for an expression `test` does not know.
    private static func holds(_ words: [String], _ state: MachineState) -> Bool? {
        switch words.count {
        case 0: return false
        case 1: return !words[0].isEmpty
        case 2:
            let entry = state.files.entry(words[1])
            switch words[0] {
            case "-e", "-r", "-w": return entry != nil
            case "-f": return entry?.bytes != nil
            case "-d": return entry?.isFolder ?? false
            case "-s": return !(entry?.bytes ?? []).isEmpty
            case "-x": return entry.map { $0.isFolder || $0.mode & 0o111 != 0 } ?? false
            case "-L", "-h":
                if case .link? = state.files.entry(words[1], followLast: false)?.content { return true }
                return false
            case "-n": return !words[1].isEmpty
            case "-z": return words[1].isEmpty
            default: return nil
            }
        case 3:
            switch words[1] {
            case "=", "==": return words[0] == words[2]
            case "!=": return words[0] != words[2]
            case "-eq", "-ne", "-lt", "-le", "-gt", "-ge":
                guard let left = Int(words[0]), let right = Int(words[2]) else { return nil }
                switch words[1] {
                case "-eq": return left == right
                case "-ne": return left != right
                case "-lt": return left < right
                case "-le": return left <= right
                case "-gt": return left > right
                default: return left >= right
                }
            default: return nil
            }
        default: return nil
        }
    }

    static func ls(_ call: Invocation, _ state: inout MachineState) throws(OptionTable.Misuse) -> CommandResult {
        let table = OptionTable(
            "ls",
            flags: "1alAdR",
            words: ["all": ("a", .flag), "almost-all": ("A", .flag), "directory": ("d", .flag)],
            usageExitCode: 2
        )
        let parsed = try table.parse(call.arguments)
        var transcript = Transcript()
        let operands = parsed.operands.isEmpty ? ["."] : parsed.operands.sorted()
        for (index, path) in operands.enumerated() {
            guard let entry = state.files.entry(path) else {
                transcript.complain("ls: cannot access '\(path)': \(FileError.notFound.rawValue)", exitCode: 2)
                continue
            }
            guard entry.isFolder, !parsed.has("d") else {
                transcript.print(line(path, entry, isLong: parsed.has("l")))
                continue
            }
            if operands.count > 1 { transcript.print((index > 0 ? "\n" : "") + "\(path):") }
            listFolder(path, parsed, state, &transcript)
        }
        return transcript.result
    }

    private static func listFolder(
        _ path: String,
        _ parsed: OptionTable.Parsed,
        _ state: MachineState,
        _ transcript: inout Transcript
    ) {
        let isAll = parsed.has("a") || parsed.has("A")
        let names = ((try? state.files.list(path)) ?? []).filter { isAll || !$0.hasPrefix(".") }
        let dots = parsed.has("a") ? [".", ".."] : []
        if parsed.has("l") { transcript.print("total \(4 * names.count)") }
        for name in dots + names {
            let child = FileTree.join(FileTree.absolute(path), name)
            guard let entry = state.files.entry(child, followLast: false) else { continue }
            transcript.print(line(name, entry, isLong: parsed.has("l")))
        }
        guard parsed.has("R") else { return }
        for name in names {
            let child = FileTree.join(FileTree.absolute(path), name)
            guard state.files.entry(child, followLast: false)?.isFolder == true else { continue }
            transcript.print("\n\(child):")
            listFolder(child, parsed, state, &transcript)
        }
    }

    private static func line(_ name: String, _ entry: FileTree.Entry, isLong: Bool) -> String {
        guard isLong else { return name }
        let style = Date.VerbatimFormatStyle(
            format:
                "\(month: .abbreviated) \(day: .twoDigits) \(hour: .twoDigits(clock: .twentyFourHour, hourCycle: .zeroBased)):\(minute: .twoDigits)",
            locale: Locale(identifier: "en_US_POSIX"),
            timeZone: .gmt,
            calendar: Calendar(identifier: .gregorian)
        )
        let size = entry.bytes?.count ?? 4096
        let link: String = if case .link(let target) = entry.content { " -> \(target)" } else { "" }
        return "\(permissions(entry)) 1 root root \(size) \(entry.modified.formatted(style)) \(name)\(link)"
    }

    /// `-rw-r--r--`
    private static func permissions(_ entry: FileTree.Entry) -> String {
        let kind =
            switch entry.content {
            case .file: "-"
            case .folder: "d"
            case .link: "l"
            }
        return kind
            + [6, 3, 0].map { shift in
                let bits = entry.mode >> shift
                return (bits & 4 != 0 ? "r" : "-") + (bits & 2 != 0 ? "w" : "-") + (bits & 1 != 0 ? "x" : "-")
            }.joined()
    }

    static func stat(_ call: Invocation, _ state: inout MachineState) throws(OptionTable.Misuse) -> CommandResult {
        let table = OptionTable("stat", flags: "L", values: "c", words: ["format": ("c", .value)])
        let parsed = try table.parse(call.arguments)
        guard !parsed.operands.isEmpty else { throw table.misuse("missing operand") }
        var transcript = Transcript()
        for path in parsed.operands {
            guard let entry = state.files.entry(path, followLast: parsed.has("L")) else {
                transcript.complain("stat: cannot statx '\(path)': \(FileError.notFound.rawValue)")
                continue
            }
            let format = parsed.value("c") ?? "  File: %n\n  Size: %s\t%F\nAccess: (0%a/%A)  Uid: (    0/    root)"
            transcript.print(expand(format, path, entry))
        }
        return transcript.result
    }

    private static func expand(_ format: String, _ path: String, _ entry: FileTree.Entry) -> String {
        var text = ""
        var rest = format[...]
        while let character = rest.popFirst() {
            guard character == "%", let letter = rest.popFirst() else {
                text.append(character)
                continue
            }
            switch letter {
            case "a": text += String(entry.mode, radix: 8)
            case "A": text += permissions(entry)
            case "s": text += "\(entry.bytes?.count ?? 4096)"
            case "n": text += path
            case "U", "G": text += "root"
            case "u", "g": text += "0"
            case "Y": text += "\(Int(entry.modified.timeIntervalSince1970))"
            case "F": text += entry.isFolder ? "directory" : entry.bytes == nil ? "symbolic link" : "regular file"
            case "%": text += "%"
            default: text += "?"
            }
        }
        return text
    }
}
