import NIOCore
import NIOPosix
import Nodes
import Testing

@Suite(.timeLimit(.minutes(1))) struct `a held channel` {
    private static func connected(
        _ body: @escaping @Sendable (ByteStream) async throws -> Void
    ) async throws {
        let server = try await ServerBootstrap(group: .singletonMultiThreadedEventLoopGroup)
            .bind(host: "127.0.0.1", port: 0) { child in
                child.eventLoop.makeCompletedFuture { try ByteStream.wrap(child) }
            }
        try await server.executeThenClose { clients in
            let port = server.channel.localAddress?.port ?? 0
            let stream = try await ByteStream.connect(host: "127.0.0.1", port: port)
            for try await client in clients {
                try await body(ByteStream(client))
                break
            }
            // Whatever became of the server's side, it has ended.
            try await stream.channel.executeThenClose { incoming, _ in for try await _ in incoming {} }
        }
    }

    @Test func `is closed when it is dropped`() async throws {
        try await Self.connected { _ in }
    }

    @Test func `is served once`() async throws {
        try await Self.connected { stream in
            try await stream.channel.executeThenClose { _, _ in }
            await #expect(throws: ChannelError.self) { try await stream.channel.executeThenClose { _, _ in } }
        }
    }
}
