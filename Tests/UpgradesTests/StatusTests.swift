import Foundation
import Runs
import Testing

@testable import Upgrades

@Suite struct `a run's status` {
    private func record(_ state: RunEntry.State, pause: String? = nil) -> RunRecord {
        var record = RunRecord(
            run: "r1",
            state: state,
            title: "upgrade to v1.32.6",
            startedAt: "",
            who: "me@here",
            toolVersion: "1",
            plan: []
        )
        record.pause = pause
        return record
    }

    private func view(_ kinds: RunEvent.Kind...) -> RunView {
        let outline = RunOutline(RunScript(title: "upgrade to v1.32.6", hops: []))
        let all = [.runStarted(outline, who: "me@here", isResumed: false)] + kinds
        return RunView(all.map { RunEvent(at: Date(timeIntervalSince1970: 1_784_865_600), run: "r1", $0) })
    }

    private let holder = LockHolder(operatorName: "me@here", pid: 7, start: 1, place: "p")

    @Test func `is interrupted where it should go on and nobody works on it`() {
        let killed = UpgradeStatus(record(.running, pause: "old"), holder: nil, isAway: false, view: view())
        #expect(killed.isInterrupted && killed.pause == nil && killed.view?.state == .interrupted)
        let running = UpgradeStatus(record(.running), holder: holder, isAway: false, view: view())
        #expect(!running.isInterrupted && running.view?.state == .running)
        let unknown = UpgradeStatus(record(.running), holder: nil, isAway: true, view: view())
        #expect(!unknown.isInterrupted && unknown.view?.state == .running)
    }

    @Test func `is what the journal says of one that was stopped at once, as its report has it`() {
        let stopped = UpgradeStatus(record(.running), holder: nil, isAway: false, view: view(.runPaused(.stopped)))
        #expect(stopped.state == .paused && !stopped.isInterrupted)
        #expect(stopped.pause == PauseCause.stopped.description)
    }

    @Test func `tells why it is paused, by the cluster's word before this machine's`() {
        let told = view(.runPaused(.requested))
        #expect(UpgradeStatus(record(.paused, pause: "x"), holder: nil, isAway: false, view: told).pause == "x")
        #expect(UpgradeStatus(record(.paused), holder: nil, isAway: false, view: told).pause == "as asked")
    }
}
