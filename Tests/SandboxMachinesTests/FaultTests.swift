import Foundation
import Nodes
import Sandbox
import Synchronization
import Testing

@Suite(.timeLimit(.minutes(1))) struct `a fault of a machine` {
    @Test func `lets a command fail without its effect, as often as it says`() async throws {
        try await Lab.with { lab in
            let machine = try lab.machine("w-1")
            _ = await machine.inject(
                MachineFault(words: ["touch", "/root/a"], outcome: .fail(exitCode: 9, text: "no"), times: 2)
            )
            for _ in 0..<2 {
                let result = try await lab.run("w-1", "touch", "/root/a")
                #expect(result.exitCode == 9 && result.errorText == "no\n")
            }
            #expect(await !machine.snapshot.files.exists("/root/a"))
            #expect(try await lab.run("w-1", "touch", "/root/b").succeeded, "other words are not met")
            #expect(try await lab.run("w-1", "touch", "/root/a").succeeded)
            #expect(await machine.snapshot.files.exists("/root/a"))
        }
    }

    @Test func `meets words in a row, anywhere in the command`() async throws {
        try await Lab.with { lab in
            let machine = try lab.machine("w-1")
            let fault = await machine.inject(
                MachineFault(words: ["upgrade", "node"], outcome: .fail(exitCode: 1, text: "x"))
            )
            #expect(try await lab.run("w-1", "kubeadm", "upgrade", "node").errorText == "x\n")
            #expect(try await lab.run("w-1", "echo", "upgrade", "the", "node").succeeded)
            #expect(try await lab.run("w-1", "echo", "upgrade node").succeeded)
            await machine.lift(fault)
            #expect(try await lab.run("w-1", "echo", "upgrade", "node").succeeded)
        }
    }

    @Test func `lets a command hang until it is lifted, and then go on`() async throws {
        try await Lab.with { lab in
            let machine = try lab.machine("w-1")
            _ = await machine.inject(MachineFault(words: ["touch", "/root/a"], outcome: .hang))
            async let result = lab.run("w-1", "touch", "/root/a")
            try await eventually("touch hangs") { try await lab.run("w-1", "pgrep", "-x", "touch").succeeded }
            #expect(await !machine.snapshot.files.exists("/root/a"))
            #expect(try await lab.run("w-1", "echo", "others", "go", "on").succeeded)
            await machine.liftAllFaults()
            #expect(try await result.succeeded)
            #expect(await machine.snapshot.files.exists("/root/a"))
            #expect(try await !lab.run("w-1", "pgrep", "-x", "touch").succeeded)
        }
    }

    @Test func `kills a client before an effect, which then does not happen`() async throws {
        try await Lab.with { lab in
            let machine = try lab.machine("w-1")
            let seen = Mutex([String]())
            await machine.setHook(
                CommandHook(
                    before: { node, command, client in
                        seen.withLock { $0.append("\(CommandHook.key(node, command)) by \(client)") }
                        return client != 4711
                    },
                    after: { _, _, result, _ in seen.withLock { $0.append("ended \(result.exitCode)") } }
                )
            )
            #expect(await machine.run(Command("touch", "/root/a"), client: 4711) == nil)
            #expect(await !machine.snapshot.files.exists("/root/a"))
            #expect(await machine.run(Command("rm", "-rf", "/run/keelstep/apt-0123456789ab"), client: 7)?.exitCode == 0)
            #expect(
                seen.withLock(\.self) == [
                    "w-1 touch /root/a by 4711", "w-1 rm -rf /run/keelstep/apt-X by 7", "ended 0",
                ]
            )
        }
    }
}

@Suite(.timeLimit(.minutes(1))) struct `a machine's socket` {
    /// A machine behind its socket, in a folder of a short name: socket paths end at 107 bytes.
    private func with(
        _ body: @escaping @Sendable (Lab, Machine, SocketTransport) async throws -> Void
    ) async throws {
        try await Lab.with { lab in
            let folder = "/tmp/ks-machine-\(UInt32.random(in: 0 ... .max))"
            try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
            defer { try? FileManager.default.removeItem(atPath: folder) }
            let machine = try lab.machine("w-1")
            let server = try await MachineServer(machine, path: folder + "/w-1.sock") { _ in nil }
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { try await server.run() }
                try await body(lab, machine, SocketTransport(node: "w-1", path: folder + "/w-1.sock"))
                group.cancelAll()
                // Cancelled, the server may end with or without an error.
                while await group.nextResult() != nil {}
            }
        }
    }

    @Test func `carries commands, their input, their output and their end`() async throws {
        try await with { _, machine, transport in
            let bytes = Array(UInt8.min...UInt8.max)
            let written = try await transport.run(Command("tee", "/root/bytes", input: bytes))
            #expect(written == CommandResult(exitCode: 0, output: bytes))
            #expect(await machine.snapshot.files.entry("/root/bytes")?.bytes == bytes)
            let missing = try await transport.run(Command("nonsense"))
            #expect(missing.exitCode == 127 && missing.errorText.contains("nonsense"))
        }
    }

    @Test func `lets a command go on when its client is gone`() async throws {
        try await with { lab, machine, transport in
            _ = await machine.inject(MachineFault(words: ["touch", "/root/a"], outcome: .hang))
            let client = Task { try await transport.run(Command("touch", "/root/a")) }
            try await eventually("touch runs") { try await lab.run("w-1", "pgrep", "-x", "touch").succeeded }
            client.cancel()
            let error = await #expect(throws: TransportError.self) { try await client.value }
            guard case .cancelled = error else {
                Issue.record("\(String(describing: error))")
                return
            }
            #expect(try await lab.run("w-1", "pgrep", "-x", "touch").succeeded)
            await machine.liftAllFaults()
            try await eventually("the effect is there") { await machine.snapshot.files.exists("/root/a") }
        }
    }

    @Test func `resets its connections while the node is cut off`() async throws {
        try await with { lab, machine, transport in
            _ = await machine.inject(MachineFault(words: ["touch", "/root/a"], outcome: .hang))
            let client = Task { try await transport.run(Command("touch", "/root/a")) }
            try await eventually("touch runs") { try await lab.run("w-1", "pgrep", "-x", "touch").succeeded }
            await machine.setPartitioned(true)
            let error = await #expect(throws: TransportError.self) { try await client.value }
            guard case .connectionLost = error else {
                Issue.record("\(String(describing: error))")
                return
            }
            await #expect(throws: TransportError.self) { try await transport.run(Command("true")) }
            await machine.liftAllFaults()
            try await eventually("the effect is there") { await machine.snapshot.files.exists("/root/a") }
            #expect(try await transport.run(Command("true")).succeeded)
        }
    }

    @Test func `refuses a port that nobody serves, by its name`() async throws {
        try await with { _, _, transport in
            let error = await #expect(throws: TransportError.self) {
                try await transport.withForwardedPort(host: "127.0.0.1", port: 2379) { _ in }
            }
            let text = "\(try #require(error))"
            #expect(text.contains("127.0.0.1:2379"))
        }
    }
}
