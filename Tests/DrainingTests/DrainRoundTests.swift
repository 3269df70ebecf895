import KubernetesModel
import Testing

@testable import Draining

@Suite struct `a round of evictions` {
    private let web = ObjectKey(namespace: "shop", name: "web")
    private let block = DrainBlock(
        reason: .budget,
        message: "no",
        budgets: [BudgetState(budget("b", minAvailable: 2))]
    )

    private func round(
        _ names: String...,
        terminating: Set<String> = [],
        _ change: (inout DrainPolicy) -> Void = { _ in }
    ) -> DrainRound {
        var policy = DrainPolicy()
        change(&policy)
        let victims = names.map {
            DrainRound.Victim(
                key: ObjectKey(namespace: "shop", name: $0),
                uid: $0,
                isTerminating: terminating.contains($0)
            )
        }
        return DrainRound(victims, policy: policy)
    }

    @Test func `asks for no more at a time than it may`() {
        var round = round("a", "b", "c") { $0.parallelism = 2 }
        #expect(evictions(round.start()) == ["a", "b"])
        #expect(evictions(round.handle(.answered(uid: "a", .accepted))) == ["c"])
        #expect(!round.isFinished)
    }

    private func evictions(_ actions: [DrainRound.Action]) -> [String] {
        actions.compactMap { if case .evict(let uid, _) = $0 { uid } else { nil } }
    }

    private func reports(_ actions: [DrainRound.Action]) -> [DrainEvent] {
        actions.compactMap { if case .report(let event) = $0 { event } else { nil } }
    }

    @Test func `is over when every pod is seen to go`() {
        var round = round("web")
        #expect(reports(round.start()) == [.evicting(web, .none)])
        _ = round.handle(.answered(uid: "web", .accepted))
        #expect(!round.isFinished)
        #expect(reports(round.handle(.gone(uid: "web"))) == [.evicted(web, isDeletion: false, .none)])
        #expect(round.isFinished)
    }

    @Test func `counts a deletion that is seen before its own answer`() {
        var round = round("web")
        _ = round.start()
        #expect(reports(round.handle(.gone(uid: "web"))) == [.evicted(web, isDeletion: false, .none)])
        #expect(round.handle(.answered(uid: "web", .accepted)) == [])
        #expect(round.isFinished)
    }

    @Test func `pauses longer from refusal to refusal, says why once, and heeds the server's word`() {
        var round = round("web")
        _ = round.start()
        var pauses: [Duration] = []
        for attempt in 1...6 {
            let answer = EvictionAnswer.blocked(block, retryAfter: attempt == 6 ? .seconds(60) : nil)
            let actions = round.handle(.answered(uid: "web", answer))
            for case .retry(_, let number, let pause) in actions {
                #expect(number == attempt)
                pauses.append(pause)
            }
            #expect(reports(actions).count == (attempt == 1 ? 1 : 0))
            #expect(evictions(round.handle(.retryDue(uid: "web", attempt: attempt))) == ["web"])
        }
        #expect(pauses == [2, 4, 8, 16, 20, 60].map { .seconds($0) })
    }

    @Test func `asks again at once for as many pods as the budget has room for`() {
        var round = round("a", "b", "c")
        _ = round.start()
        for uid in ["a", "b", "c"] { _ = round.handle(.answered(uid: uid, .blocked(block, retryAfter: nil))) }
        let key = ObjectKey(namespace: "shop", name: "b")
        #expect(evictions(round.handle(.budgetAllows(ObjectKey(namespace: "shop", name: "other"), 3))) == [])
        #expect(evictions(round.handle(.budgetAllows(key, 2))) == ["a", "b"])
        #expect(evictions(round.handle(.retryDue(uid: "a", attempt: 1))) == [])  // its pause was cut short
    }

    @Test func `does not ask again for a pod that left meanwhile`() {
        var round = round("web")
        _ = round.start()
        _ = round.handle(.answered(uid: "web", .blocked(block, retryAfter: nil)))
        #expect(reports(round.handle(.gone(uid: "web"))) == [.vanished(web)])
        #expect(evictions(round.handle(.retryDue(uid: "web", attempt: 1))) == [])
        #expect(round.isFinished)
    }

    @Test func `only waits for pods that are terminating already`() {
        var round = round("web", terminating: ["web"])
        #expect(evictions(round.start()) == [])
        #expect(round.remaining.map(\.state) == [.leaving])
        var sooner = self.round("web", terminating: ["web"]) { $0.gracePeriod = 0 }
        #expect(evictions(sooner.start()) == ["web"])
    }

    @Test func `gives up waiting for a pod when its time to go has long passed`() {
        var round = round("web")
        _ = round.start()
        _ = round.handle(.answered(uid: "web", .accepted))
        let actions = round.handle(.terminating(uid: "web", untilSkipped: .seconds(7)))
        #expect(actions == [.skip(uid: "web", after: .seconds(7))])
        #expect(reports(round.handle(.skipDue(uid: "web"))) == [.leftTerminating(web)])
        #expect(round.isFinished)
    }

    @Test func `does not let a blocked pod hide one that failed for good`() {
        var round = round("a", "b", "c")
        _ = round.start()
        _ = round.handle(.answered(uid: "a", .blocked(block, retryAfter: nil)))
        _ = round.handle(.answered(uid: "b", .failed("forbidden")))
        #expect(!round.isFinished)  // c is still asked for
        _ = round.handle(.answered(uid: "c", .accepted))
        _ = round.handle(.gone(uid: "c"))
        #expect(round.isFinished)
        #expect(round.failures.map(\.reason) == ["forbidden"])
    }
}

@Suite struct `an answer to an eviction` {
    private func status(
        _ code: Int,
        _ message: String,
        cause: String? = nil,
        causeMessage: String = "",
        retryAfter: Int? = nil
    ) -> APIStatus {
        var details: JSONValue = [:]
        if let cause { details["causes"] = [["reason": .string(cause), "message": .string(causeMessage)]] }
        if let retryAfter { details["retryAfterSeconds"] = .integer(Int64(retryAfter)) }
        return APIStatus(code: code, reason: "", message: message, details: details)
    }

    private func reason(_ status: APIStatus) -> DrainBlock.Reason? {
        if case .blocked(let block, _) = EvictionAnswer(classifying: status) { block.reason } else { nil }
    }

    @Test func `that the pod is not there is the end of it`() {
        #expect(EvictionAnswer(classifying: status(404, "not found")) == .gone)
    }

    @Test func `tells a budget from an overload, with the causes`() {
        let refused = status(
            429,
            "Cannot evict pod as it would violate the pod's disruption budget.",
            cause: "DisruptionBudget",
            causeMessage: "The disruption budget web needs 2 healthy pods and has 2 currently"
        )
        guard case .blocked(let block, nil) = EvictionAnswer(classifying: refused) else {
            return #expect(Bool(false))
        }
        #expect(block.reason == .budget)
        #expect(block.message.hasSuffix("web needs 2 healthy pods and has 2 currently"))
        let busy = EvictionAnswer(classifying: status(429, "too many requests", retryAfter: 1))
        guard case .blocked(let overload, .seconds(1)?) = busy else { return #expect(Bool(false)) }
        #expect(overload.reason == .serverTrouble)
    }

    @Test func `may pass, where kubectl gives up`() {
        let overlap = "This pod has more than one PodDisruptionBudget, which the eviction subresource does not support."
        #expect(reason(status(500, overlap)) == .overlappingBudgets)
        #expect(reason(status(503, "away")) == .serverTrouble)
        #expect(reason(status(504, "conflict")) == .serverTrouble)
        #expect(reason(status(403, "is being terminated", cause: "NamespaceTerminating")) == .namespaceTerminating)
        #expect(reason(status(403, "admission webhook \"x\" denied the request: wait")) == .denied)
        #expect(reason(status(500, "failed calling admission webhook")) == .denied)
    }

    @Test func `is final where a right is missing or the request is wrong`() {
        let forbidden = status(403, "pods \"web\" is forbidden: User \"bob\" cannot create resource \"pods/eviction\"")
        #expect(EvictionAnswer(classifying: forbidden) == .failed(forbidden.message))
        #expect(EvictionAnswer(classifying: status(400, "bad")) == .failed("bad"))
        #expect(EvictionAnswer(classifying: status(401, "Unauthorized")) == .failed("Unauthorized"))
    }
}
