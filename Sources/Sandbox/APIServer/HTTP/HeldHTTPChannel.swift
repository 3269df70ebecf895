import Hummingbird
import HummingbirdCore
import Logging
import NIOCore
import Nodes

/// Hummingbird's connections, held so that those a stopped server has accepted and not begun to serve are closed.
struct HeldHTTPChannel<Base: ServerChildChannel, Inbound: Sendable, Outbound: Sendable>: ServerChildChannel
where Base.Value == NIOAsyncChannel<Inbound, Outbound> {
    struct Value: ServerChildChannelValue {
        let connection: HeldChannel<Inbound, Outbound>
        var channel: any Channel { connection.channel }
    }

    let base: Base

    func setup(channel: any Channel, logger: Logger) -> EventLoopFuture<Value> {
        base.setup(channel: channel, logger: logger).map { Value(connection: HeldChannel($0)) }
    }

    func handle(value: Value, logger: Logger) async {
        guard let connection = value.connection.take() else { return }
        await base.handle(value: connection, logger: logger)
    }
}
