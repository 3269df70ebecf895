import Foundation
import Subprocess
import SystemPackage
import Testing

extension Program {
    /// Runs the program beside `body`, which is told its process id; waits for its end, and kills it where `body` fails.
    func beside<Value: Sendable>(
        _ arguments: [String],
        _ body: @Sendable @escaping (_ pid: Int32) async throws -> Value
    ) async throws -> (value: Value, outcome: Outcome) {
        let result = try await Subprocess.run(
            .path(FilePath(path)),
            arguments: Arguments(arguments),
            environment: subprocessEnvironment,
            input: .none,
            output: .discarded,
            error: .string(limit: 64 << 20)
        ) { execution in
            let pid = Int32(execution.processIdentifier.value)
            do { return try await body(pid) } catch {
                kill(pid, SIGKILL)
                throw error
            }
        }
        let outcome = Outcome(
            arguments: [path] + arguments,
            code: Self.code(result.terminationStatus),
            output: "",
            errors: result.standardError
        )
        return (result.closureResult, outcome)
    }
}

/// Asks again until `condition` holds: for what only another program knows, and tells nobody.
func eventually(
    _ goal: String,
    within limit: Duration = .seconds(90),
    sourceLocation: SourceLocation = #_sourceLocation,
    _ condition: () async throws -> Bool
) async throws {
    let deadline = ContinuousClock.now + limit
    while try await !condition() {
        guard ContinuousClock.now < deadline else {
            Issue.record("it never came to: \(goal)", sourceLocation: sourceLocation)
            throw StoryEnded()
        }
        try await Task.sleep(for: .milliseconds(100))
    }
}
