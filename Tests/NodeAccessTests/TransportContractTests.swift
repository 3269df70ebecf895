import Foundation
import NIOCore
import NIOPosix
import Nodes
import Settings
import Testing

/// What every way to a node promises (the sandbox's own has its tests in SandboxSocketsTests).
@Suite(.requiresRoot, .timeLimit(.minutes(5))) struct `a way to a node` {
    @Test(arguments: Way.allCases) func `passes arguments, environment and input on as they are`(way: Way) async throws
    {
        let words = [
            "", " ", "a b", "it's", "\"q\"", "$HOME", "`id`", "\\", "*", "a\nb", "日本語", "-n", "!x", "~", ";ls",
        ]
        let bytes = (0..<300_000).map { UInt8(truncatingIfNeeded: $0 &* 31) }
        try await way.with { node in
            for isReadOnly in [false, true] {
                let echo = try await node.run(
                    Command(arguments: ["printf", "[%s]"] + words, isReadOnly: isReadOnly)
                )
                #expect(echo.text == words.map { "[\($0)]" }.joined())
                let variable = try await node.run(
                    Command(
                        arguments: ["sh", "-c", "printf %s \"$KEELSTEP_X\""],
                        environment: ["KEELSTEP_X": "a 'b' $c"],
                        isReadOnly: isReadOnly
                    )
                )
                #expect(variable.text == "a 'b' $c")
                let copy = try await node.run(Command(arguments: ["cat"], input: bytes, isReadOnly: isReadOnly))
                #expect(copy.output == bytes)
                let nothing = try await node.run(Command(arguments: ["cat"], isReadOnly: isReadOnly))
                #expect(nothing == CommandResult(exitCode: 0))
            }
        }
    }

    @Test(arguments: Way.allCases) func `tells how a command ended, and its two outputs apart`(way: Way) async throws {
        try await way.with { node in
            for isReadOnly in [false, true] {
                func run(_ words: String...) async throws -> CommandResult {
                    try await node.run(Command(arguments: words, isReadOnly: isReadOnly))
                }
                let both = try await run("sh", "-c", "echo out; echo err >&2; exit 3")
                #expect(both == CommandResult(exitCode: 3, output: "out\n", errorOutput: "err\n"))
                #expect(try await run("sh", "-c", "kill -9 $$").exitCode == 137)
                #expect(try await run("sh", "-c", "exit 255").exitCode == 255)
                #expect(try await run("no-such-program").exitCode == 127)
                #expect(try await run("id", "-u").text == "0\n")
                #expect(try await run("pwd", "-P").exitCode == 0)
            }
        }
    }

    @Test(arguments: Way.allCases) func `runs commands beside one another`(way: Way) async throws {
        try await way.with { node in
            let texts = try await withThrowingTaskGroup(of: String.self) { group in
                for number in 0..<8 {
                    group.addTask { try await node.run(Command("echo", "\(number)", isReadOnly: number < 4)).text }
                }
                return try await group.reduce(into: [String]()) { $0.append($1) }
            }
            #expect(texts.sorted() == (0..<8).map { "\($0)\n" })
        }
    }

    @Test(arguments: Way.allCases) func `leaves what changes something to its end when nobody waits any more`(
        way: Way
    )
        async throws
    {
        try await withFolder { folder in
            try await way.with { node in
                let waiting = Task {
                    try await node.run(
                        Command("sh", "-c", "echo begun >\(folder)/a; cat \(folder)/go; echo ended >>\(folder)/a")
                    )
                }
                try await call("mkfifo", ["\(folder)/go"])
                try await awaitText("\(folder)/a") { $0 == "begun\n" }
                waiting.cancel()
                await #expect(throws: TransportError.self) { try await waiting.value }
                try Data("go\n".utf8).write(to: URL(filePath: "\(folder)/go"))
                try await awaitText("\(folder)/a") { $0 == "begun\nended\n" }
            }
        }
    }

    @Test(arguments: Way.allCases) func `keeps nothing of a secret on the node`(way: Way) async throws {
        let secret = "secret-\(UInt64.random(in: 0 ... .max))"
        try await way.with { node in
            let result = try await node.run(Command("cat", input: Array(secret.utf8), isSecret: true))
            #expect(result.text == secret)
            let kept = try await node.run(Command("grep", "-r", secret, "/run/keelstep", isReadOnly: true))
            #expect(kept.text == "")
        }
    }

    @Test(arguments: Way.allCases) func `leads to a port of the node, and says when nobody serves it`(
        way: Way
    ) async throws {
        let echo = try await ServerBootstrap(group: .singletonMultiThreadedEventLoopGroup)
            .childChannelInitializer { $0.pipeline.addHandler(EchoHandler()) }
            .bind(host: "127.0.0.1", port: 0).get()
        let port = try #require(echo.localAddress?.port)
        try await way.with { node in
            let answers = try await node.withForwardedPort(host: "127.0.0.1", port: port) { path in
                try await withThrowingTaskGroup(of: String.self) { group in
                    for number in 0..<4 {
                        group.addTask {
                            let stream = try await ByteStream.connect(unixSocket: path)
                            return try await stream.channel.executeThenClose { incoming, _ in
                                try await stream.send(Array("hello \(number)".utf8))
                                var reader = ByteStreamReader(incoming)
                                return String(decoding: try await reader.read(7), as: UTF8.self)
                            }
                        }
                    }
                    return try await group.reduce(into: [String]()) { $0.append($1) }
                }
            }
            #expect(answers.sorted() == (0..<4).map { "hello \($0)" })
            try await echo.close()
            let error = try await #require(throws: TransportError.self) {
                // Nobody serves the port multiplexer any more.
                try await node.withForwardedPort(host: "127.0.0.1", port: 1) { _ in }
            }
            #expect("\(error)".contains("127.0.0.1:1 as seen from it"), "\(error)")
        }
    }
}

private final class EchoHandler: ChannelInboundHandler, Sendable {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        context.writeAndFlush(data, promise: nil)
    }
}
