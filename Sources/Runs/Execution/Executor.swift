package import Foundation
import KubernetesClient
import Synchronization

/// Runs a script: probes each step, journals the intent, performs it, journals the outcome, and proves it by its probe.
///
/// What passes by itself is tried again within the step's deadline; anything else pauses the run with the node, the
/// step, the cause and the remedy. Cancelling the task stops it at once; ``PauseSwitch`` lets it finish the step in
/// hand.
package struct Executor: Sendable {
    let run: String
    let recorder: any RunRecorder
    let lock: RunLock?
    let pause: PauseSwitch
    let sorter: TroubleSorter
    let clock: any Clock<Duration>
    let now: @Sendable () -> Date
    /// The pauses between attempts grow from the first to the last.
    let pauses: ClosedRange<Duration>
    let report: @Sendable (RunEvent) async -> Void

    package init(
        run: String,
        recorder: any RunRecorder,
        lock: RunLock? = nil,
        pause: PauseSwitch = PauseSwitch(),
        sorter: TroubleSorter = TroubleSorter(),
        clock: any Clock<Duration> = .continuous,
        now: @escaping @Sendable () -> Date = { Date() },
        pauses: ClosedRange<Duration> = .milliseconds(250) ... .seconds(5),
        report: @escaping @Sendable (RunEvent) async -> Void = { _ in }
    ) {
        self.run = run
        self.recorder = recorder
        self.lock = lock
        self.pause = pause
        self.sorter = sorter
        self.clock = clock
        self.now = now
        self.pauses = pauses
        self.report = report
    }

    /// Runs the script to its end, or to where it must pause.
    /// - Parameters:
    ///   - script: what to run.
    ///   - who: the operator, for the journal.
    ///   - progress: what the journal says of earlier processes of this run; nil for a run that begins.
    ///   - onHopFinished: told after each hop that is wholly done.
    /// - Returns: how it ended, for now or for good.
    /// - Throws: what the journal throws: what cannot be recorded is not done.
    package func run(
        _ script: RunScript,
        who: String,
        after progress: RunProgress? = nil,
        onHopFinished: @Sendable (Int) async throws -> Void = { _ in }
    ) async throws -> RunOutcome {
        try await emit(.runStarted(script.outline, who: who, isResumed: progress != nil))
        let memory = RunMemory(script, progress ?? RunProgress())
        for hop in script.hops {
            if memory.finishedHops.contains(hop.number) {
                // The journal has it; whoever watches this process does not.
                await report(RunEvent(at: now(), run: run, .hopFinished(hop.number, title: hop.title)))
                continue
            }
            try await emit(.hopStarted(hop.number, title: hop.title))
            for stage in hop.stages {
                try await emit(.stageStarted(hop: hop.number, title: stage.title))
                if let cause = try await run(stage, memory) {
                    try await emit(.runPaused(cause))
                    return .paused(cause)
                }
                try await emit(.stageFinished(hop: hop.number, title: stage.title))
            }
            try await emit(.hopFinished(hop.number, title: hop.title))
            try await onHopFinished(hop.number)
        }
        try await emit(.runFinished)
        return .completed
    }

    /// The turns of one stage, so many at a time. After a failure no turn is begun, and no further step of the others.
    private func run(_ stage: RunScript.Stage, _ memory: RunMemory) async throws -> PauseCause? {
        let brake = PauseSwitch()
        return try await withThrowingTaskGroup(of: PauseCause?.self) { group in
            var waiting = stage.turns[...]
            func begin() {
                guard let turn = waiting.popFirst() else { return }
                group.addTask { try await run(turn, memory, brake: brake) }
            }
            for _ in 0..<max(1, stage.concurrency) { begin() }
            var first: PauseCause?
            while let cause = try await group.next() {
                if let cause {
                    // What a person must see to comes before a pause that merely follows from it.
                    if first == nil || first == .requested { first = cause }
                    brake.request()
                }
                if first == nil { begin() }
            }
            return first
        }
    }

    private func run(_ turn: RunScript.Turn, _ memory: RunMemory, brake: PauseSwitch) async throws -> PauseCause? {
        if let node = turn.node { try await emit(.turnStarted(node: node)) }
        for step in turn.steps {
            if Task.isCancelled { return .stopped }
            if pause.isRequested || brake.isRequested { return .requested }
            if memory.isPassed(step) {
                try await emit(.stepSkipped(StepReference(step.label), why: "passed earlier in this run"))
                continue
            }
            if let cause = try await StepExecution(self, step, memory).run() { return cause }
        }
        if let node = turn.node { try await emit(.turnFinished(node: node)) }
        return nil
    }

    /// Commits the event to the journal, then tells it.
    func emit(_ kind: RunEvent.Kind) async throws {
        let event = RunEvent(at: now(), run: run, kind)
        try await recorder.record(event)
        await report(event)
    }
}

/// What the run knows of its own past, on resume and as it goes.
final class RunMemory: Sendable {
    let finishedHops: Set<Int>
    private let passed: Set<String>
    private let performed: Mutex<Set<String>>

    init(_ script: RunScript, _ progress: RunProgress) {
        finishedHops = progress.finishedHops
        performed = Mutex(progress.performed)
        // A check that was passed is not asked again once something after it was done: in its turn, or a stage later.
        var passed: Set<String> = []
        for hop in script.hops {
            let lastStarted = hop.stages.lastIndex { stage in
                stage.turns.contains { $0.steps.contains { progress.started.contains($0.id) } }
            }
            for (index, stage) in hop.stages.enumerated() {
                for turn in stage.turns {
                    let lastFinished = turn.steps.lastIndex {
                        !$0.label.isCheck && progress.finished.contains($0.id)
                    }
                    for (position, step) in turn.steps.enumerated()
                    where step.label.isCheck && progress.finished.contains(step.id) {
                        let isBehind = position < lastFinished ?? -1 || index < lastStarted ?? -1
                        if isBehind { passed.insert(step.id) }
                    }
                }
            }
        }
        self.passed = passed
    }

    func isPassed(_ step: any Step) -> Bool { passed.contains(step.id) }
    func wasPerformed(_ step: any Step) -> Bool { performed.withLock { $0.contains(step.id) } }
    func notePerformed(_ step: any Step) { performed.withLock { _ = $0.insert(step.id) } }
}
