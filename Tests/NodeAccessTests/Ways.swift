import Foundation
import Nodes
import Settings
import Testing

/// The kinds of transport that work on this machine itself, so that one contract can be held against each.
enum Way: String, Sendable, CaseIterable, CustomTestStringConvertible {
    case local, ssh

    var testDescription: String { rawValue }

    func with<Value: Sendable>(
        _ body: @Sendable (any Transport) async throws -> Value
    ) async throws -> Value {
        let node = NodeIdentity(name: "here")
        switch self {
        case .local:
            return try await Transports.with(NodeAccessSettings(fallback: .local)) { try await body($0[node]) }
        case .ssh:
            return try await SSHServer.with { server in
                try await Transports.with(server.settings()) { try await body($0[node]) }
            }
        }
    }
}

extension SSHServer {
    var access: SSHAccess {
        var access = SSHAccess()
        access.host = "127.0.0.1"
        access.user = "root"
        access.port = port
        access.configFile = clientConfiguration
        return access
    }

    func settings(_ change: (inout SSHAccess) -> Void = { _ in }) -> NodeAccessSettings {
        var access = access
        change(&access)
        return NodeAccessSettings(fallback: .ssh(access))
    }
}

extension Trait where Self == ConditionTrait {
    /// Commands on a node are root's, and sshd lets only the user in who started it unless that is root.
    static var requiresRoot: Self { .enabled("needs root, as commands on a node do") { getuid() == 0 } }
}

/// Reads a file of the test until it says what is waited for.
func awaitText(_ path: String, _ condition: (String) -> Bool) async throws {
    let deadline = ContinuousClock.now + .seconds(30)
    while !condition((try? String(contentsOfFile: path, encoding: .utf8)) ?? "") {
        try #require(ContinuousClock.now < deadline, "\(path) never said so")
        try await Task.sleep(for: .milliseconds(10))
    }
}

/// A folder for one test.
func withFolder<Value: Sendable>(_ body: (String) async throws -> Value) async throws -> Value {
    let folder = "/tmp/keelstep-access-\(UInt64.random(in: 0 ... .max))"
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    return try await body(folder)
}
