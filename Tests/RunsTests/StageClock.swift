import StubAPI
import Synchronization

/// A clock that stands still, but for sleeps shorter than `short`: these end at once, and time has then passed.
///
/// An executor's pauses are short here, and its time limits are long, so that only the pauses make time pass.
final class StageClock: Clock, Sendable {
    typealias Instant = TestClock.Instant

    private let manual = ManualClock()
    private let short: Duration
    private let pending = Mutex((next: 0, lengths: [Int: Duration]()))

    init(short: Duration = .zero) { self.short = short }

    var now: Instant { manual.now }
    var minimumResolution: Duration { .zero }
    /// How long those who sleep now want to sleep in all.
    var sleeping: [Duration] { pending.withLock { $0.lengths.values.sorted() } }

    func advance(by duration: Duration) { manual.advance(by: duration) }

    func sleep(until deadline: Instant, tolerance: Duration?) async throws {
        try Task.checkCancellation()
        let length = now.duration(to: deadline)
        guard length >= short else {
            manual.advance(by: max(.zero, length))
            return await Task.yield()
        }
        let id = pending.withLock { state in
            state.next += 1
            state.lengths[state.next] = length
            return state.next
        }
        defer { pending.withLock { _ = $0.lengths.removeValue(forKey: id) } }
        try await manual.sleep(until: deadline, tolerance: tolerance)
    }
}
