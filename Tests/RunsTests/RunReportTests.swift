import Foundation
import KubernetesModel
import Testing

@testable import Runs

/// A run of two processes: the first was killed in the drain of worker-1, the second ended it, and failed at worker-2.
private let story: [RunEvent] = {
    let drain1 = StepReference(id: "1/w/worker-1/drain", title: "drain", node: "worker-1")
    let drain2 = StepReference(id: "1/w/worker-2/drain", title: "drain", node: "worker-2")
    let gate = StepReference(id: "1/gate", title: "gate")
    let backup = BackupRecord(kind: "backup-set", path: "/b/hop-1-cluster", bytes: 4096, sha256: "00ff")
    let outline = RunOutline(
        RunScript(
            title: "upgrade to v1.32.6",
            hops: [
                .init(
                    number: 1,
                    title: "v1.31.4 → v1.32.6",
                    stages: [
                        .init(title: "gate", turns: [.init(steps: [FakeStep(gate.id, World())])]),
                        .init(
                            title: "workers",
                            turns: [drain1, drain2].map {
                                .init(node: $0.node, steps: [FakeStep($0.id, World(), node: $0.node)])
                            }
                        ),
                    ]
                )
            ]
        )
    )
    func command(_ exitCode: Int, _ complaint: String?) -> CommandRecord {
        CommandRecord(
            node: "worker-1",
            argv: ["sh", "two words", ""],
            exitCode: exitCode,
            duration: .milliseconds(20),
            complaint: complaint,
            isSecret: false
        )
    }
    let kinds: [(TimeInterval, RunEvent.Kind)] = [
        (0, .runStarted(outline, who: "me@here", isResumed: false)), (0, .hopStarted(1, title: "v1.31.4 → v1.32.6")),
        (0, .stageStarted(hop: 1, title: "gate")), (1, .stepProbed(gate, .notStarted)),
        (1, .stepStarted(gate, attempt: 1)), (2, .backup(gate, backup)), (3, .stepPerformed(gate)),
        (3, .stepFinished(gate, seconds: 2)), (3, .stageFinished(hop: 1, title: "gate")),
        (4, .stageStarted(hop: 1, title: "workers")), (4, .turnStarted(node: "worker-1")),
        (5, .stepProbed(drain1, .notStarted)), (5, .stepStarted(drain1, attempt: 1)),
        (6, .drain(drain1, DrainNotice(kind: .evicting, node: "worker-1", pod: "shop/web-1"))),
        (8, .drain(drain1, DrainNotice(kind: .evicted, node: "worker-1", pod: "shop/web-1"))),
        (60, .runStarted(outline, who: "you@there", isResumed: true)),
        (60, .hopStarted(1, title: "v1.31.4 → v1.32.6")), (61, .stepSkipped(gate, why: "already done")),
        (61, .backup(gate, backup)), (61, .stageStarted(hop: 1, title: "workers")),
        (62, .stepStarted(drain1, attempt: 1)), (63, .command(drain1, command(1, "no\nway"))),
        (64, .stepFailed(drain1, cause: "the API is away", isRetried: true)), (65, .stepStarted(drain1, attempt: 2)),
        (66, .command(drain1, command(0, nil))), (67, .stepFinished(drain1, seconds: 5)),
        (68, .stepStarted(drain2, attempt: 1)), (69, .stepProgress(drain2, "waiting for shop/web-2")),
        (70, .drain(drain2, DrainNotice(kind: .blocked, node: "worker-2", pod: "shop/web-2", text: "budget web"))),
        (90, .stepFailed(drain2, cause: "budget web allows none", isRetried: false)),
        (
            90,
            .runPaused(
                .step(
                    StepFailure(
                        step: drain2.id,
                        title: "drain",
                        node: "worker-2",
                        cause: "budget web allows none",
                        remedy: "raise it"
                    )
                )
            )
        ),
    ]
    return kinds.map { RunEvent(at: noon.addingTimeInterval($0), run: "r1", $1) }
}()

private let entry = RunEntry(
    id: "r1",
    clusterUID: "c0ffee",
    state: .paused,
    title: "upgrade to v1.32.6",
    startedAt: noon,
    who: "me@here",
    toolVersion: "1.0",
    plan: []
)

@Suite struct `a report` {
    private let report = RunReport(entry, story)

    @Test func `tells each process, step, eviction and backup once`() {
        #expect(report.sessions.map(\.who) == ["me@here", "you@there"])
        #expect(report.sessions.map { $0.end == nil } == [true, false])
        #expect(report.steps.map(\.result) == [.done, .done, .failed])
        #expect(report.steps.map(\.attempts) == [1, 3, 1])
        #expect(report.evictions == ["worker-1": 1] && report.backups.count == 1)
    }

    @Test func `reads as people read it`() throws {
        try GoldenFile.expect(report.text(withCommands: true), matches: "report.txt")
        #expect(report.text(withCommands: true).contains("no; way"))
        #expect(!report.text().contains("two words"))
    }

    @Test func `reads as programs read it`() throws {
        try GoldenFile.expect(report.value(withCommands: true).prettyText + "\n", matches: "report.json")
        #expect(report.value()["steps"]?[1]?["commands"] == nil)
    }

    @Test func `of a run that nobody works on any more says so, and that somebody does where somebody does`() {
        var killed = entry
        killed.state = .running
        var report = RunReport(killed, Array(story.prefix(15)))
        #expect(report.text().contains("v1.32.6: running\n") && report.text().contains("by me@here: at work\n"))
        report.isInterrupted = true
        #expect(report.text().contains("v1.32.6: interrupted\n") && report.text().contains("me@here: interrupted\n"))
        #expect(report.value()["state"] == "interrupted")
    }

    @Test func `of a run without events is one line of a state`() {
        let text = RunReport(entry, []).text()
        #expect(text.hasPrefix("upgrade to v1.32.6: paused\n  run r1, keelstep 1.0\n"))
    }
}

@Suite struct `a view of a run` {
    private let later = noon.addingTimeInterval(95)

    @Test func `tells where it stands while it goes on`() throws {
        let lines = RunView(story.prefix(16 + 12)).lines(at: noon.addingTimeInterval(69))
        try GoldenFile.expect(lines.joined(separator: "\n") + "\n", matches: "view-running.txt")
    }

    @Test func `tells why it is paused`() throws {
        let view = RunView(story)
        #expect(view.state == .paused && view.doneSteps == 2 && view.totalSteps == 3 && view.evictions == 1)
        try GoldenFile.expect(view.lines(at: later).joined(separator: "\n") + "\n", matches: "view-paused.txt")
    }

    @Test func `of a run that nobody works on any more foretells nothing, and its clocks stand`() throws {
        var view = RunView(story.prefix(16 + 12))
        view.interrupt()
        #expect(view.timeLeft(at: later) == nil)
        let lines = view.lines(at: later)
        #expect(lines == view.lines(at: later.addingTimeInterval(3600)))
        #expect(try #require(lines.first).hasSuffix("   1:09   interrupted"))
    }

    @Test func `ends with what is to be known until the end, at every look`() {
        let style = RunViewStyle(width: 30, height: 8)
        for count in story.indices {
            let lines = RunView(story.prefix(count)).lines(
                at: later,
                style: style,
                remark: "pausing after the\nstep in hand"
            )
            #expect(lines.last == "pausing after the; step in ha…")
        }
    }

    @Test(arguments: [20, 40, 80]) func `has no line wider than the terminal, nor two in one`(width: Int) {
        for events in [story, everyEvent] {
            for count in events.indices {
                let view = RunView(events.prefix(count))
                for line in view.lines(at: later, style: RunViewStyle(width: width)) {
                    #expect(line.count <= width && !line.contains("\n"))
                }
            }
        }
    }

    @Test func `is coloured only where colour is wanted`() {
        let view = RunView(story)
        #expect(!view.lines(at: later).joined().contains("\u{1B}"))
        let coloured = view.lines(at: later, style: RunViewStyle(hasColor: true)).joined()
        #expect(coloured.contains("\u{1B}[31m") && coloured.contains("\u{1B}[0m"))
    }

    @Test func `shows of many nodes those that something happens on`() {
        let world = World()
        let turns = (1...50).map { number in
            RunScript.Turn(node: "n\(number)", steps: [FakeStep("s\(number)", world, node: "n\(number)")])
        }
        let script = RunScript(stages: [.init(title: "workers", turns: turns)])
        let step = StepReference(turns[6].steps[0].label)
        let events: [RunEvent.Kind] = [
            .runStarted(script.outline, who: "me", isResumed: false), .hopStarted(1, title: "hop"),
            .stepStarted(step, attempt: 1),
        ]
        let view = RunView(events.map { RunEvent(at: noon, run: "r1", $0) })
        let lines = view.lines(at: noon, style: RunViewStyle(height: 10))
        #expect(lines.contains { $0.contains("▶ n7") } && lines.contains("  0 of 50 nodes done"))
        #expect(lines.count <= 10)
    }

    @Test func `tells the time that is left by the pace so far`() throws {
        let world = World()
        let steps = (1...4).map { FakeStep("\($0)", world) }
        let script = RunScript(steps)
        func event(_ seconds: TimeInterval, _ kind: RunEvent.Kind) -> RunEvent {
            RunEvent(at: noon.addingTimeInterval(seconds), run: "r1", kind)
        }
        var view = RunView([event(0, .runStarted(script.outline, who: "me", isResumed: false))])
        #expect(view.timeLeft(at: noon) == 20)
        view.apply(event(10, .stepStarted(StepReference(steps[0].label), attempt: 1)))
        view.apply(event(15, .stepFinished(StepReference(steps[0].label), seconds: 5)))
        // A quarter took 15 s.
        #expect(view.timeLeft(at: noon.addingTimeInterval(15)) == 45)
        view.apply(event(20, .runFinished))
        #expect(view.timeLeft(at: noon.addingTimeInterval(20)) == nil && view.state == .completed)
    }

    @Test(
        arguments: [
            (0, "0:00"), (65, "1:05"), (3725, "1:02:05"), (-3, "0:00"), (.infinity, "?"), (.nan, "?"), (1e300, "?"),
        ] as [(TimeInterval, String)]
    ) func `writes durations as clocks do`(seconds: TimeInterval, text: String) {
        #expect(RunView.clock(seconds) == text)
    }

    @Test func `writes events as plain lines, the small ones left out`() throws {
        let lines = everyEvent.compactMap(\.plainLine).joined(separator: "\n")
        try GoldenFile.expect(lines + "\n", matches: "lines.txt")
        #expect(!everyEvent.compactMap(\.plainLine).contains { $0.contains("\n") })
    }
}
