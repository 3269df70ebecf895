import NIOCore
import NIOPosix
import Nodes

/// The cluster's `controlPlaneEndpoint`: passes TCP connections on to an API server that serves.
///
/// Bytes pass through untouched, so TLS is between the client and the API server.
package struct LoadBalancer: Sendable {
    private let channel: NIOAsyncChannel<HeldChannel<ByteBuffer, ByteBuffer>, Never>
    /// Ports of the API servers to try, best first.
    private let backends: @Sendable () async -> [Int]

    package var port: Int { channel.channel.localAddress?.port ?? 0 }

    /// Listens on a loopback port (0: any).
    package init(port: Int = 0, backends: @escaping @Sendable () async -> [Int]) async throws {
        self.backends = backends
        channel = try await ServerBootstrap(group: .singletonMultiThreadedEventLoopGroup)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .bind(host: "127.0.0.1", port: port) { child in
                child.eventLoop.makeCompletedFuture { try Self.wrap(child) }
            }
    }

    private static func wrap(_ channel: any Channel) throws -> HeldChannel<ByteBuffer, ByteBuffer> {
        HeldChannel(
            try NIOAsyncChannel(
                wrappingChannelSynchronously: channel,
                configuration: .init(isOutboundHalfClosureEnabled: true)
            )
        )
    }

    /// Serves until the task is cancelled.
    package func run() async throws {
        try await withThrowingDiscardingTaskGroup { group in
            try await channel.executeThenClose { clients in
                for try await client in clients {
                    group.addTask { await serve(client) }
                }
            }
            group.cancelAll()
        }
    }

    /// A connection that breaks on either side concerns nobody but its two ends; one that no backend answers is closed.
    private func serve(_ client: HeldChannel<ByteBuffer, ByteBuffer>) async {
        for port in await backends() {
            let server: HeldChannel<ByteBuffer, ByteBuffer>
            do {
                server = try await ClientBootstrap(group: .singletonMultiThreadedEventLoopGroup)
                    .connectTimeout(.seconds(2))
                    .connect(host: "127.0.0.1", port: port) { channel in
                        channel.eventLoop.makeCompletedFuture { try Self.wrap(channel) }
                    }
            } catch { continue }
            try? await client.executeThenClose { fromClient, toClient in
                try await server.executeThenClose { fromServer, toServer in
                    await Self.join(fromClient, toServer, fromServer, toClient)
                }
            }
            return
        }
    }

    /// Copies both ways until either side ends, so that a stopped API server ends its clients' connections.
    private static func join(
        _ fromClient: NIOAsyncChannelInboundStream<ByteBuffer>,
        _ toServer: NIOAsyncChannelOutboundWriter<ByteBuffer>,
        _ fromServer: NIOAsyncChannelInboundStream<ByteBuffer>,
        _ toClient: NIOAsyncChannelOutboundWriter<ByteBuffer>
    ) async {
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await copy(fromClient, toServer) }
            group.addTask { await copy(fromServer, toClient) }
            await group.next()
            group.cancelAll()
        }
    }

    private static func copy(
        _ source: NIOAsyncChannelInboundStream<ByteBuffer>,
        _ target: NIOAsyncChannelOutboundWriter<ByteBuffer>
    ) async {
        do { for try await bytes in source { try await target.write(bytes) } } catch { return }
    }
}
