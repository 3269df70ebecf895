import Synchronization

/// How a run is asked to pause: by the first Ctrl-C, or by a turn that failed. A step that only looks ends at once for
/// it (``StepLabel/isInterruptible``), any other is finished first.
///
/// To stop at once instead, cancel the task of the run.
package final class PauseSwitch: Sendable {
    private struct State {
        var isRequested = false
        var last = 0
        var waiting: [Int: AsyncStream<Never>.Continuation] = [:]
    }

    private let state = Mutex(State())

    package init() {}

    package var isRequested: Bool { state.withLock(\.isRequested) }

    package func request() {
        let waiting = state.withLock { state in
            state.isRequested = true
            defer { state.waiting = [:] }
            return state.waiting.values
        }
        for outlet in waiting { outlet.finish() }
    }

    /// Returns once a pause is asked for, or the task is cancelled.
    func requested() async {
        let (stream, outlet) = AsyncStream.makeStream(of: Never.self)
        let number: Int? = state.withLock { state in
            if state.isRequested { return nil }
            state.last += 1
            state.waiting[state.last] = outlet
            return state.last
        }
        guard let number else { return }
        for await _ in stream {}
        state.withLock { _ = $0.waiting.removeValue(forKey: number) }
    }
}
