import Foundation
import Testing

@testable import Runs

/// A run of two hops: checks, a stage of several turns at once, and a step that is never done without an effect.
private func script(_ world: World) -> RunScript {
    func hop(_ number: Int) -> RunScript.Hop {
        func step(_ name: String, isCheck: Bool = false) -> FakeStep {
            FakeStep("\(number)/\(name)", world, isCheck: isCheck)
        }
        return RunScript.Hop(
            number: number,
            title: "hop \(number)",
            stages: [
                .init(title: "gate", turns: [.init(steps: [step("gate", isCheck: true)])]),
                .init(
                    title: "control plane",
                    turns: [.init(node: "cp", steps: [step("apply"), step("verify", isCheck: true)])]
                ),
                .init(
                    title: "workers",
                    concurrency: 2,
                    turns: ["a", "b", "c"].map { (name: String) in
                        .init(node: name, steps: [step("\(name)/drain"), step("\(name)/kubelet")])
                    }
                ),
            ]
        )
    }
    return RunScript(title: "test", hops: [hop(1), hop(2)])
}

private func executor(_ recorder: any RunRecorder) -> Executor {
    Executor(
        run: "r1",
        recorder: recorder,
        clock: StageClock(short: .seconds(3)),
        now: { noon },
        pauses: .seconds(1) ... .seconds(1)
    )
}

private func entry(_ id: String = "r1", at time: Date = noon) -> RunEntry {
    RunEntry(id: id, clusterUID: "c", title: "test", startedAt: time, who: "me", toolVersion: "1", plan: [1, 2])
}

private func journal(_ folder: TemporaryFolder) async throws -> Journal {
    let journal = try Journal.open(stateDirectory: folder.path, clusterUID: "c")
    try await journal.begin(entry())
    return journal
}

@Suite(.timeLimit(.minutes(2))) struct `a run that is killed` {
    private static let writes: [Int] = Array(1...Self.total)
    /// Events of an undisturbed run of the script: this many writes there are to die at.
    private static let total = 2 + 2 * (2 + 3 * 2 + 4 * 2 + 9 * 4)

    @Test func `has as many writes as are tried here`() async throws {
        let recorder = MemoryRecorder()
        #expect(try await executor(recorder).run(script(World()), who: "me") == .completed)
        #expect(recorder.events.count == Self.total)
    }

    @Test(arguments: [false, true])
    func `at any write of its journal ends as one that never was`(isAfter: Bool) async throws {
        let undisturbed = World()
        #expect(try await executor(MemoryRecorder()).run(script(undisturbed), who: "me") == .completed)
        for fatal in Self.writes {
            let folder = try TemporaryFolder()
            defer { folder.remove() }
            let world = World()
            let journal = try await journal(folder)
            let dying = DyingRecorder(journal, at: fatal, isAfter: isAfter)
            await #expect(throws: Killed.self, "write \(fatal)") {
                try await executor(dying).run(script(world), who: "me")
            }
            let before = try await journal.progress(of: "r1")
            let effects = world.log.filter { !$0.hasSuffix("gate") && !$0.hasSuffix("verify") }
            for effect in effects {
                #expect(before.started.contains(String(effect.dropFirst("perform ".count))), "\(fatal): no intent")
            }
            let outcome = try await executor(journal).run(script(world), who: "me", after: before)
            #expect(outcome == .completed, "write \(fatal)")
            #expect(world.done == undisturbed.done, "write \(fatal)")
            let after = world.log.filter { !$0.hasSuffix("gate") && !$0.hasSuffix("verify") }
            #expect(after.count == Set(after).count, "write \(fatal): twice done: \(after)")
        }
    }
}

@Suite(.timeLimit(.minutes(1))) struct `a run that is resumed` {
    private func performed(_ events: [RunEvent.Kind], in script: RunScript, _ world: World) async throws -> [String] {
        let progress = RunProgress(events.map { RunEvent(at: noon, run: "r1", $0) })
        _ = try await executor(MemoryRecorder()).run(script, who: "me", after: progress)
        return world.log
    }

    @Test func `does not ask a check again that lies behind what was done`() async throws {
        let world = World()
        let check = FakeStep("check", world, isCheck: true)
        let steps: [any Step] = [check, FakeStep("work", world), FakeStep("more", world)]
        world.finish("work")
        let log = try await performed(
            [
                .stepFinished(StepReference(check.label), seconds: 1),
                .stepFinished(StepReference(steps[1].label), seconds: 1),
            ],
            in: RunScript(steps),
            world
        )
        #expect(log == ["perform more"])
    }

    @Test func `asks a check again that nothing was built upon`() async throws {
        let world = World()
        let check = FakeStep("check", world, isCheck: true)
        let log = try await performed(
            [.stepFinished(StepReference(check.label), seconds: 1)],
            in: RunScript([check, FakeStep("work", world)]),
            world
        )
        #expect(log == ["perform check", "perform work"])
    }

    @Test func `passes over a check of a stage once a later stage has begun`() async throws {
        let world = World()
        let gate = FakeStep("gate", world, isCheck: true)
        let work = FakeStep("work", world)
        let script = RunScript(stages: [
            .init(title: "gate", turns: [.init(steps: [gate])]), .init(title: "work", turns: [.init(steps: [work])]),
        ])
        let log = try await performed(
            [
                .stepFinished(StepReference(gate.label), seconds: 1),
                .stepStarted(StepReference(work.label), attempt: 1),
            ],
            in: script,
            world
        )
        #expect(log == ["perform work"])
    }

    @Test func `asks nothing of a hop that is wholly done`() async throws {
        let world = World()
        let never = FakeStep("never", world).probed { _ in
            world.note("asked")
            return .notStarted
        }
        let script = RunScript(
            title: "test",
            hops: [
                .init(number: 1, title: "1", stages: [.init(title: "s", turns: [.init(steps: [never])])]),
                .init(
                    number: 2,
                    title: "2",
                    stages: [.init(title: "s", turns: [.init(steps: [FakeStep("work", world)])])]
                ),
            ]
        )
        #expect(try await performed([.hopFinished(1, title: "1")], in: script, world) == ["perform work"])
    }

    @Test func `tells a step whether an earlier process performed it`() async throws {
        let world = World()
        let label = FakeStep("a", world).label
        for (events, expected) in [
            ([], "false"), ([.stepStarted(StepReference(label), attempt: 1)], "false"),
            ([.stepPerformed(StepReference(label))], "true"),
        ] as [([RunEvent.Kind], String)] {
            world.clearLog()
            let step = FakeStep("a", world).probed { context in
                world.note("\(context.wasPerformed)")
                return .done
            }
            #expect(try await performed(events, in: RunScript([step]), world) == [expected])
        }
    }
}
