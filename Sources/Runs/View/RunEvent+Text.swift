import KubernetesModel

extension RunEvent {
    /// The event as a plain line for logs and pipes; nil for what is too small to tell there.
    package var plainLine: String? {
        guard let text = plainText else { return nil }
        return "\(Timestamp.string(from: at)) \(text.onOneLine)"
    }

    private var plainText: String? {
        switch kind {
        case .runStarted(let outline, let who, let isResumed):
            return "\(outline.title): run \(run) \(isResumed ? "resumed" : "started") by \(who)"
        case .hopStarted(let number, let title): return "hop \(number): \(title)"
        case .hopFinished(let number, let title): return "hop \(number) done: \(title)"
        case .stageStarted(_, let title): return "stage: \(title)"
        case .stageFinished, .turnStarted, .turnFinished, .stepPerformed, .command: return nil
        case .stepProbed(let step, .halfDone(let what)): return "\(step.place)\(step.title): found half done: \(what)"
        case .stepProbed: return nil
        case .stepSkipped(let step, let why): return "\(step.place)\(step.title): skipped, \(why)"
        case .stepStarted(let step, let attempt):
            return "\(step.place)\(step.title)" + (attempt > 1 ? " (attempt \(attempt))" : "")
        case .stepProgress(let step, let text): return "\(step.place)\(step.title): \(text)"
        case .stepFinished(let step, let seconds):
            return "\(step.place)\(step.title): done in \(RunView.clock(seconds))"
        case .stepFailed(let step, let cause, let isRetried):
            return "\(step.place)\(step.title): \(isRetried ? "not yet" : "failed"): \(cause)"
        case .drain(_, let notice):
            switch notice.kind {
            case .evicting, .drained: return nil
            case .evicted, .deleted: return "\(notice.node): \(notice.pod ?? "") \(notice.kind.rawValue)"
            case .blocked, .vanished, .failed, .warning: return "\(notice.node): \(notice.text)"
            }
        case .backup(let step, let backup): return "\(step.place)backup: \(backup.path) (\(backup.bytes) bytes)"
        case .runPaused(let cause): return "run \(run) paused: \(cause)"
        case .runFinished: return "run \(run) completed"
        }
    }
}

extension StepReference {
    var place: String { node.map { "\($0): " } ?? "" }
}
