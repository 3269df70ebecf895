import NIOCore
import Synchronization

/// Connections that are to be cut together.
final class OpenConnections: Sendable {
    private struct State {
        var channels: [ObjectIdentifier: any Channel] = [:]
        var isClosed = false
    }

    private let state = Mutex(State())

    func add(_ channel: any Channel) {
        let isLate = state.withLock { state in
            state.channels[ObjectIdentifier(channel)] = channel
            return state.isClosed
        }
        if isLate { Self.close(channel) }
    }

    func remove(_ channel: any Channel) { state.withLock { $0.channels[ObjectIdentifier(channel)] = nil } }

    /// Closes those there are now.
    func closeAll() {
        for channel in state.withLock({ Array($0.channels.values) }) { Self.close(channel) }
    }

    /// Closes those there are and those still to come.
    func closeForEver() {
        state.withLock { $0.isClosed = true }
        closeAll()
    }

    /// In the loop's next turn: one that is being accepted becomes active before.
    private static func close(_ channel: any Channel) {
        channel.eventLoop.execute { channel.close(promise: nil) }
    }
}
