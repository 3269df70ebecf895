import NIOCore
import NIOPosix
import Synchronization

/// A Unix socket that leads to a port of 127.0.0.1, as a transport's forwarded port does.
package struct SocketForwarder {
    private let channel: any Channel

    package init(path: String, port: Int) async throws {
        channel = try await ServerBootstrap(group: .singletonMultiThreadedEventLoopGroup)
            .childChannelInitializer { inbound in
                let side = Relay()
                return inbound.eventLoop.makeCompletedFuture {
                    try inbound.pipeline.syncOperations.addHandler(side)
                }.flatMap {
                    ClientBootstrap(group: inbound.eventLoop)
                        .channelInitializer { outbound in
                            outbound.eventLoop.makeCompletedFuture {
                                let other = Relay()
                                side.lead(to: outbound)
                                other.lead(to: inbound)
                                try outbound.pipeline.syncOperations.addHandler(other)
                            }
                        }
                        .connect(host: "127.0.0.1", port: port).map { _ in }
                }
            }
            .bind(unixDomainSocketPath: path).get()
    }

    package func close() async throws { try await channel.close().get() }

    /// Hands on what comes to the other side, and its end.
    private final class Relay: ChannelInboundHandler, Sendable {
        typealias InboundIn = ByteBuffer
        private let peer = Mutex<(any Channel)?>(nil)

        func lead(to channel: any Channel) { peer.withLock { $0 = channel } }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            peer.withLock(\.self)?.writeAndFlush(unwrapInboundIn(data), promise: nil)
        }

        func channelInactive(context: ChannelHandlerContext) { peer.withLock(\.self)?.close(promise: nil) }
    }
}
