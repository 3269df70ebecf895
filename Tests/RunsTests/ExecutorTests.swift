import KubernetesClient
import KubernetesModel
import Synchronization
import Testing

@testable import Runs

private func executor(_ recorder: any RunRecorder, clock: StageClock, pause: PauseSwitch = PauseSwitch()) -> Executor {
    Executor(
        run: "r1",
        recorder: recorder,
        pause: pause,
        clock: clock,
        now: { noon },
        pauses: .seconds(1) ... .seconds(1)
    )
}

private func run(
    _ script: RunScript,
    recorder: MemoryRecorder = MemoryRecorder(),
    clock: StageClock = StageClock(short: .seconds(3)),
    pause: PauseSwitch = PauseSwitch(),
    after progress: RunProgress? = nil
) async throws -> RunOutcome {
    try await executor(recorder, clock: clock, pause: pause).run(script, who: "me@here", after: progress)
}

@Suite(.timeLimit(.minutes(1))) struct `an executor` {
    private let world = World()
    private let recorder = MemoryRecorder()

    @Test func `probes, tells its intent, performs, and proves by probing again`() async throws {
        let outcome = try await run(RunScript([FakeStep("a", world)]), recorder: recorder)
        #expect(outcome == .completed && outcome.exitCode == 0)
        #expect(
            recorder.names == [
                "run-started", "hop-started", "stage-started", "step-probed a", "step-started a", "step-performed a",
                "step-finished a", "stage-finished", "hop-finished", "run-finished",
            ]
        )
        #expect(world.log == ["perform a"])
    }

    @Test func `skips what reality shows done`() async throws {
        world.finish("a")
        #expect(try await run(RunScript([FakeStep("a", world)]), recorder: recorder) == .completed)
        #expect(world.log == [])
        #expect(recorder.names.contains("step-skipped a") && !recorder.names.contains("step-started a"))
    }

    @Test func `performs again what was performed and is not proven`() async throws {
        let step = FakeStep("a", world).probed { [world] _ in
            world.log.count < 2 ? .halfDone("only \(world.log.count)") : .done
        }
        #expect(try await run(RunScript([step]), recorder: recorder) == .completed)
        #expect(world.log == ["perform a", "perform a"])
        #expect(recorder.names.count { $0 == "step-started a" } == 2)
        let said = recorder.events.compactMap { event in
            if case .stepProgress(_, let text) = event.kind { text } else { nil }
        }
        #expect(said == ["performed, but half done: only 1"])
    }

    @Test func `waits for what goes on by itself`() async throws {
        let looks = Mutex(0)
        let step = FakeStep("a", world).probed { _ in
            let look = looks.withLock { looks in
                looks += 1
                return looks
            }
            return look < 5 ? .underWay("kubeadm runs") : .done
        }
        #expect(try await run(RunScript([step]), recorder: recorder) == .completed)
        #expect(world.log == [] && looks.withLock(\.self) == 5)
        // What it waits for is told once, not at every look.
        #expect(recorder.names.count { $0 == "step-progress a" } == 1)
    }

    @Test func `tries again what passes, as often as the deadline allows`() async throws {
        let step = FakeStep("a", world) { [world] _ in
            if world.log.count < 7 { throw StepError.transient("the API is away") }
        }
        #expect(try await run(RunScript([step]), recorder: recorder) == .completed)
        #expect(world.log.count == 7)
    }

    @Test func `gives up after three attempts at what nobody has classified`() async throws {
        let step = FakeStep("a", world, node: "cp-1") { _ in throw StepError.failed("odd", remedy: "look") }
        let outcome = try await run(RunScript([step, FakeStep("b", world)]), recorder: recorder)
        let failure = StepFailure(step: "a", title: "do a", node: "cp-1", cause: "odd", remedy: "look")
        #expect(outcome == .paused(.step(failure)) && outcome.exitCode == 4)
        #expect(world.log == ["perform a", "perform a", "perform a"])
        #expect(recorder.names.suffix(2) == ["step-failed a", "run-paused"])
    }

    @Test(arguments: [true, false])
    func `pauses at once where somebody has to do something`(isProbe: Bool) async throws {
        let error = StepError.permanent("no repository", remedy: "add one")
        let step = FakeStep("a", world) { _ in throw error }.probed { _ in
            if isProbe { throw error }
            return .notStarted
        }
        let outcome = try await run(RunScript([step, FakeStep("b", world)]), recorder: recorder)
        let failure = StepFailure(step: "a", title: "do a", node: nil, cause: "no repository", remedy: "add one")
        #expect(outcome == .paused(.step(failure)))
        #expect(world.log == (isProbe ? [] : ["perform a"]))
    }

    @Test func `sorts what the API says into what passes and what does not`() {
        let sorter = TroubleSorter()
        func isTransient(_ error: any Error) -> Bool {
            if case .transient = sorter(error) { true } else { false }
        }
        for code in [429, 500, 503, 504] {
            #expect(isTransient(APIStatus(code: code, reason: "", message: "x")), "\(code)")
        }
        #expect(isTransient(APIStatus(code: 409, reason: "Conflict", message: "x")))
        #expect(isTransient(ClientError.unreachable(server: "s", reason: "x")))
        for code in [400, 401, 403, 404, 422] {
            #expect(!isTransient(APIStatus(code: code, reason: "", message: "x")), "\(code)")
        }
        #expect(!isTransient(APIStatus(code: 409, reason: "AlreadyExists", message: "x")))
        #expect(!isTransient(Killed()))
    }

    @Test func `stops at the deadline, and says what it waited for`() async throws {
        let step = FakeStep("a", world, deadline: .seconds(10)).probed { _ in .underWay("waiting for the kubelet") }
        let outcome = try await run(RunScript([step]), recorder: recorder)
        guard case .paused(.step(let failure)) = outcome else {
            Issue.record("\(outcome)")
            return
        }
        #expect(failure.cause == "not done within 10 s: waiting for the kubelet")
    }

    @Test func `cuts off a step that hangs, at its deadline`() async throws {
        let clock = StageClock(short: .seconds(3))
        let (started, start) = AsyncStream.makeStream(of: Void.self)
        let step = FakeStep("a", world, deadline: .seconds(120)) { context in
            await context.progress("waiting for a sign")
            start.finish()
            try await context.clock.sleep(for: .seconds(100_000))
        }
        async let outcome = run(RunScript([step]), recorder: recorder, clock: clock)
        for await _ in started {}
        try await eventually("the step and its limit sleep") { clock.sleeping.count == 2 }
        clock.advance(by: .seconds(123))
        guard case .paused(.step(let failure)) = try await outcome else {
            Issue.record("\(try await outcome)")
            return
        }
        #expect(failure.cause == "not done within 2 min: waiting for a sign")
    }

    @Test func `pauses after the step in hand when it is asked to`() async throws {
        let pause = PauseSwitch()
        let first = FakeStep("a", world) { _ in pause.request() }
        let outcome = try await run(RunScript([first, FakeStep("b", world)]), recorder: recorder, pause: pause)
        #expect(outcome == .paused(.requested))
        #expect(world.done == ["a"] && recorder.names.suffix(2) == ["step-finished a", "run-paused"])
    }

    @Test func `leaves a step that only waits where it stands when a pause is asked for, and asks it anew on resume`()
        async throws
    {
        let pause = PauseSwitch()
        let script = RunScript([
            FakeStep("a", world, isCheck: true, isInterruptible: true) { context in
                guard !pause.isRequested else { return }
                await context.progress("waiting for a member")
                pause.request()
                try await context.clock.sleep(for: .seconds(100_000))
            }, FakeStep("b", world),
        ])
        #expect(try await run(script, recorder: recorder, pause: pause) == .paused(.requested))
        #expect(world.done == [] && recorder.names.suffix(2) == ["step-progress a", "run-paused"])

        let progress = RunProgress(recorder.events)
        #expect(try await run(script, recorder: recorder, after: progress) == .completed)
        #expect(world.log == ["perform a", "perform a", "perform b"])
    }

    @Test(arguments: [true, false])
    func `pauses between two looks of a step that only waits, and only of such a step`(onlyWaits: Bool) async throws {
        let pause = PauseSwitch()
        let step = FakeStep("a", world, isInterruptible: onlyWaits).probed { [world] _ in
            if pause.isRequested { world.note("asked again") }
            pause.request()
            return world.log.isEmpty ? .underWay("not yet") : .done
        }
        let outcome = try await run(RunScript([step, FakeStep("b", world)]), recorder: recorder, pause: pause)
        #expect(outcome == .paused(.requested))
        #expect(world.log == (onlyWaits ? [] : ["asked again"]))
    }

    @Test func `is stopped, and has not failed, where a probe is cut off`() async throws {
        let (started, start) = AsyncStream.makeStream(of: Void.self)
        let step = FakeStep("a", world).probed { context in
            start.finish()
            try await context.clock.sleep(for: .seconds(100_000))
            return .done
        }
        let task = Task { [recorder] in
            try await run(RunScript([step]), recorder: recorder, clock: StageClock(short: .seconds(3)))
        }
        for await _ in started {}
        task.cancel()
        #expect(try await task.value == .paused(.stopped))
        #expect(!recorder.names.contains("step-failed a"))
    }

    @Test func `stops at once when its task is cancelled`() async throws {
        let clock = StageClock(short: .seconds(3))
        let (started, start) = AsyncStream.makeStream(of: Void.self)
        let step = FakeStep("a", world) { context in
            start.finish()
            try await context.clock.sleep(for: .seconds(100_000))
        }
        let task = Task { [world, recorder] in
            try await run(RunScript([step, FakeStep("b", world)]), recorder: recorder, clock: clock)
        }
        for await _ in started {}
        task.cancel()
        #expect(try await task.value == .paused(.stopped))
        #expect(world.done == [] && recorder.names.last == "run-paused")
    }

    @Test func `does nothing that it cannot record`() async throws {
        // 5: the intent of the step.
        let dying = DyingRecorder(recorder, at: 5, isAfter: false)
        await #expect(throws: Killed.self) {
            try await executor(dying, clock: StageClock(short: .seconds(3))).run(
                RunScript([FakeStep("a", world)]),
                who: "me"
            )
        }
        #expect(world.log == [])
    }
}

@Suite(.timeLimit(.minutes(1))) struct `a stage` {
    private let world = World()
    private let recorder = MemoryRecorder()

    private func turn(_ name: String, _ steps: [FakeStep]) -> RunScript.Turn {
        RunScript.Turn(node: name, steps: steps)
    }

    @Test(arguments: [1, 2, 3])
    func `keeps so many turns under way, and never more`(concurrency: Int) async throws {
        let counts = Mutex((now: 0, most: 0))
        let turns = (1...6).map { number in
            turn(
                "n\(number)",
                [
                    FakeStep("\(number)", world) { _ in
                        counts.withLock { counts in
                            counts.now += 1
                            counts.most = max(counts.most, counts.now)
                        }
                        // As many as may be under way are, and no more come while they all wait here.
                        try await eventually("\(concurrency) are under way") {
                            counts.withLock(\.most) >= concurrency
                        }
                        for _ in 0..<100 { await Task.yield() }
                        counts.withLock { $0.now -= 1 }
                    }
                ]
            )
        }
        let stage = RunScript.Stage(title: "workers", concurrency: concurrency, turns: turns)
        #expect(try await run(RunScript(stages: [stage]), recorder: recorder) == .completed)
        #expect(counts.withLock(\.most) == concurrency)
        #expect(world.done.count == 6)
    }

    @Test func `begins nothing after a failure, and lets the step in hand of the others end`() async throws {
        let (failed, fail) = AsyncStream.makeStream(of: Void.self)
        let (begun, begin) = AsyncStream.makeStream(of: Void.self)
        let turns = [
            turn(
                "bad",
                [
                    FakeStep("bad/1", world) { _ in
                        for await _ in begun {}
                        fail.finish()
                        throw StepError.permanent("broken", remedy: "mend")
                    }
                ]
            ),
            turn(
                "good",
                [
                    FakeStep("good/1", world) { [recorder] _ in
                        begin.finish()
                        for await _ in failed {}
                        try await eventually("the failure is recorded") { recorder.names.contains("step-failed bad/1") }
                        // The brake is put on when the failed turn is taken in, a moment after it is recorded.
                        for _ in 0..<1000 { await Task.yield() }
                    }, FakeStep("good/2", world),
                ]
            ),
            turn("late", [FakeStep("late/1", world)]),
        ]
        let stage = RunScript.Stage(title: "workers", concurrency: 2, turns: turns)
        let next = RunScript.Stage(title: "next", turns: [turn("x", [FakeStep("next/1", world)])])
        let outcome = try await run(RunScript(stages: [stage, next]), recorder: recorder)
        guard case .paused(.step(let failure)) = outcome else {
            Issue.record("\(outcome)")
            return
        }
        #expect(failure.step == "bad/1")
        #expect(world.done == ["good/1"])
    }

    @Test func `names the failure, also where a pause was asked for first`() async throws {
        let pause = PauseSwitch()
        let (asked, ask) = AsyncStream.makeStream(of: Void.self)
        let turns = [
            turn(
                "a",
                [
                    FakeStep("a/1", world) { _ in
                        pause.request()
                        ask.finish()
                    }, FakeStep("a/2", world),
                ]
            ),
            turn(
                "b",
                [
                    FakeStep("b/1", world) { [recorder] _ in
                        for await _ in asked {}
                        try await eventually("the other step is done") { recorder.names.contains("step-finished a/1") }
                        throw StepError.permanent("broken", remedy: "mend")
                    }
                ]
            ),
        ]
        let stage = RunScript.Stage(title: "workers", concurrency: 2, turns: turns)
        let outcome = try await run(RunScript(stages: [stage]), recorder: recorder, pause: pause)
        guard case .paused(.step(let failure)) = outcome else {
            Issue.record("\(outcome)")
            return
        }
        #expect(failure.step == "b/1" && !world.done.contains("a/2"))
    }
}
