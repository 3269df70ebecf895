import Subprocess
import SystemPackage

/// A program of this machine, run to its end with bounded output.
struct ChildProcess: Sendable {
    var program: String
    var arguments: [String]
    /// Variables beside the inherited ones; nil takes one away.
    var environment: [String: String?] = [:]
    var input: [UInt8] = []
    /// What it may write to standard output; to standard error an eighth of it.
    var limit = 64 << 20

    struct Outcome: Sendable {
        /// As a shell reports it: a signal N reads as 128 + N.
        var code: Int
        var output: [UInt8]
        var errorOutput: [UInt8]

        var errorText: String { String(decoding: errorOutput, as: UTF8.self) }
    }

    enum Trouble: Error {
        case notFound(String)
        case tooMuchOutput(limit: Int)
        case failed(String)
    }

    /// Cancelling ends the program: SIGTERM, and SIGKILL a second later.
    func run() async throws(Trouble) -> Outcome {
        var options = PlatformOptions()
        options.teardownSequence = [.gracefulShutDown(allowedDurationToNextStep: .seconds(1))]
        var variables: [Environment.Key: String?] = [:]
        for (name, value) in environment { variables[Environment.Key(stringLiteral: name)] = value }
        do {
            let result = try await Subprocess.run(
                program.contains("/") ? .path(FilePath(program)) : .name(program),
                arguments: Arguments(arguments),
                environment: .inherit.updating(variables),
                platformOptions: options,
                input: PatientInput(bytes: input),
                output: .bytes(limit: limit),
                error: .bytes(limit: limit / 8)
            )
            return Outcome(
                code: Self.code(result.terminationStatus),
                output: result.standardOutput,
                errorOutput: result.standardError
            )
        } catch let error as SubprocessError where error.code == .executableNotFound {
            throw .notFound(program)
        } catch let error as SubprocessError where error.code == .outputLimitExceeded {
            throw .tooMuchOutput(limit: limit)
        } catch {
            throw .failed("\(error)")
        }
    }

    private static func code(_ status: TerminationStatus) -> Int {
        switch status {
        case .exited(let code): Int(code)
        case .signaled(let signal): 128 + Int(signal)
        }
    }
}

/// Bytes for standard input. A program that ends without reading them is no error: its exit code and its words say
/// more than a broken pipe.
private struct PatientInput: InputProtocol {
    let bytes: [UInt8]

    func write(with writer: StandardInputWriter) async throws {
        if !bytes.isEmpty { _ = try? await writer.write(bytes) }
    }
}
