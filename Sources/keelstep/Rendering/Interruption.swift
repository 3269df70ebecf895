import ArgumentParser
import Runs

/// What Ctrl-C does to a command that works (and what ends it likewise: see ``Signals``).
enum Interruption {
    /// Runs a run, redrawing the view each second while it waits. The first signal finishes the step in hand and
    /// pauses, the second stops at once.
    static func run(
        pause: PauseSwitch,
        drawing view: RunProgressView,
        _ body: @Sendable @escaping () async throws -> RunOutcome
    ) async throws -> RunOutcome {
        // The run is a task of its own so that a second signal can cancel it and nothing else.
        let run = Task { try await body() }
        return try await Signals.with { signals in
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask {
                    for await _ in signals {
                        guard !pause.isRequested else { return run.cancel() }
                        pause.request()
                        await view.say("finishing the step in hand, then pausing; Ctrl-C again stops at once")
                    }
                }
                group.addTask {
                    while !Task.isCancelled {
                        await view.draw()
                        try? await Task.sleep(for: .seconds(1))
                    }
                }
                defer { group.cancelAll() }
                do { return try await run.value } catch is CancellationError where run.isCancelled {
                    return .paused(.stopped)  // before its first step, or after its last
                }
            }
        }
    }

    /// Runs `body`, which the first signal cancels, unless something within it listens for itself.
    /// - Throws: ``ArgumentParser/ExitCode/failure`` once it was cancelled so; what `body` throws.
    static func stopping<Value: Sendable>(
        _ body: @Sendable @escaping () async throws -> Value
    ) async throws -> Value {
        let work = Task { try await body() }
        return try await Signals.with { signals in
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { for await _ in signals { work.cancel() } }
                defer { group.cancelAll() }
                do { return try await work.value } catch {
                    throw work.isCancelled ? ExitCode.failure : error
                }
            }
        }
    }
}
