import Foundation
import Nodes

/// One program run on a machine: what it was given.
struct Invocation: Sendable {
    let program: String
    /// Without the program itself.
    let arguments: [String]
    let environment: [String: String]
    let input: [UInt8]
    let pid: Int
    let now: Date

    init(_ command: Command, pid: Int, now: Date) {
        let folders = ["/bin/", "/sbin/", "/usr/bin/", "/usr/sbin/", "/usr/local/bin/"]
        let name = command.program
        program =
            folders.first { name.hasPrefix($0) && !name.dropFirst($0.count).contains("/") }
            .map { String(name.dropFirst($0.count)) } ?? name
        arguments = Array(command.arguments.dropFirst())
        environment = command.environment
        input = command.input
        self.pid = pid
        self.now = now
    }
}

extension CommandResult {
    static func out(_ text: String) -> CommandResult { CommandResult(exitCode: 0, output: text) }

    /// `program: message` on standard error.
    static func complaint(_ program: String, _ message: String, exitCode: Int = 1) -> CommandResult {
        CommandResult(exitCode: exitCode, output: "", errorOutput: "\(program): \(message)\n")
    }
}

/// What a program writes while it goes over its operands: one that fails does not keep it from the next.
struct Transcript {
    var output: [UInt8] = []
    var errorOutput = ""
    var exitCode = 0

    mutating func print(_ line: String) { output += Array(line.utf8) + [0x0A] }
    mutating func complain(_ line: String, exitCode: Int = 1) {
        errorOutput += line + "\n"
        self.exitCode = max(self.exitCode, exitCode)
    }

    /// A line on standard error that is no failure.
    mutating func warn(_ line: String) { errorOutput += line + "\n" }

    var result: CommandResult {
        CommandResult(exitCode: exitCode, output: output, errorOutput: Array(errorOutput.utf8))
    }
}
