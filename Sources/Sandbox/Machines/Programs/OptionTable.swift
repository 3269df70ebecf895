import Nodes

/// The options a program takes, in the manner of getopt_long(3): what is not in the table is an error.
struct OptionTable: Sendable {
    enum Kind: Sendable { case flag, value, optionalValue }

    let program: String
    /// Letters, and whether each takes a value.
    var letters: [Character: Kind]
    /// Long names: the letter they stand for (or themselves), and whether they take a value.
    var words: [String: (name: String, kind: Kind)]
    var usageExitCode = 1

    init(
        _ program: String,
        flags: String = "",
        values: String = "",
        words: [String: (name: String, kind: Kind)] = [:],
        usageExitCode: Int = 1
    ) {
        self.program = program
        letters = [:]
        for letter in flags { letters[letter] = .flag }
        for letter in values { letters[letter] = .value }
        self.words = words
        self.usageExitCode = usageExitCode
    }

    struct Parsed: Sendable {
        var options: [(name: String, value: String)] = []
        var operands: [String] = []

        func has(_ name: String) -> Bool { options.contains { $0.name == name } }
        func value(_ name: String) -> String? { options.last { $0.name == name }?.value }
        func values(_ name: String) -> [String] { options.filter { $0.name == name }.map(\.value) }
    }

    struct Misuse: Error {
        let result: CommandResult
    }

    func misuse(_ message: String) -> Misuse {
        Misuse(
            result: CommandResult(
                exitCode: usageExitCode,
                output: "",
                errorOutput: "\(program): \(message)\nTry '\(program) --help' for more information.\n"
            )
        )
    }

    func parse(_ arguments: [String]) throws(Misuse) -> Parsed {
        var parsed = Parsed()
        var rest = arguments[...]
        while let word = rest.popFirst() {
            if word == "--" {
                parsed.operands += rest
                break
            } else if word.hasPrefix("--") {
                try parse(long: word, &rest, into: &parsed)
            } else if word.hasPrefix("-"), word != "-" {
                try parse(short: word.dropFirst(), &rest, into: &parsed)
            } else {
                parsed.operands.append(word)
            }
        }
        return parsed
    }

    private func parse(long word: String, _ rest: inout ArraySlice<String>, into parsed: inout Parsed) throws(Misuse) {
        let halves = word.dropFirst(2).split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        let name = halves.first.map(String.init) ?? ""
        guard let option = words[name] else { throw misuse("unrecognized option '\(word)'") }
        switch (option.kind, halves.count) {
        case (.flag, 2): throw misuse("option '--\(name)' doesn't allow an argument")
        case (.flag, _), (.optionalValue, 1): parsed.options.append((option.name, ""))
        case (_, 2): parsed.options.append((option.name, String(halves[1])))
        case (_, _):
            guard let value = rest.popFirst() else { throw misuse("option '--\(name)' requires an argument") }
            parsed.options.append((option.name, value))
        }
    }

    private func parse(
        short word: Substring,
        _ rest: inout ArraySlice<String>,
        into parsed: inout Parsed
    ) throws(Misuse) {
        var letters = word
        while let letter = letters.popFirst() {
            guard let kind = self.letters[letter] else { throw misuse("invalid option -- '\(letter)'") }
            if kind == .flag {
                parsed.options.append((String(letter), ""))
                continue
            }
            let value = letters.isEmpty ? rest.popFirst() : String(letters)
            guard let value else { throw misuse("option requires an argument -- '\(letter)'") }
            parsed.options.append((String(letter), value))
            return
        }
    }
}
