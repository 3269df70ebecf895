import Synchronization

/// Tells any number of listeners that something changed; who is slow hears of several changes once.
package final class ChangeBroadcast: Sendable {
    private let listeners = Mutex((next: 0, all: [Int: AsyncStream<Void>.Continuation]()))

    package init() {}

    package func announce() {
        let all = listeners.withLock { Array($0.all.values) }
        for listener in all { listener.yield() }
    }

    package var changes: AsyncStream<Void> {
        let (stream, listener) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
        let id = listeners.withLock { state -> Int in
            state.next += 1
            state.all[state.next] = listener
            return state.next
        }
        listener.onTermination = { [weak self] _ in self?.remove(id) }
        return stream
    }

    private func remove(_ id: Int) { listeners.withLock { $0.all[id] = nil } }
}
