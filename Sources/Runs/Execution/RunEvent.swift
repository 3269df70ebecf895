package import Foundation

/// Something that happened in a run. The journal keeps these, and everything people see is made from them.
package struct RunEvent: Sendable, Hashable {
    package var at: Date
    package var run: String
    package var kind: Kind

    package init(at: Date, run: String, _ kind: Kind) {
        self.at = at
        self.run = run
        self.kind = kind
    }

    package enum Kind: Sendable, Hashable {
        /// Told once by every process that works on the run; `who` is its operator.
        case runStarted(RunOutline, who: String, isResumed: Bool)
        case hopStarted(Int, title: String)
        case hopFinished(Int, title: String)
        case stageStarted(hop: Int, title: String)
        case stageFinished(hop: Int, title: String)
        case turnStarted(node: String)
        case turnFinished(node: String)
        /// Reality, as found before a step is begun or taken up again.
        case stepProbed(StepReference, Probe)
        /// Nothing is left to do.
        case stepSkipped(StepReference, why: String)
        /// The intent: committed before the effect.
        case stepStarted(StepReference, attempt: Int)
        case stepProgress(StepReference, String)
        /// The effect returned; its proof is still to come.
        case stepPerformed(StepReference)
        /// Proven by its probe.
        case stepFinished(StepReference, seconds: Double)
        case stepFailed(StepReference, cause: String, isRetried: Bool)
        case command(StepReference, CommandRecord)
        case drain(StepReference, DrainNotice)
        case backup(StepReference, BackupRecord)
        case runPaused(PauseCause)
        case runFinished
    }
}

extension RunEvent {
    /// The step that the event is about.
    package var step: StepReference? {
        switch kind {
        case .stepProbed(let step, _), .stepSkipped(let step, _), .stepStarted(let step, _),
            .stepProgress(let step, _), .stepPerformed(let step), .stepFinished(let step, _),
            .stepFailed(let step, _, _), .command(let step, _), .drain(let step, _), .backup(let step, _):
            step
        case .runStarted, .hopStarted, .hopFinished, .stageStarted, .stageFinished, .turnStarted, .turnFinished,
            .runPaused, .runFinished:
            nil
        }
    }

    /// The event's name in JSON: `step-started`.
    package var name: String {
        switch kind {
        case .runStarted: "run-started"
        case .hopStarted: "hop-started"
        case .hopFinished: "hop-finished"
        case .stageStarted: "stage-started"
        case .stageFinished: "stage-finished"
        case .turnStarted: "turn-started"
        case .turnFinished: "turn-finished"
        case .stepProbed: "step-probed"
        case .stepSkipped: "step-skipped"
        case .stepStarted: "step-started"
        case .stepProgress: "step-progress"
        case .stepPerformed: "step-performed"
        case .stepFinished: "step-finished"
        case .stepFailed: "step-failed"
        case .command: "command"
        case .drain: "drain"
        case .backup: "backup"
        case .runPaused: "run-paused"
        case .runFinished: "run-finished"
        }
    }
}
