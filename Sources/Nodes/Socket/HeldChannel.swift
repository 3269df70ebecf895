package import NIOCore
import Synchronization

/// A connection that may be dropped before anybody serves it; it is then closed.
///
/// A `NIOAsyncChannel` that is dropped without `executeThenClose` traps, and a server that is cancelled drops those it
/// has accepted and not begun to serve. So whatever a bootstrap's initialiser returns is held by one of these.
package final class HeldChannel<Inbound: Sendable, Outbound: Sendable>: Sendable {
    package let channel: any Channel
    private let held: Mutex<NIOAsyncChannel<Inbound, Outbound>?>

    package init(_ channel: NIOAsyncChannel<Inbound, Outbound>) {
        self.channel = channel.channel
        held = Mutex(channel)
    }

    deinit {
        guard let unserved = take() else { return }
        // It is being closed because nobody serves it, so nobody would hear of an error.
        Task { try? await unserved.executeThenClose { _, _ in } }
    }

    /// Serves the connection, once, and closes it.
    /// - Throws: `ChannelError.alreadyClosed` when it has been served before.
    package func executeThenClose<Value: Sendable>(
        _ body: (NIOAsyncChannelInboundStream<Inbound>, NIOAsyncChannelOutboundWriter<Outbound>) async throws -> Value
    ) async throws -> Value {
        guard let channel = take() else { throw ChannelError.alreadyClosed }
        return try await channel.executeThenClose { inbound, outbound in try await body(inbound, outbound) }
    }

    /// The connection for one who calls `executeThenClose` on it at once; nil when it was taken before.
    package func take() -> NIOAsyncChannel<Inbound, Outbound>? { held.withLock { $0.take() } }
}
