import Nodes

/// grep(1).
extension Programs {
    static func grep(_ call: Invocation, _ state: inout MachineState) throws(OptionTable.Misuse) -> CommandResult {
        let table = OptionTable(
            "grep",
            flags: "rRlLHhnivcqEFsG",
            values: "e",
            words: [
                "recursive": ("r", .flag), "files-with-matches": ("l", .flag), "with-filename": ("H", .flag),
                "no-filename": ("h", .flag), "quiet": ("q", .flag), "extended-regexp": ("E", .flag),
                "fixed-strings": ("F", .flag), "ignore-case": ("i", .flag), "count": ("c", .flag),
                "regexp": ("e", .value),
            ],
            usageExitCode: 2
        )
        let parsed = try table.parse(call.arguments)
        var operands = parsed.operands
        guard let pattern = parsed.value("e") ?? (operands.isEmpty ? nil : operands.removeFirst()) else {
            return CommandResult(
                exitCode: 2,
                output: "",
                errorOutput: "Usage: grep [OPTION]... PATTERNS [FILE]...\nTry 'grep --help' for more information.\n"
            )
        }
        guard let matches = matcher(pattern, parsed) else {
            return .complaint("grep", "Unmatched [, [^, [:, [., or [=", exitCode: 2)
        }
        return search(matches, operands.isEmpty ? ["-"] : operands, parsed, call, state)
    }

    private static func matcher(_ pattern: String, _ parsed: OptionTable.Parsed) -> ((String) -> Bool)? {
        let ignoresCase = parsed.has("i")
        if parsed.has("F") {
            let wanted = ignoresCase ? pattern.lowercased() : pattern
            return { (ignoresCase ? $0.lowercased() : $0).contains(wanted) }
        }
        guard let regex = try? Regex(parsed.has("E") ? pattern : extended(pattern)) else { return nil }
        let cased = regex.ignoresCase(ignoresCase)
        return { $0.contains(cased) }
    }

    /// A basic regular expression as an extended one: there `+ ? | ( ) { }` are special with a backslash only.
    private static func extended(_ pattern: String) -> String {
        var text = ""
        var rest = pattern[...]
        while let character = rest.popFirst() {
            if character == "\\", let next = rest.popFirst() {
                text += "+?|(){}".contains(next) ? String(next) : "\\\(next)"
            } else {
                text += "+?|(){}".contains(character) ? "\\\(character)" : String(character)
            }
        }
        return text
    }

    private static func search(
        _ matches: (String) -> Bool,
        _ operands: [String],
        _ parsed: OptionTable.Parsed,
        _ call: Invocation,
        _ state: MachineState
    ) -> CommandResult {
        let isRecursive = parsed.has("r") || parsed.has("R")
        let names = !parsed.has("h") && (parsed.has("H") || isRecursive || operands.count > 1)
        var transcript = Transcript()
        var hasFound = false
        for path in operands.flatMap({ isRecursive ? walk($0, state) : [$0] }) {
            do throws(FileError) {
                let text = String(decoding: try content(path, call, state), as: UTF8.self)
                var lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
                if lines.last == "" { lines.removeLast() }
                let hits = lines.enumerated().filter { matches($0.element) != parsed.has("v") }
                hasFound = hasFound || !hits.isEmpty
                if parsed.has("q") { continue }
                let prefix = names ? "\(path):" : ""
                if parsed.has("l") {
                    if !hits.isEmpty { transcript.print(path) }
                } else if parsed.has("c") {
                    transcript.print("\(prefix)\(hits.count)")
                } else {
                    for hit in hits {
                        transcript.print(prefix + (parsed.has("n") ? "\(hit.offset + 1):" : "") + hit.element)
                    }
                }
            } catch {
                if !parsed.has("s") { transcript.warn("grep: \(path): \(error.rawValue)") }
                transcript.exitCode = 2
            }
        }
        if transcript.exitCode == 0 || (parsed.has("q") && hasFound) { transcript.exitCode = hasFound ? 0 : 1 }
        return transcript.result
    }

    /// Files at and below a path.
    private static func walk(_ path: String, _ state: MachineState) -> [String] {
        guard state.files.isFolder(path) else { return [path] }
        let names = (try? state.files.list(path)) ?? []
        return names.flatMap { walk(path.hasSuffix("/") ? path + $0 : "\(path)/\($0)", state) }
    }
}
