import Foundation
import Subprocess
import SystemPackage

/// One of the real kubectl programs that `make tools` fetches, or the one on the PATH.
struct Kubectl: Sendable {
    let minor: Int
    let program: String

    /// The repository's folder.
    private static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()

    static func path(minor: Int) -> String? {
        let fetched = root.appending(path: ".build/tools/kubectl-1.\(minor)/kubectl").path
        if FileManager.default.isExecutableFile(atPath: fetched) { return fetched }
        return minor == installed?.minor ? installed?.program : nil
    }

    static func isThere(minor: Int) -> Bool { path(minor: minor) != nil }

    /// The kubectl on the PATH, whatever version that is.
    private static let installed: Kubectl? = {
        for folder in (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":") {
            let program = "\(folder)/kubectl"
            guard FileManager.default.isExecutableFile(atPath: program) else { continue }
            let process = Process()
            process.executableURL = URL(filePath: program)
            process.arguments = ["version", "--client", "-o", "json"]
            let pipe = Pipe()
            process.standardOutput = pipe
            process.standardError = FileHandle.nullDevice
            guard (try? process.run()) != nil else { continue }
            let text = String(decoding: pipe.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
            process.waitUntilExit()
            guard let mark = text.firstRange(of: "\"gitVersion\": \"v1."),
                let minor = Int(text[mark.upperBound...].prefix(while: \.isNumber))
            else { continue }
            return Kubectl(minor: minor, program: program)
        }
        return nil
    }()

    struct Outcome: Sendable {
        var exitCode: Int
        var output: [String]
        var errors: [String]
    }

    /// Runs one command in `folder`, with a cache of its own there.
    func run(_ arguments: [String], server: String, in folder: String) async throws -> Outcome {
        let result = try await Subprocess.run(
            .path(FilePath(program)),
            arguments: Arguments(["--cache-dir", "\(folder)/cache", "--server", server] + arguments),
            environment: .inherit.updating(["KUBECONFIG": "/dev/null", "HOME": folder]),
            workingDirectory: FilePath(folder),
            output: .string(limit: 1 << 22),
            error: .string(limit: 1 << 20)
        )
        var exitCode = -1
        if case .exited(let code) = result.terminationStatus { exitCode = Int(code) }
        return Outcome(
            exitCode: exitCode,
            output: Self.lines(result.standardOutput),
            errors: Self.lines(result.standardError)
        )
    }

    /// Lines with their spaces folded, without empty ones at the end.
    private static func lines(_ text: String) -> [String] {
        var lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(Story.folded)
        while lines.last?.isEmpty == true { lines.removeLast() }
        return lines
    }
}
