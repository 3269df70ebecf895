package import Runs

/// A run as `keelstep status` shows it.
package struct UpgradeStatus: Sendable, Hashable {
    package var run: String
    package var state: RunEntry.State
    package var title: String
    package var who: String
    package var startedAt: String
    /// Why it is paused.
    package var pause: String?
    /// Who works on it now; nil when nobody does, or nobody can tell.
    package var holder: LockHolder?
    /// True where the run should go on, and nobody works on it.
    package var isInterrupted: Bool
    package var cordoned: [String]
    package var finishedHops: [Int]
    /// From the journal of this machine; nil where it has none.
    package var view: RunView?
}

extension UpgradeStatus {
    /// - Parameters:
    ///   - record: what the cluster says of the run, or else the journal.
    ///   - holder: who holds the lock.
    ///   - isAway: true where the API could not be asked who does.
    ///   - view: what the journal of this machine tells.
    init(_ record: RunRecord, holder: LockHolder?, isAway: Bool, view: RunView?) {
        run = record.run
        state = record.state
        title = record.title
        who = record.who
        startedAt = record.startedAt
        pause = record.state == .paused ? record.pause ?? view?.pause?.description : nil
        self.holder = holder
        cordoned = record.cordoned
        finishedHops = record.finishedHops
        self.view = view
        isInterrupted = false
        guard record.state == .running, holder == nil, !isAway else { return }
        // One that is stopped at once has no time to tell the cluster.
        if let view, view.state == .paused {
            state = .paused
            pause = view.pause?.description
        } else {
            isInterrupted = true
            self.view?.interrupt()
        }
    }
}

extension UpgradeStatus {
    /// What becomes of the run where another is begun; nil where it is over.
    package var givenUp: String? {
        guard state == .running || state == .paused else { return nil }
        let cause =
            pause?.split(separator: "\n").first.map { ", paused: \($0)," } ?? (isInterrupted ? ", interrupted," : "")
        let steps = view.map { " after \($0.doneSteps) of \($0.totalSteps) steps" } ?? ""
        return "run \(run) (\(title))\(steps)\(cause) is given up in favour of this one; `keelstep resume` would go on "
            + "with it"
    }
}
