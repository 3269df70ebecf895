import Synchronization

/// How a run is asked to pause after the step in hand: by the first Ctrl-C, or by a turn that failed.
///
/// To stop at once instead, cancel the task of the run.
package final class PauseSwitch: Sendable {
    private let state = Mutex(false)

    package init() {}

    package var isRequested: Bool { state.withLock { $0 } }
    package func request() { state.withLock { $0 = true } }
}
