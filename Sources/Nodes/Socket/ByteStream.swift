package import NIOCore
import NIOPosix

/// A connection as a stream of bytes whose two directions end separately.
package struct ByteStream: Sendable {
    package let channel: HeldChannel<ByteBuffer, ByteBuffer>

    package init(_ channel: HeldChannel<ByteBuffer, ByteBuffer>) { self.channel = channel }

    /// To be called on the channel's event loop, as channel initialisers are.
    package static func wrap(_ channel: any Channel) throws -> HeldChannel<ByteBuffer, ByteBuffer> {
        try channel.syncOptions?.setOption(.allowRemoteHalfClosure, value: true)
        return HeldChannel(
            try NIOAsyncChannel(
                wrappingChannelSynchronously: channel,
                configuration: .init(isOutboundHalfClosureEnabled: true)
            )
        )
    }

    package static func connect(unixSocket path: String) async throws -> ByteStream {
        let channel = try await ClientBootstrap(group: .singletonMultiThreadedEventLoopGroup)
            .connect(unixDomainSocketPath: path) { channel in
                channel.eventLoop.makeCompletedFuture { try wrap(channel) }
            }
        return ByteStream(channel)
    }

    package static func connect(host: String, port: Int) async throws -> ByteStream {
        let channel = try await ClientBootstrap(group: .singletonMultiThreadedEventLoopGroup)
            .connectTimeout(.seconds(5))
            .channelOption(.socketOption(.tcp_nodelay), value: 1)
            .connect(host: host, port: port) { channel in
                channel.eventLoop.makeCompletedFuture { try wrap(channel) }
            }
        return ByteStream(channel)
    }

    /// Sends all of `bytes` to the kernel before it returns; cancelling closes the connection.
    package func send(_ bytes: ByteBuffer) async throws {
        try await withTaskCancellationHandler {
            try await channel.channel.writeAndFlush(bytes).get()
        } onCancel: {
            channel.channel.close(promise: nil)
        }
    }

    package func send(_ bytes: [UInt8]) async throws { try await send(ByteBuffer(bytes: bytes)) }

    /// Passes what comes from `reader`, which reads this connection, to `other`, and what `other` sends back, until
    /// both directions end.
    package func join(
        _ reader: inout ByteStreamReader,
        _ other: ByteStream,
        reading fromOther: NIOAsyncChannelInboundStream<ByteBuffer>
    ) async throws {
        await withTaskGroup { group in
            group.addTask {
                var reader = ByteStreamReader(fromOther)
                await Self.copy(&reader, to: self)
            }
            await Self.copy(&reader, to: other)
        }
    }

    /// A direction that breaks ends both connections: what is lost cannot be told from what was never sent.
    private static func copy(_ reader: inout ByteStreamReader, to target: ByteStream) async {
        do {
            while let chunk = try await reader.next() { try await target.send(chunk) }
            try await target.channel.channel.close(mode: .output).get()
        } catch {
            target.channel.channel.close(promise: nil)
        }
    }
}
