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

    @Test func `tells of an open run what becomes of it where another is begun`() {
        let pause = "cp-1: drain (step s): a budget\n  raise it"
        let paused = UpgradeStatus(record(.paused, pause: pause), holder: nil, isAway: false, view: view())
        #expect(
            paused.givenUp
                == "run r1 (upgrade to v1.32.6) after 0 of 0 steps, paused: cp-1: drain (step s): a budget, is "
                + "given up in favour of this one; `keelstep resume` would go on with it"
        )
        let killed = UpgradeStatus(record(.running), holder: nil, isAway: false, view: nil)
        #expect(killed.givenUp?.hasPrefix("run r1 (upgrade to v1.32.6), interrupted, is given up") == true)
        #expect(UpgradeStatus(record(.completed), holder: nil, isAway: false, view: nil).givenUp == nil)
    }
}

@Suite struct `a dry run` {
    private func step(_ probe: Probe?) -> ProbedStep {
        ProbedStep(step: StepReference(id: "s", title: "s"), hop: 1, stage: "gate", probe: probe)
    }

    @Test func `tells how many steps are done already, and how many would be done`() {
        #expect(
            [step(.done), step(.notStarted), step(.halfDone("x"))].summary
                == "1 of 3 steps is done already; 2 would be done"
        )
        #expect(
            [step(.notStarted), step(nil)].summary
                == "0 of 2 steps are done already; 2 would be done, 1 of which could not be probed"
        )
    }
}
