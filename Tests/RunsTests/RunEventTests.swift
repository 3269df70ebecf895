import Foundation
import Testing

@testable import Runs

/// One event of each shape that is ever written.
let everyEvent: [RunEvent] = {
    let drain = StepReference(id: "1/workers/w-1/drain", title: "drain", node: "w-1")
    let gate = StepReference(id: "1/gate", title: "gate")
    let world = World()
    let script = RunScript(
        title: "upgrade to v1.32.6",
        hops: [
            .init(
                number: 1,
                title: "v1.31.4 → v1.32.6",
                stages: [
                    .init(
                        title: "workers",
                        concurrency: 2,
                        turns: [.init(node: "w-1", steps: [FakeStep("1/workers/w-1/drain", world, node: "w-1")])]
                    )
                ]
            )
        ]
    )
    let kinds: [RunEvent.Kind] = [
        .runStarted(script.outline, who: "me@here", isResumed: false), .hopStarted(1, title: "v1.31.4 → v1.32.6"),
        .stageStarted(hop: 1, title: "workers"), .turnStarted(node: "w-1"), .stepProbed(gate, .notStarted),
        .stepProbed(drain, .halfDone("cordoned")), .stepProbed(drain, .underWay("a pod terminates")),
        .stepProbed(drain, .done), .stepSkipped(gate, why: "already done"), .stepStarted(drain, attempt: 2),
        .stepProgress(drain, "waiting for \"web\"\nto move"),
        .command(
            drain,
            CommandRecord(
                node: "w-1",
                argv: ["apt-get", "update"],
                exitCode: 100,
                duration: .milliseconds(1500),
                complaint: "E: no",
                isSecret: false
            )
        ),
        .command(
            drain,
            CommandRecord(
                node: "w-1",
                argv: ["cat", "/etc/kubernetes/pki/ca.key"],
                exitCode: 1,
                duration: .milliseconds(3),
                complaint: "key material",
                isSecret: true
            )
        ),
        .drain(drain, DrainNotice(kind: .evicted, node: "w-1", pod: "shop/web-1", text: "gone")),
        .drain(drain, DrainNotice(kind: .drained, node: "w-1")),
        .backup(gate, BackupRecord(kind: "backup-set", path: "/b/set", bytes: 12, sha256: "00ff")),
        .stepPerformed(drain), .stepFailed(drain, cause: "a budget", isRetried: true),
        .stepFinished(drain, seconds: 12.25), .turnFinished(node: "w-1"), .stageFinished(hop: 1, title: "workers"),
        .hopFinished(1, title: "v1.31.4 → v1.32.6"), .runPaused(.requested), .runPaused(.stopped),
        .runPaused(
            .step(StepFailure(step: "1/gate", title: "gate", node: nil, cause: "not Ready", remedy: "see to it"))
        ),
        .runPaused(.lockLost(LockHolder(operatorName: "you@there", pid: 7, start: 99, place: "0123abcd"))),
        .runFinished,
    ]
    return kinds.enumerated().map { RunEvent(at: noon.addingTimeInterval(Double($0) / 8), run: "r1", $1) }
}()

@Suite struct `an event as text` {
    @Test func `has the shape that journals hold`() throws {
        let lines = try everyEvent.map { try $0.line() + "\n" }.joined()
        try GoldenFile.expect(lines, matches: "events.jsonl")
    }

    @Test(arguments: everyEvent) func `is read as it was written`(event: RunEvent) throws {
        #expect(try RunEvent(parsing: event.line()) == event)
    }

    @Test func `names each shape once`() {
        #expect(Set(everyEvent.map(\.name)).count == 19)
    }

    @Test func `holds no word of a secret command but its program`() throws {
        let lines = try everyEvent.map { try $0.line() }.joined()
        #expect(!lines.contains("ca.key") && !lines.contains("key material"))
        #expect(lines.contains(#"["cat","(redacted)"]"#))
    }

    @Test(arguments: [
        "", "{}", "null", "[]", #"{"event":"run-finished","run":"r"}"#,
        #"{"at":"yesterday","event":"run-finished","run":"r"}"#,
        #"{"at":"2026-07-24T04:00:00Z","event":"run-vanished","run":"r"}"#,
        #"{"at":"2026-07-24T04:00:00Z","event":"step-started","run":"r"}"#,
        #"{"at":"2026-07-24T04:00:00Z","event":"hop-started","hop":"one","run":"r","title":"x"}"#,
        #"{"at":"2026-07-24T04:00:00Z","event":"step-probed","probe":{"state":"maybe"},"run":"r","#
            + #""step":{"id":"a","title":"b"}}"#,
        #"{"at":"2026-07-24T04:00:00Z","event":"run-paused","pause":{"cause":"rain"},"run":"r"}"#,
    ]) func `is refused when it makes no sense`(line: String) {
        #expect(throws: DecodingError.self) { try RunEvent(parsing: line) }
    }
}
