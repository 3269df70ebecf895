import Foundation
import KubernetesClient
import Synchronization
import Testing

@testable import Runs

let me = LockHolder(operatorName: "me@here", pid: 100, start: 5, place: "0000aaaa")
let you = LockHolder(operatorName: "you@there", pid: 200, start: 6, place: "0000bbbb")

@Suite(.timeLimit(.minutes(1))) struct `a run's lock` {
    private let leases = FakeLeases()
    private let clock = StageClock()

    private func with<Value: Sendable>(
        acquisition: RunLock.Acquisition = .now,
        isDead: @escaping @Sendable (LockHolder) -> Bool = { _ in false },
        _ body: @escaping @Sendable (RunLock) async throws -> Value
    ) async throws -> Value {
        try await RunLock.with(
            leases,
            acquisition: acquisition,
            me: me,
            term: .seconds(15),
            clock: clock,
            now: { noon },
            isDead: isDead,
            body
        )
    }

    /// The renewal that comes next has been made, or has failed.
    private func renew(_ lock: RunLock, until isSeen: (RunLock.Status) -> Bool) async throws {
        try await eventually("the lock waits for its next renewal") { clock.sleeping.contains(.seconds(5)) }
        clock.advance(by: .seconds(5))
        try await eventually("the renewal shows") { isSeen(lock.check()) }
    }

    private func isUnconfirmed(_ status: RunLock.Status) -> Bool {
        if case .unconfirmed = status { true } else { false }
    }

    @Test func `is taken where nobody has it, renewed, and freed afterwards`() async throws {
        let seen = try await with { [leases, clock] lock in
            #expect(lock.check() == .held)
            try await eventually("it waits") { clock.sleeping.contains(.seconds(5)) }
            clock.advance(by: .seconds(5))
            try await eventually("it is renewed") { leases.writes.count == 2 }
            return leases.holder
        }
        #expect(seen == me.identity && leases.holder == "")
        #expect(leases.writes == [me.identity, me.identity, ""])
        // Whoever comes next need not wait.
        #expect(try await with { $0.check() } == .held)
    }

    @Test func `is freed also when the work fails`() async throws {
        await #expect(throws: Killed.self) { try await with { _ in throw Killed() } }
        #expect(leases.holder == "")
    }

    @Test func `is refused with the holder's name`() async throws {
        leases.hold(you, renewedAt: noon.addingTimeInterval(-5))
        let error = await #expect(throws: LockRefused.self) { try await with { _ in Issue.record("it was let in") } }
        #expect(error?.holder == you)
        #expect("\(try #require(error))".contains("you@there (process 200)"))
        #expect(leases.holder == you.identity && leases.writes == [])
    }

    @Test func `is taken from one who was silent for a term, once it stays silent`() async throws {
        leases.hold(you, renewedAt: noon.addingTimeInterval(-16))
        async let status = with { $0.check() }
        try await eventually("it is watched") { clock.sleeping == [.seconds(7.5)] }
        #expect(leases.writes == [])
        clock.advance(by: .seconds(7.5))
        #expect(try await status == .held)
        #expect(leases.writes == [me.identity, ""])
    }

    @Test func `stays with one who shows a sign of life while it is watched`() async throws {
        leases.hold(you, renewedAt: noon.addingTimeInterval(-3600))
        async let refusal = #expect(throws: LockRefused.self) { try await with { _ in Issue.record("it was let in") } }
        try await eventually("it is watched") { clock.sleeping == [.seconds(7.5)] }
        // By the holder's own slow clock this renewal is as old as the one before.
        leases.hold(you, renewedAt: noon.addingTimeInterval(-3600))
        clock.advance(by: .seconds(7.5))
        #expect(await refusal?.holder == you)
        #expect(leases.writes == [])
    }

    @Test func `is taken at once from a holder that is known to have ended`() async throws {
        leases.hold(you, renewedAt: noon)
        let isDead: @Sendable (LockHolder) -> Bool = { $0 == you }
        #expect(try await with(isDead: isDead) { $0.check() } == .held)
        #expect(leases.writes == [me.identity, ""])
    }

    @Test(arguments: [true, false])
    func `is refused to the slower of two who take it at the same time`(isNew: Bool) async throws {
        if !isNew { leases.hold(nil, renewedAt: noon) }
        leases.beforeNextWrite { [leases] in leases.hold(you, renewedAt: noon) }
        let error = await #expect(throws: LockRefused.self) { try await with { _ in Issue.record("it was let in") } }
        #expect(error?.holder == you && leases.holder == you.identity)
    }

    @Test func `is neither lost nor freed while the API is away`() async throws {
        try await with { [self] lock in
            leases.setAway(true)
            try await renew(lock, until: isUnconfirmed)
            #expect(isUnconfirmed(await lock.confirm()))
            leases.setAway(false)
            #expect(leases.holder == me.identity)
            #expect(await lock.confirm() == .held)
        }
        #expect(leases.holder == "")
    }

    @Test func `is lost to one who took it while the API was away, and not freed then`() async throws {
        try await with { [self] lock in
            leases.setAway(true)
            try await renew(lock, until: isUnconfirmed)
            leases.hold(you, renewedAt: noon)
            leases.setAway(false)
            #expect(await lock.confirm() == .lost(you))
            // For good: a later word of the API does not give it back.
            leases.hold(nil, renewedAt: noon)
            #expect(await lock.confirm() == .lost(you))
            leases.hold(you, renewedAt: noon)
        }
        #expect(leases.holder == you.identity && leases.writes == [me.identity])
    }

    @Test func `is needed before anything is begun, unless the run may wait for the API`() async throws {
        leases.setAway(true)
        await #expect(throws: ClientError.self) { try await with { _ in Issue.record("it was let in") } }
        let status = try await with(acquisition: .whenAPIReturns) { [leases] lock in
            let before = lock.check()
            leases.setAway(false)
            return (before, await lock.confirm())
        }
        #expect(isUnconfirmed(status.0) && status.1 == .held)
        leases.hold(you, renewedAt: noon)
        await #expect(throws: LockRefused.self) { try await with(acquisition: .whenAPIReturns) { _ in } }
    }

    @Test func `that is lost stops the run before its next effect`() async throws {
        let world = World()
        let outcome = try await with { [self] lock in
            let first = FakeStep("first", world) { _ in
                leases.setAway(true)
                try await renew(lock, until: isUnconfirmed)
                leases.hold(you, renewedAt: noon)
                leases.setAway(false)
            }
            let executor = Executor(
                run: "r1",
                recorder: MemoryRecorder(),
                lock: lock,
                clock: StageClock(short: .seconds(3))
            )
            return try await executor.run(
                RunScript([first, FakeStep("second", world, needsAPI: false)]),
                who: "me"
            )
        }
        #expect(outcome == .paused(.lockLost(you)))
        #expect(world.done == ["first"])
    }

    @Test func `that is unconfirmed holds up only steps that need the API`() async throws {
        let world = World()
        let recorder = MemoryRecorder()
        let outcome = try await with { [self] lock in
            leases.setAway(true)
            try await renew(lock, until: isUnconfirmed)
            let executor = Executor(
                run: "r1",
                recorder: recorder,
                lock: lock,
                clock: StageClock(short: .seconds(3)),
                pauses: .seconds(1) ... .seconds(1)
            )
            return try await executor.run(
                RunScript([
                    FakeStep("node", world, needsAPI: false), FakeStep("api", world, deadline: .seconds(5)),
                ]),
                who: "me"
            )
        }
        guard case .paused(.step(let failure)) = outcome else {
            Issue.record("\(outcome)")
            return
        }
        #expect(world.done == ["node"] && failure.step == "api")
        #expect(failure.cause.contains("waiting for the API server"))
        leases.setAway(false)
        #expect(leases.holder == me.identity)
    }
}
