import KubernetesClient
import Synchronization

/// One step on its way: probe → (wait | perform) → probe … → done, or the reason to pause.
struct StepExecution: Sendable {
    private let executor: Executor
    private let step: any Step
    private let memory: RunMemory
    private let deadline: Deadline
    private let reference: StepReference
    private let lastProgress = LastProgress()
    /// Attempts at what fails for an unclassified reason.
    private static let patience = 3

    init(_ executor: Executor, _ step: any Step, _ memory: RunMemory) {
        self.executor = executor
        self.step = step
        self.memory = memory
        deadline = Deadline(in: step.label.deadline, clock: executor.clock)
        reference = StepReference(step.label)
    }

    /// - Returns: why the run must pause, or nil when the step is done.
    /// - Throws: what the journal throws.
    func run() async throws -> PauseCause? {
        var attempt = 0
        var waits = 0
        var isProof = false
        var failures = 0
        var told: String?
        var trouble = "its proof did not come"
        while true {
            if Task.isCancelled { return .stopped }
            if step.label.isInterruptible, executor.pause.isRequested { return .requested }
            switch await attemptProbe() {
            case .failure(is PauseAsked): return .requested
            case .failure where Task.isCancelled: return .stopped
            case .failure(let error):
                switch executor.sorter(error) {
                case .permanent(let cause, let remedy): return try await fail(cause, remedy: remedy)
                case .failed(let cause, let remedy):
                    failures += 1
                    if failures >= Self.patience { return try await fail(cause, remedy: remedy) }
                    trouble = cause
                case .transient(let cause): trouble = cause
                }
            case .success(.done):
                try await finish(attempts: attempt)
                return nil
            case .success(.underWay(let what)):
                trouble = what
            case .success(let probe) where isProof:
                // Performed, and yet not done: a moment's grace, then once more.
                isProof = false
                trouble = "performed, but \(probe)"
            case .success(let probe):
                switch lockStatus(await executor.lock?.confirm()) {
                case .lost(let holder): return .lockLost(holder)
                case .mustWait(let why): trouble = why
                case .mayGoOn:
                    attempt += 1
                    if attempt == 1 { try await executor.emit(.stepProbed(reference, probe)) }
                    try await executor.emit(.stepStarted(reference, attempt: attempt))
                    guard let error = try await attemptPerform() else {
                        isProof = true
                        continue
                    }
                    if Task.isCancelled { return .stopped }
                    if error is PauseAsked { return .requested }
                    switch executor.sorter(error) {
                    case .permanent(let cause, let remedy): return try await fail(cause, remedy: remedy)
                    case .failed(let cause, let remedy):
                        failures += 1
                        if failures >= Self.patience { return try await fail(cause, remedy: remedy) }
                        trouble = cause
                        try await executor.emit(.stepFailed(reference, cause: cause, isRetried: true))
                    case .transient(let cause):
                        trouble = cause
                        try await executor.emit(.stepFailed(reference, cause: cause, isRetried: true))
                    }
                }
            }
            if deadline.timeLeft <= .zero { return try await failAfterDeadline(trouble) }
            if trouble != told { try await executor.emit(.stepProgress(reference, trouble)) }
            told = trouble
            let known = trouble
            lastProgress.text.withLock { $0 = known }
            waits += 1
            let length = pause(after: waits)
            do { try await untilPauseAsked { try await executor.clock.sleep(for: length) } } catch is PauseAsked {
                return .requested
            } catch { return .stopped }
        }
    }

    private func pause(after waits: Int) -> Duration {
        min(executor.pauses.upperBound, executor.pauses.lowerBound * (1 << min(waits - 1, 16)))
    }

    private enum LockVerdict {
        case mayGoOn
        case mustWait(String)
        case lost(LockHolder)
    }

    private func lockStatus(_ status: RunLock.Status?) -> LockVerdict {
        switch status {
        case nil, .held: .mayGoOn
        case .unconfirmed(let why): step.label.needsAPI ? .mustWait("waiting for the API server: \(why)") : .mayGoOn
        case .lost(let holder): .lost(holder)
        }
    }

    private func context(isProbing: Bool) -> StepContext {
        StepContext(
            run: executor.run,
            wasPerformed: memory.wasPerformed(step),
            isProbing: isProbing,
            deadline: deadline,
            clock: executor.clock,
            now: executor.now
        ) { notice in
            switch notice {
            case .progress(let text):
                lastProgress.text.withLock { $0 = text }
                try await executor.emit(.stepProgress(reference, text))
            case .command(let command): try await executor.emit(.command(reference, command))
            case .drain(let notice): try await executor.emit(.drain(reference, notice))
            case .backup(let backup): try await executor.emit(.backup(reference, backup))
            }
        }
    }

    private func attemptProbe() async -> Result<Probe, any Error> {
        do { return .success(try await within(limit) { try await step.probe(context(isProbing: true)) }) } catch {
            return .failure(error)
        }
    }

    /// - Returns: the error of the step; nil when it returned.
    private func attemptPerform() async throws -> (any Error)? {
        do {
            try await within(limit) { try await step.perform(context(isProbing: false)) }
        } catch let error as JournalError {
            throw error
        } catch {
            return error
        }
        memory.notePerformed(step)
        try await executor.emit(.stepPerformed(reference))
        return nil
    }

    /// A first look is allowed even where the time is up, so that a step which is done is not called late.
    /// And a step that watches its own deadline says better than a timer what was missing: it has a moment to.
    private var limit: Duration { max(deadline.timeLeft, .zero) + .seconds(3) }

    private func finish(attempts: Int) async throws {
        if attempts == 0 {
            try await executor.emit(.stepSkipped(reference, why: "already done"))
        } else {
            let spent = step.label.deadline - deadline.timeLeft
            try await executor.emit(.stepFinished(reference, seconds: spent.inSeconds))
        }
    }

    private func failAfterDeadline(_ trouble: String) async throws -> PauseCause {
        try await fail(
            "not done within \(Self.text(step.label.deadline)): \(trouble)",
            remedy: "remove the cause, then `keelstep resume`"
        )
    }

    private func fail(_ cause: String, remedy: String) async throws -> PauseCause {
        try await executor.emit(.stepFailed(reference, cause: cause, isRetried: false))
        return .step(
            StepFailure(step: step.id, title: step.label.title, node: step.node, cause: cause, remedy: remedy)
        )
    }

    static func text(_ duration: Duration) -> String {
        let seconds = duration.components.seconds
        return seconds >= 120 && seconds % 60 == 0 ? "\(seconds / 60) min" : "\(seconds) s"
    }

    /// Runs `body`, and cancels it when the time is up.
    private func within<Value: Sendable>(
        _ limit: Duration,
        _ body: @escaping @Sendable () async throws -> Value
    ) async throws -> Value {
        let clock = executor.clock
        return try await untilPauseAsked {
            try await withThrowingTaskGroup(of: Value.self) { group in
                group.addTask { try await body() }
                group.addTask {
                    try await clock.sleep(for: limit)
                    throw StepError.transient(lastProgress.text.withLock { $0 } ?? "it took longer than it may")
                }
                defer { group.cancelAll() }
                guard let value = try await group.next() else { throw CancellationError() }
                return value
            }
        }
    }

    /// Runs `body`; that of a step that may be left where it stands is cancelled when a pause is asked for.
    /// - Throws: ``PauseAsked`` then; what `body` throws.
    private func untilPauseAsked<Value: Sendable>(
        _ body: @escaping @Sendable () async throws -> Value
    ) async throws -> Value {
        guard step.label.isInterruptible else { return try await body() }
        let pause = executor.pause
        return try await withThrowingTaskGroup(of: Value.self) { group in
            group.addTask { try await body() }
            group.addTask {
                await pause.requested()
                throw PauseAsked()
            }
            defer { group.cancelAll() }
            guard let value = try await group.next() else { throw CancellationError() }
            return value
        }
    }
}

/// A pause was asked for, and the step is one that may be left where it stands.
private struct PauseAsked: Error {}

/// What a step last said it waits for.
private final class LastProgress: Sendable {
    let text = Mutex<String?>(nil)
}
