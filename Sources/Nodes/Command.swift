/// What is to be run on a node: an argument vector, never a shell string.
package struct Command: Sendable, Hashable, Codable {
    /// The program and its arguments; at least the program.
    package var arguments: [String]
    /// Variables added to the command's environment.
    package var environment: [String: String]
    /// Bytes for its standard input; empty means end of file at once, so that nothing can wait for a person.
    package var input: [UInt8]
    /// What it writes must not be logged or journaled (keys, tokens).
    package var isSecret: Bool
    /// It changes nothing on the node, so it may be repeated when its result was lost on the way.
    package var isReadOnly: Bool

    package init(
        _ program: String,
        _ arguments: String...,
        environment: [String: String] = [:],
        input: [UInt8] = [],
        isSecret: Bool = false,
        isReadOnly: Bool = false
    ) {
        self.init(
            arguments: [program] + arguments,
            environment: environment,
            input: input,
            isSecret: isSecret,
            isReadOnly: isReadOnly
        )
    }

    package init(
        arguments: [String],
        environment: [String: String] = [:],
        input: [UInt8] = [],
        isSecret: Bool = false,
        isReadOnly: Bool = false
    ) {
        self.arguments = arguments
        self.environment = environment
        self.input = input
        self.isSecret = isSecret
        self.isReadOnly = isReadOnly
    }

    package var program: String { arguments.first ?? "" }
}

extension Command: CustomStringConvertible {
    /// The command as a person would type it, each word quoted where a POSIX shell asks for it.
    package var description: String {
        let variables = environment.sorted { $0.key < $1.key }.map { "\($0.key)=\(ShellWord.quoted($0.value))" }
        return (variables + arguments.map(ShellWord.quoted)).joined(separator: " ")
    }
}

extension Command {
    /// The command with what it reads, as one line a person can paste into a shell. Secret input is not shown.
    package var pastable: String {
        if input.isEmpty { return description }
        if isSecret { return description + "  # reads a secret" }
        return "printf %s \(ShellWord.quoted(String(decoding: input, as: UTF8.self))) | \(description)"
    }
}

/// The one place that quotes a word for a POSIX shell (IEEE Std 1003.1, 2.2.2 single quotes).
package enum ShellWord {
    package static func quoted(_ word: String) -> String {
        let isPlain = !word.isEmpty && word.utf8.allSatisfy(isPlain)
        if isPlain { return word }
        return "'" + word.split(separator: "'", omittingEmptySubsequences: false).joined(separator: #"'\''"#) + "'"
    }

    private static func isPlain(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"):
            true
        default: "-_./:=,@%+".utf8.contains(byte)
        }
    }
}

/// How a command ended and what it wrote.
package struct CommandResult: Sendable, Hashable, Codable {
    /// 0 to 255; a signal N reads as 128 + N, as a shell reports it.
    package var exitCode: Int
    package var output: [UInt8]
    package var errorOutput: [UInt8]

    package init(exitCode: Int, output: [UInt8] = [], errorOutput: [UInt8] = []) {
        self.exitCode = exitCode
        self.output = output
        self.errorOutput = errorOutput
    }

    package init(exitCode: Int, output: String, errorOutput: String = "") {
        self.init(exitCode: exitCode, output: Array(output.utf8), errorOutput: Array(errorOutput.utf8))
    }

    package var succeeded: Bool { exitCode == 0 }
    package var text: String { String(decoding: output, as: UTF8.self) }
    package var errorText: String { String(decoding: errorOutput, as: UTF8.self) }
}
