import Foundation
import KubernetesModel
import Testing

@testable import Runs

@Suite struct `what a lease says` {
    private func state(_ holder: LockHolder?, age: TimeInterval, term: Duration = .seconds(15)) -> LeaseState {
        LeaseState(
            LeaseState.lease(held: holder, over: nil, term: term, at: noon.addingTimeInterval(-age))
        )
    }

    private func verdict(_ state: LeaseState, isDead: Bool = false) -> LeaseState.Verdict {
        state.verdict(for: me, at: noon) { _ in isDead }
    }

    @Test func `to one who asks for it`() {
        #expect(verdict(state(nil, age: 0)) == .take)
        #expect(verdict(state(me, age: 0)) == .take)
        #expect(verdict(state(you, age: 0)) == .held(you))
        #expect(verdict(state(you, age: 15)) == .held(you))
        #expect(verdict(state(you, age: 15.1)) == .observe(.seconds(7.5)))
        #expect(verdict(state(you, age: 86400)) == .observe(.seconds(7.5)))
        #expect(verdict(state(you, age: 5), isDead: true) == .take)
    }

    @Test func `where the clocks contradict each other`() {
        #expect(verdict(state(you, age: -10)) == .held(you))
        #expect(verdict(state(you, age: -3600)) == .observe(.seconds(15)))
        var lease = LeaseState.lease(held: you, over: nil, term: .seconds(15), at: noon)
        lease["spec", "renewTime"] = nil
        #expect(verdict(LeaseState(lease)) == .observe(.seconds(15)))
        lease["spec", "renewTime"] = "soon"
        #expect(verdict(LeaseState(lease)) == .observe(.seconds(15)))
    }

    @Test func `of another than ours is judged by the holder's own term`() {
        #expect(verdict(state(you, age: 30, term: .seconds(60))) == .held(you))
        #expect(verdict(state(you, age: 61, term: .seconds(60))) == .observe(.seconds(30)))
    }

    @Test func `counts who had it`() {
        let first = LeaseState.lease(held: me, over: nil, term: .seconds(15), at: noon)
        let renewed = LeaseState.lease(held: me, over: first, term: .seconds(15), at: noon.addingTimeInterval(5))
        let taken = LeaseState.lease(held: you, over: renewed, term: .seconds(15), at: noon.addingTimeInterval(60))
        #expect([first, renewed, taken].map { LeaseState($0).transitions } == [0, 0, 1])
        #expect(renewed["spec", "acquireTime"] == first["spec", "acquireTime"])
        #expect(taken["spec", "acquireTime"] != first["spec", "acquireTime"])
    }
}

@Suite struct `a holder of the lock` {
    @Test(arguments: [
        me, LockHolder(operatorName: "a/b@c", pid: 1, start: .max, place: "ffffffff"),
        LockHolder(operatorName: "", pid: 1, start: 0, place: ""),
    ]) func `is read as it was written`(holder: LockHolder) {
        #expect(LockHolder(parsing: holder.identity) == holder)
    }

    @Test(arguments: ["", "somebody", "a/b/c", "a/x/1/p", "a/1/-1/p", "//", "kube-scheduler_0123"])
    func `of another shape is an operator of that name`(identity: String) {
        let holder = LockHolder(parsing: identity)
        #expect(holder.operatorName == identity && holder.pid == 0 && !holder.isKnownDead())
        #expect("\(holder)" == identity)
    }

    @Test func `is known to have ended only where it could be seen to run`() {
        func isDead(_ holder: LockHolder, from place: String, _ ticks: UInt64?) -> Bool {
            holder.isKnownDead(from: place) { _ in ticks }
        }
        #expect(!isDead(me, from: me.place, me.start))
        #expect(isDead(me, from: me.place, nil))
        #expect(isDead(me, from: me.place, me.start + 1), "a later process of the same number")
        #expect(!isDead(me, from: "another", nil))
        #expect(!isDead(LockHolder(operatorName: "x", pid: 5, start: 5, place: ""), from: "", nil))
    }

    @Test func `is this very process`() {
        let current = LockHolder.current()
        #expect(current.pid == ProcessInfo.processInfo.processIdentifier && current.start > 0)
        #expect(current.operatorName.contains("@") && current.place.count == 8)
        #expect(!current.isKnownDead() && current == LockHolder.current())
    }
}
