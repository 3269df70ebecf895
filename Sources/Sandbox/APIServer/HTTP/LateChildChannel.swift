import HummingbirdCore
import Logging
import NIOCore

/// Sets a connection up only once somebody serves it.
///
/// Hummingbird wraps a connection as it is accepted. One that is accepted while the server stops is then dropped
/// unserved, and NIO traps on an asynchronous channel that is dropped. Here nothing is wrapped before it is served, and
/// what is never served is closed by the server's quiescing.
struct LateChildChannel<Base: ServerChildChannel>: ServerChildChannel {
    struct Value: ServerChildChannelValue {
        let channel: any Channel
    }

    let base: Base

    func setup(channel: any Channel, logger: Logger) -> EventLoopFuture<Value> {
        channel.setOption(.autoRead, value: false).flatMapThrowing {
            try channel.pipeline.syncOperations.addHandler(UnservedConnection(), name: UnservedConnection.name)
            return Value(channel: channel)
        }
    }

    func handle(value: Value, logger: Logger) async {
        let channel = value.channel
        do {
            let served = try await channel.eventLoop.flatSubmit { () -> EventLoopFuture<Base.Value> in
                guard channel.isActive else { return channel.eventLoop.makeFailedFuture(ChannelError.alreadyClosed) }
                return channel.pipeline.removeHandler(name: UnservedConnection.name).flatMap {
                    base.setup(channel: channel, logger: logger)
                }
            }.get()
            channel.setOption(.autoRead, value: true).whenSuccess { channel.read() }
            await base.handle(value: served, logger: logger)
        } catch {
            // It was closed before it was served, by its client or by the end of the server.
            channel.close(promise: nil)
        }
    }
}

/// Closes a connection that nobody serves when the server stops.
private final class UnservedConnection: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = ByteBuffer

    static let name = "unserved connection"

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if event is ChannelShouldQuiesceEvent { context.close(promise: nil) }
        context.fireUserInboundEventTriggered(event)
    }
}
