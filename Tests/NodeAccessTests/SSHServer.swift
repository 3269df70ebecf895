import Foundation
import Subprocess
import SystemPackage
import Testing

/// A real sshd on a port of loopback, with keys of its own, for one test.
struct SSHServer: Sendable {
    let folder: String
    let port: Int
    /// `-F` for ssh: the key to offer, and the server's key in a known_hosts of its own.
    var clientConfiguration: String { folder + "/client" }
    var knownHosts: String { folder + "/known_hosts" }

    static func with<Value: Sendable>(
        _ options: [String] = [],
        _ body: @Sendable (SSHServer) async throws -> Value
    ) async throws -> Value {
        let folder = "/tmp/keelstep-sshd-\(UInt64.random(in: 0 ... .max))"
        try FileManager.default.createDirectory(
            atPath: folder,
            withIntermediateDirectories: true,
            attributes: [.posixPermissions: 0o700]
        )
        defer { try? FileManager.default.removeItem(atPath: folder) }
        // sshd separates its privileges in this folder, which its package leaves to the service manager to make.
        try FileManager.default.createDirectory(atPath: "/run/sshd", withIntermediateDirectories: true)
        for name in ["host", "user"] {
            try await call("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-f", "\(folder)/\(name)"])
        }
        let server = SSHServer(folder: folder, port: try FreePort.take())
        try server.write(options)
        return try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await server.serve() }
            let result: Result<Value, any Error>
            do {
                try await server.becomeReady()
                let value = try await body(server)
                try server.cutSessions()
                result = .success(value)
            } catch { result = .failure(error) }
            group.cancelAll()
            return try result.get()
        }
    }

    /// Until it is cancelled.
    private func serve() async throws {
        let log = try FileDescriptor.open(
            FilePath("\(folder)/log"),
            .writeOnly,
            options: [.create, .append],
            permissions: .ownerReadWrite
        )
        var options = PlatformOptions()
        options.teardownSequence = [.gracefulShutDown(allowedDurationToNextStep: .seconds(2))]
        _ = try await Subprocess.run(
            .path("/usr/sbin/sshd"),
            arguments: ["-D", "-e", "-f", "\(folder)/sshd"],
            platformOptions: options,
            output: .discarded,
            error: .fileDescriptor(log, closeAfterSpawningProcess: true)
        )
    }

    private func write(_ options: [String]) throws {
        let server =
            options + [
                "ListenAddress 127.0.0.1:\(port)", "HostKey \(folder)/host", "PidFile none", "StrictModes no",
                "AuthorizedKeysFile \(folder)/user.pub", "PermitRootLogin yes", "UsePAM no",
                "PasswordAuthentication no", "KbdInteractiveAuthentication no",
            ]
        try write(server, "sshd")
        let key = try String(contentsOfFile: "\(folder)/host.pub", encoding: .utf8)
        try write(["[127.0.0.1]:\(port) \(key)"], "known_hosts")
        try write(
            ["Host *", "IdentityFile \(folder)/user", "IdentitiesOnly yes", "UserKnownHostsFile \(knownHosts)"],
            "client"
        )
    }

    func write(_ lines: [String], _ name: String) throws {
        try Data((lines.joined(separator: "\n") + "\n").utf8).write(to: URL(filePath: "\(folder)/\(name)"))
    }

    private func becomeReady() async throws {
        let deadline = ContinuousClock.now + .seconds(20)
        while !log.contains("Server listening on 127.0.0.1") {
            try #require(ContinuousClock.now < deadline, "sshd did not start: \(log)")
            try await Task.sleep(for: .milliseconds(20))
        }
    }

    var log: String { (try? String(contentsOfFile: "\(folder)/log", encoding: .utf8)) ?? "" }

    /// Ends every session at once, as a cut cable does; the server goes on.
    func cutSessions() throws {
        let server = try Self.processes().first { $0.arguments.contains("\(folder)/sshd") }
        for pid in try Self.children(of: try #require(server).pid) { kill(pid, SIGKILL) }
    }

    /// The children of a process, and theirs that are sshd's, but nothing a session runs.
    private static func children(of parent: pid_t) throws -> [pid_t] {
        let all = try processes()
        let sessions = all.filter { $0.parent == parent && $0.name == "sshd" }
        return sessions.map(\.pid)
            + all.filter { row in sessions.contains { $0.pid == row.parent } && row.name == "sshd" }
            .map(\.pid)
    }

    private struct Row {
        var pid: pid_t
        var parent: pid_t
        var name: String
        var arguments: String
    }

    private static func processes() throws -> [Row] {
        try FileManager.default.contentsOfDirectory(atPath: "/proc").compactMap { name in
            guard let pid = pid_t(name), let stat = try? String(contentsOfFile: "/proc/\(pid)/stat", encoding: .utf8),
                let end = stat.lastIndex(of: ")"), let start = stat.firstIndex(of: "("),
                let parent = stat[end...].split(separator: " ").dropFirst(2).first.flatMap({ pid_t($0) })
            else { return nil }
            let arguments = FileManager.default.contents(atPath: "/proc/\(pid)/cmdline") ?? Data()
            return Row(
                pid: pid,
                parent: parent,
                name: String(stat[stat.index(after: start)..<end]),
                arguments: String(decoding: arguments, as: UTF8.self)
            )
        }
    }
}

/// Runs a program that has to succeed.
func call(_ program: String, _ arguments: [String]) async throws {
    let result = try await Subprocess.run(
        .name(program),
        arguments: Arguments(arguments),
        output: .discarded,
        error: .string(limit: 1 << 16)
    )
    try #require(result.terminationStatus.isSuccess, "\(program): \(result.standardError)")
}
