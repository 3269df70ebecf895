import Foundation
import Subprocess
import SystemPackage
import Testing

/// The program under test, or a real tool beside it, run as a person runs it.
struct Program: Sendable {
    struct Outcome: Sendable, CustomStringConvertible {
        var arguments: [String]
        /// The exit code; 128 + N for a process ended by signal N.
        var code: Int32
        var output: String
        var errors: String

        var description: String {
            "`\(arguments.joined(separator: " "))` ended with \(code)\n--- output\n\(output)\n--- errors\n\(errors)"
        }
    }

    var path: String
    var environment: [String: String]

    /// The debug build's `keelstep`, which lies beside the test bundle.
    static func keelstep(_ environment: [String: String] = [:]) -> Program {
        Program(path: buildFolder + "/keelstep", environment: environment)
    }

    /// A fetched kubectl, `.build/tools/kubectl-1.36/kubectl`.
    static func kubectl(_ version: String, _ environment: [String: String] = [:]) -> Program {
        Program(path: toolsFolder + "/kubectl-\(version)/kubectl", environment: environment)
    }

    var exists: Bool { FileManager.default.isExecutableFile(atPath: path) }

    static let packageFolder = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().path
    static let toolsFolder = packageFolder + "/.build/tools"
    static let buildFolder = packageFolder + "/.build/debug"

    /// Runs to the end, with standard input empty.
    func run(_ arguments: String...) async throws -> Outcome { try await run(arguments) }

    func run(_ arguments: [String], input: String = "") async throws -> Outcome {
        let record = try await Subprocess.run(
            .path(FilePath(path)),
            arguments: Arguments(arguments),
            environment: subprocessEnvironment,
            input: .string(input),
            output: .string(limit: 64 << 20),
            error: .string(limit: 64 << 20)
        )
        return Outcome(
            arguments: [path.split(separator: "/").last.map(String.init) ?? path] + arguments,
            code: Self.code(record.terminationStatus),
            output: record.standardOutput,
            errors: record.standardError
        )
    }

    var subprocessEnvironment: Subprocess.Environment {
        var values: [Subprocess.Environment.Key: String?] = [:]
        for (name, value) in environment { values[Subprocess.Environment.Key(stringLiteral: name)] = value }
        return .inherit.updating(values)
    }

    static func code(_ status: TerminationStatus) -> Int32 {
        switch status {
        case .exited(let code): Int32(code)
        case .signaled(let signal): 128 + Int32(signal)
        }
    }
}

/// Fails with the whole outcome when the program did not end as expected.
func expect(_ outcome: Program.Outcome, code: Int32 = 0, sourceLocation: SourceLocation = #_sourceLocation) {
    #expect(outcome.code == code, "\(outcome)", sourceLocation: sourceLocation)
}
