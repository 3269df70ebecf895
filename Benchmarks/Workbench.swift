import Foundation
import Subprocess
import SystemPackage

/// The programs that are measured, and a folder for what they leave.
struct Workbench: Sendable {
    struct Failed: Error, CustomStringConvertible {
        var command: [String]
        var code: Int32
        var errors: String
        var description: String { "`\(command.joined(separator: " "))` ended with \(code): \(errors)" }
    }

    let keelstep: String
    let kubectl: String
    /// Short, since Unix socket paths end at 107 bytes.
    let folder: String

    init(keelstep: String, kubectl: String) throws {
        self.keelstep = keelstep
        self.kubectl = kubectl
        folder = "/tmp/ks-bench-\(ProcessInfo.processInfo.processIdentifier)"
        try FileManager.default.createDirectory(
            atPath: folder,
            withIntermediateDirectories: true,
            attributes: [.posixPermissions: 0o700]
        )
    }

    func remove() { try? FileManager.default.removeItem(atPath: folder) }

    /// What happens now, to those who wait.
    func say(_ text: String) { try? FileHandle.standardError.write(contentsOf: Data("\(text)\n".utf8)) }

    /// Runs a program that must succeed, and gives its output.
    @discardableResult
    func run(_ command: [String], _ environment: [String: String] = [:]) async throws -> String {
        let record = try await Subprocess.run(
            .path(FilePath(command.first ?? "")),
            arguments: Arguments(Array(command.dropFirst())),
            environment: Self.environment(environment),
            output: .string(limit: 1 << 30),
            error: .string(limit: 1 << 24)
        )
        guard case .exited(0) = record.terminationStatus else {
            throw Failed(command: command, code: Self.code(record.terminationStatus), errors: record.standardError)
        }
        return record.standardOutput
    }

    /// Measures a program that must succeed; its output goes nowhere.
    func measure(_ command: [String], _ environment: [String: String] = [:]) async throws -> Sample {
        let record = "\(folder)/sample.json"
        try await run(
            ["/proc/self/exe", "measure", "--record", record, "--"] + command,
            environment
        )
        return try JSONDecoder().decode(Sample.self, from: Data(contentsOf: URL(filePath: record)))
    }

    /// Brings a sandbox up for `body`, and down after it.
    func withSandbox<Value>(
        _ options: [String],
        _ body: (BenchSandbox) async throws -> Value
    ) async throws -> Value {
        let sandbox = BenchSandbox(workbench: self, name: "bench")
        let environment = ["KEELSTEP_SANDBOX_ROOT": folder]
        try await run([keelstep, "sandbox", "up", "--name", sandbox.name] + options, environment)
        let value: Result<Value, any Error>
        do { value = .success(try await body(sandbox)) } catch { value = .failure(error) }
        try await run([keelstep, "sandbox", "down", "--name", sandbox.name], environment)
        return try value.get()
    }

    private static func environment(_ more: [String: String]) -> Subprocess.Environment {
        var values: [Subprocess.Environment.Key: String?] = ["NO_COLOR": "1"]
        for (name, value) in more { values[Subprocess.Environment.Key(stringLiteral: name)] = value }
        return .inherit.updating(values)
    }

    private static func code(_ status: TerminationStatus) -> Int32 {
        switch status {
        case .exited(let code): Int32(code)
        case .signaled(let signal): 128 + Int32(signal)
        }
    }
}

/// A running sandbox, as its clients see it.
struct BenchSandbox: Sendable {
    let workbench: Workbench
    let name: String

    var folder: String { "\(workbench.folder)/\(name)" }

    /// What makes keelstep and kubectl talk to it.
    var environment: [String: String] {
        [
            "KUBECONFIG": folder + "/kubeconfig", "KEELSTEP_CONFIG": folder + "/keelstep.yaml",
            "KUBECACHEDIR": workbench.folder + "/cache", "KEELSTEP_SANDBOX_ROOT": workbench.folder,
        ]
    }

    @discardableResult
    func kubectl(_ words: String...) async throws -> String {
        try await workbench.run([workbench.kubectl] + words, environment)
    }

    /// Creates these objects; with `isSettled`, and waits until every workload runs at full strength.
    func load(_ manifests: String, isSettled: Bool = false) async throws {
        let file = folder + "/load.yaml"
        try Data(manifests.utf8).write(to: URL(filePath: file))
        let wait = isSettled ? ["--wait"] : []
        try await workbench.run([workbench.keelstep, "sandbox", "load", "--name", name, file] + wait, environment)
    }
}
