import DequeModule
import Synchronization

/// Keys to work on: each at most once at a time, and again if it was added while being worked on.
///
/// A key whose work throws comes back after a delay that doubles with each failure; a key whose work names a
/// duration comes back after that.
package final class WorkQueue<Key: Hashable & Sendable>: Sendable {
    private struct State {
        var ready: Deque<Key> = []
        var isQueued: Set<Key> = []
        var active: Set<Key> = []
        var addedMeanwhile: Set<Key> = []
        /// When a key is due again. Timers whose instant is no longer the one here are void.
        var due: [Key: ContinuousClock.Instant] = [:]
        var newTimers: [(key: Key, at: ContinuousClock.Instant)] = []
        var failures: [Key: Int] = [:]
        var wake: AsyncStream<Void>.Continuation?
    }

    private let state = Mutex(State())
    private let slowestRetry: Duration

    package init(slowestRetry: Duration = .seconds(5)) { self.slowestRetry = slowestRetry }

    package func add(_ key: Key) {
        state.withLock { state in
            if state.active.contains(key) {
                state.addedMeanwhile.insert(key)
            } else if state.isQueued.insert(key).inserted {
                state.ready.append(key)
                state.wake?.yield()
            }
        }
    }

    package func add(_ keys: some Sequence<Key>) { for key in keys { add(key) } }

    /// Adds `key` once `delay` has passed, or sooner if it was already due sooner.
    package func add(_ key: Key, after delay: Duration) {
        let instant = ContinuousClock.now + delay
        state.withLock { state in
            if let present = state.due[key], present <= instant { return }
            state.due[key] = instant
            state.newTimers.append((key, instant))
            state.wake?.yield()
        }
    }

    /// Works on keys, `workers` at a time, until cancelled; returns when all begun work has ended.
    package func run(
        workers: Int = 8,
        failed: @escaping @Sendable (Key, any Error) -> Void = { _, _ in },
        work: @escaping @Sendable (Key) async throws -> Duration?
    ) async {
        let (stream, wake) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
        state.withLock { state in
            state.wake = wake
            // What a run before this one left unfinished.
            state.newTimers = state.due.map { ($0.key, $0.value) }
        }
        wake.yield()
        await withDiscardingTaskGroup { group in
            for await _ in stream {
                let (keys, timers) = take(workers)
                for key in keys {
                    group.addTask { await self.process(key, failed, work) }
                }
                for timer in timers {
                    group.addTask {
                        try? await Task.sleep(until: timer.at, clock: .continuous)
                        if !Task.isCancelled { self.ring(timer) }
                    }
                }
            }
            group.cancelAll()
        }
        state.withLock { $0.wake = nil }
    }

    private func take(_ workers: Int) -> (keys: [Key], timers: [(key: Key, at: ContinuousClock.Instant)]) {
        state.withLock { state in
            var keys: [Key] = []
            while state.active.count < workers, let key = state.ready.popFirst() {
                state.isQueued.remove(key)
                state.active.insert(key)
                state.due[key] = nil
                keys.append(key)
            }
            defer { state.newTimers = [] }
            return (keys, state.newTimers)
        }
    }

    private func ring(_ timer: (key: Key, at: ContinuousClock.Instant)) {
        let isDue = state.withLock { state in
            guard state.due[timer.key] == timer.at else { return false }
            state.due[timer.key] = nil
            return true
        }
        if isDue { add(timer.key) }
    }

    private func process(
        _ key: Key,
        _ failed: @Sendable (Key, any Error) -> Void,
        _ work: @Sendable (Key) async throws -> Duration?
    ) async {
        var delay: Duration?
        do {
            delay = try await work(key)
            state.withLock { _ = $0.failures.removeValue(forKey: key) }
        } catch {
            delay = retry(key)
            if !Task.isCancelled { failed(key, error) }
        }
        if let delay { add(key, after: delay) }
        state.withLock { state in
            state.active.remove(key)
            if state.addedMeanwhile.remove(key) != nil, state.isQueued.insert(key).inserted { state.ready.append(key) }
            state.wake?.yield()
        }
    }

    private func retry(_ key: Key) -> Duration {
        let failures = state.withLock { state in
            state.failures[key, default: 0] += 1
            return state.failures[key, default: 1]
        }
        return min(.milliseconds(5) * (1 << min(failures, 12)), slowestRetry)
    }
}
