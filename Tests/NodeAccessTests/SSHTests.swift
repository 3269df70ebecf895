import Foundation
import Nodes
import Settings
import Testing

@Suite(.requiresRoot, .timeLimit(.minutes(5))) struct `a way over SSH` {
    private func refused(
        _ server: SSHServer,
        _ change: (inout SSHAccess) -> Void = { _ in }
    ) async throws -> TransportError {
        try await Transports.with(server.settings(change)) { transports in
            let node = try transports[NodeIdentity(name: "cp-1")]
            return try await #require(throws: TransportError.self) { try await node.run(Command("true")) }
        }
    }

    @Test func `survives a cut in mid-command: the command ran once, and its end is told`() async throws {
        try await withFolder { folder in
            try await SSHServer.with { server in
                try await Transports.with(server.settings()) { transports in
                    let node = try transports[NodeIdentity(name: "cp-1")]
                    try await call("mkfifo", ["\(folder)/go"])
                    async let result = node.run(
                        Command("sh", "-c", "echo run >>\(folder)/runs; cat \(folder)/go; echo oops >&2; exit 7")
                    )
                    try await awaitText("\(folder)/runs") { $0 == "run\n" }
                    try server.cutSessions()
                    try Data("went on\n".utf8).write(to: URL(filePath: "\(folder)/go"))
                    #expect(
                        try await result == CommandResult(exitCode: 7, output: "went on\n", errorOutput: "oops\n")
                    )
                    #expect(try String(contentsOfFile: "\(folder)/runs", encoding: .utf8) == "run\n")
                }
            }
        }
    }

    @Test func `survives one cut with all that run beside one another`() async throws {
        try await withFolder { folder in
            try await SSHServer.with { server in
                try await Transports.with(server.settings()) { transports in
                    let node = try transports[NodeIdentity(name: "cp-1")]
                    try await withThrowingTaskGroup(of: String.self) { group in
                        for number in 0..<8 {
                            let wait = "while [ ! -e \(folder)/go ]; do sleep 0.1; done"
                            let script = "echo run >>\(folder)/runs; \(wait); echo \(number)"
                            group.addTask { try await node.run(Command("sh", "-c", script)).text }
                        }
                        try await awaitText("\(folder)/runs") { $0 == String(repeating: "run\n", count: 8) }
                        try server.cutSessions()
                        try Data().write(to: URL(filePath: "\(folder)/go"))
                        let texts = try await group.reduce(into: []) { $0.append($1) }
                        #expect(texts.sorted() == (0..<8).map { "\($0)\n" })
                    }
                    let runs = try String(contentsOfFile: "\(folder)/runs", encoding: .utf8)
                    #expect(runs == String(repeating: "run\n", count: 8))
                }
            }
        }
    }

    @Test func `reads again what it was reading when the connection was cut`() async throws {
        try await withFolder { folder in
            try await SSHServer.with { server in
                try await Transports.with(server.settings()) { transports in
                    let node = try transports[NodeIdentity(name: "cp-1")]
                    try await call("mkfifo", ["\(folder)/go"])
                    let script =
                        "echo run >>\(folder)/runs; [ $(wc -l <\(folder)/runs) -gt 1 ] || cat \(folder)/go; echo end"
                    async let result = node.run(Command(arguments: ["sh", "-c", script], isReadOnly: true))
                    try await awaitText("\(folder)/runs") { $0 == "run\n" }
                    try server.cutSessions()
                    #expect(try await result == CommandResult(exitCode: 0, output: "end\n"))
                    #expect(try String(contentsOfFile: "\(folder)/runs", encoding: .utf8) == "run\nrun\n")
                    // The first reader is still there, as nothing ends a command whose connection is lost.
                    try Data("end".utf8).write(to: URL(filePath: "\(folder)/go"))
                }
            }
        }
    }

    @Test func `says that a command was killed on the node, and does not repeat it`() async throws {
        try await withFolder { folder in
            try await Way.ssh.with { node in
                let result = Task {
                    try await node.run(
                        Command("sh", "-c", "echo $PPID $$ >\(folder)/pids; while :; do sleep 1; done")
                    )
                }
                try await awaitText("\(folder)/pids") { $0.hasSuffix("\n") }
                let pids = try String(contentsOfFile: "\(folder)/pids", encoding: .utf8)
                    .split(whereSeparator: \.isWhitespace).compactMap { pid_t($0) }
                for pid in pids { kill(pid, SIGKILL) }
                let error = try await #require(throws: TransportError.self) { try await result.value }
                guard case .interrupted = error else {
                    Issue.record("\(error)")
                    return
                }
            }
        }
    }

    @Test func `refuses a host key that is not known, and one that is another`() async throws {
        try await SSHServer.with { server in
            let right = try String(contentsOfFile: server.knownHosts, encoding: .utf8)
            try server.write([], "known_hosts")
            let unknown = try await refused(server)
            #expect("\(unknown)".contains("its host key is not known yet"), "\(unknown)")
            try await call("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-f", "\(server.folder)/other"])
            let other = try String(contentsOfFile: "\(server.folder)/other.pub", encoding: .utf8)
            try server.write(["[127.0.0.1]:\(server.port) \(other)"], "known_hosts")
            for change in [{ _ in }, { (access: inout SSHAccess) in access.acceptsNewHostKeys = true }] {
                let changed = try await refused(server, change)
                #expect("\(changed)".contains("its host key is not the one known for 127.0.0.1"), "\(changed)")
                #expect("\(changed)".contains("known_hosts:1"), "\(changed)")
            }
            try server.write([], "known_hosts")
            try await Transports.with(server.settings { $0.acceptsNewHostKeys = true }) { transports in
                let result = try await transports[NodeIdentity(name: "cp-1")].run(Command("true"))
                #expect(result.succeeded)
            }
            #expect(try String(contentsOfFile: server.knownHosts, encoding: .utf8).contains("ssh-ed25519"))
            try Data(right.utf8).write(to: URL(filePath: server.knownHosts))
        }
    }

    @Test func `says why it does not get in`() async throws {
        try await SSHServer.with { server in
            try await call("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-f", "\(server.folder)/other"])
            let configuration = try String(contentsOfFile: server.clientConfiguration, encoding: .utf8)
            let wrongKey = configuration.replacing("\(server.folder)/user", with: "\(server.folder)/other")
            try server.write([wrongKey], "wrong-key")
            let denied = try await refused(server) { $0.configFile = server.folder + "/wrong-key" }
            #expect("\(denied)".contains("it does not let root in"), "\(denied)")
            #expect("\(denied)".contains("authorized_keys"), "\(denied)")
            let free = try FreePort.take()
            let nobody = try await refused(server) { $0.port = free }
            guard case .unreachable = nobody else {
                Issue.record("\(nobody)")
                return
            }
            #expect("\(nobody)".contains("Connection refused"), "\(nobody)")
            let unnamed = try await refused(server) { $0.host = "no-such-node.invalid" }
            #expect("\(unnamed)".contains("cannot be resolved"), "\(unnamed)")
        }
    }

    @Test func `says that the node's sshd forbids forwarding`() async throws {
        try await SSHServer.with(["AllowTcpForwarding no"]) { server in
            try await Transports.with(server.settings()) { transports in
                let node = try transports[NodeIdentity(name: "cp-1")]
                let error = try await #require(throws: TransportError.self) {
                    try await node.withForwardedPort(host: "127.0.0.1", port: server.port) { _ in }
                }
                #expect("\(error)".contains("forbids forwarding"), "\(error)")
            }
        }
    }

    @Test func `opens the connection anew when it has ended in silence`() async throws {
        try await SSHServer.with { server in
            try await Transports.with(server.settings()) { transports in
                let node = try transports[NodeIdentity(name: "cp-1")]
                #expect(try await node.run(Command("true")).succeeded)
                try server.cutSessions()
                // The client's master notices, ends, and removes its socket.
                let found = try await node.withForwardedPort(host: "127.0.0.1", port: server.port) { path in
                    FileManager.default.fileExists(atPath: path)
                }
                #expect(found)
                #expect(try await node.run(Command("true")).succeeded)
            }
        }
    }

    @Test func `leaves no process and no folder behind`() async throws {
        try await SSHServer.with { server in
            try await Transports.with(server.settings()) { transports in
                let result = try await transports[NodeIdentity(name: "cp-1")].run(Command("true"))
                #expect(result.succeeded)
            }
            // The server sees the end of the session when the client's master has gone.
            try await awaitText("\(server.folder)/log") { $0.contains("Received disconnect from 127.0.0.1") }
        }
    }

    @Test func `names the template when a node's address is not known`() async throws {
        try await Transports.with(NodeAccessSettings(fallback: .ssh(SSHAccess()))) { transports in
            let error = #expect(throws: NoWayToNode.self) { try transports[NodeIdentity(name: "cp-1")] }
            #expect(error == .noAddress(node: "cp-1", template: "{internalIP}"))
        }
    }
}
