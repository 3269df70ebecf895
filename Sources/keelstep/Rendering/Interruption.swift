import Dispatch
import Glibc
import Runs

/// Ctrl-C during a run: the first finishes the step in hand and pauses, the second stops at once.
enum Interruption {
    /// Runs `body`, redrawing the view each second while it waits.
    static func run(
        pause: PauseSwitch,
        drawing view: RunProgressView,
        _ body: @Sendable @escaping () async throws -> RunOutcome
    ) async throws -> RunOutcome {
        let (interrupts, continuation) = AsyncStream.makeStream(of: Void.self)
        let sources = [SIGINT, SIGTERM].map { number in
            signal(number, SIG_IGN)
            let source = DispatchSource.makeSignalSource(signal: number)
            source.setEventHandler { continuation.yield() }
            source.activate()
            return source
        }
        defer { for source in sources { source.cancel() } }
        // The run is a task of its own so that a second Ctrl-C can cancel it and nothing else.
        let run = Task { try await body() }
        return try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                for await _ in interrupts {
                    guard !pause.isRequested else { return run.cancel() }
                    pause.request()
                    Terminal.standard.note("\nfinishing the step in hand, then pausing; Ctrl-C again stops at once")
                }
            }
            group.addTask {
                while !Task.isCancelled {
                    await view.draw()
                    try? await Task.sleep(for: .seconds(1))
                }
            }
            defer { group.cancelAll() }
            return try await run.value
        }
    }
}
