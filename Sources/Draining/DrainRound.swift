import Foundation
import KubernetesModel

/// One tier's pods on their way off the node; pure. It is told what happened and says what to do.
struct DrainRound: Sendable {
    enum Input: Sendable, Hashable {
        case answered(uid: String, EvictionAnswer)
        case gone(uid: String)
        /// The pod now has a deletion time; `untilSkipped` is how long to wait for it, where that is limited.
        case terminating(uid: String, untilSkipped: Duration?)
        case retryDue(uid: String, attempt: Int)
        case skipDue(uid: String)
        /// A budget allows that many disruptions now.
        case budgetAllows(ObjectKey, Int)
    }

    enum Action: Sendable, Hashable {
        case evict(uid: String, ObjectKey)
        case retry(uid: String, attempt: Int, after: Duration)
        case skip(uid: String, after: Duration)
        case report(DrainEvent)
    }

    struct Victim: Sendable, Hashable {
        var key: ObjectKey
        var uid: String
        var isTerminating: Bool
    }

    /// A pod's way: queued → asking → (backingOff → asking)… → leaving → gone; or failed from asking.
    private enum Stage: Hashable {
        case queued
        case asking
        case backingOff(DrainBlock)
        case leaving
        case gone
        case failed(String)
    }

    private struct Entry {
        let victim: Victim
        var stage: Stage
        var attempts = 0
        var told: DrainBlock?
        /// Whether an eviction of ours was accepted, as opposed to a pod that went by itself.
        var isOurs = false
    }

    private let policy: DrainPolicy
    private var entries: [String: Entry]
    /// UIDs, in the order in which they are taken.
    private let order: [String]
    private var asking = 0
    private var queue: ArraySlice<String>

    init(_ victims: [Victim], policy: DrainPolicy) {
        self.policy = policy
        order = victims.map(\.uid)
        queue = []
        entries = [:]
        for victim in victims {
            // One that is terminating needs no eviction, unless it is to end sooner than it was told.
            let isLeaving = victim.isTerminating && policy.gracePeriod < 0
            entries[victim.uid] = Entry(victim: victim, stage: isLeaving ? .leaving : .queued)
            if !isLeaving { queue.append(victim.uid) }
        }
    }

    /// Every pod is gone or has failed. Where one has failed for good, pods that are merely blocked are not waited for.
    var isFinished: Bool {
        var isBlocked = false
        var hasFailed = false
        for entry in entries.values {
            switch entry.stage {
            case .queued, .asking, .leaving: return false
            case .backingOff: isBlocked = true
            case .failed: hasFailed = true
            case .gone: break
            }
        }
        return hasFailed || !isBlocked
    }

    var failures: [DrainError.PodFailure] {
        order.compactMap { uid in
            guard let entry = entries[uid], case .failed(let reason) = entry.stage else { return nil }
            return DrainError.PodFailure(pod: entry.victim.key, reason: reason)
        }
    }

    /// Pods that are still there, each with its block where it has one.
    var remaining: [(victim: Victim, state: Remaining)] {
        order.compactMap { uid in
            guard let entry = entries[uid] else { return nil }
            return switch entry.stage {
            case .gone, .failed: nil
            case .leaving: (entry.victim, .leaving)
            case .backingOff(let block): (entry.victim, .blocked(block))
            case .queued: (entry.victim, entry.told.map { .blocked($0) } ?? .queued)
            case .asking: (entry.victim, entry.told.map { .blocked($0) } ?? .asking)
            }
        }
    }

    /// Where a pod that has not gone yet stands.
    enum Remaining: Sendable, Hashable {
        case queued
        case asking
        case blocked(DrainBlock)
        case leaving

        var isBlocked: Bool { if case .blocked = self { true } else { false } }
    }

    mutating func start() -> [Action] { dispatch() }

    mutating func handle(_ input: Input) -> [Action] {
        switch input {
        case .answered(let uid, let answer): answered(uid, answer)
        case .gone(let uid): gone(uid)
        case .terminating(let uid, let untilSkipped): terminating(uid, untilSkipped)
        case .retryDue(let uid, let attempt):
            if case .backingOff = entries[uid]?.stage, entries[uid]?.attempts == attempt { requeue([uid]) } else { [] }
        case .skipDue(let uid): left(uid)
        case .budgetAllows(let budget, let count): requeue(waiting(on: budget).prefix(max(0, count)))
        }
    }

    private mutating func dispatch() -> [Action] {
        var actions: [Action] = []
        while asking < max(1, policy.parallelism), let uid = queue.popFirst() {
            guard var entry = entries[uid], entry.stage == .queued else { continue }
            entry.stage = .asking
            entry.attempts += 1
            entries[uid] = entry
            asking += 1
            if entry.attempts == 1 { actions.append(.report(.evicting(entry.victim.key, policy.dryRun))) }
            actions.append(.evict(uid: uid, entry.victim.key))
        }
        return actions
    }

    private mutating func requeue(_ uids: some Sequence<String>) -> [Action] {
        for uid in uids {
            entries[uid]?.stage = .queued
            queue.append(uid)
        }
        return dispatch()
    }

    /// Pods that this budget alone holds back, in order.
    private func waiting(on budget: ObjectKey) -> [String] {
        order.filter { uid in
            guard case .backingOff(let block) = entries[uid]?.stage else { return false }
            return block.reason == .budget && block.budgets.map(\.key) == [budget]
        }
    }

    private mutating func answered(_ uid: String, _ answer: EvictionAnswer) -> [Action] {
        guard var entry = entries[uid] else { return [] }
        asking -= 1
        guard entry.stage == .asking else { return dispatch() }  // gone while we asked
        let key = entry.victim.key
        var actions: [Action] = []
        switch answer {
        case .accepted:
            entry.isOurs = true
            if policy.dryRun == .server {
                entry.stage = .gone
                actions.append(
                    .report(.evicted(key, isDeletion: policy.disableEviction, policy.dryRun))
                )
            } else {
                entry.stage = .leaving
            }
        case .gone:
            entry.stage = .gone
            actions.append(.report(.vanished(key)))
        case .failed(let reason):
            entry.stage = .failed(reason)
            actions.append(.report(.failed(key, reason: reason)))
        case .blocked(let block, let retryAfter):
            let pause = max(retryAfter ?? .zero, policy.pause(attempt: entry.attempts))
            entry.stage = .backingOff(block)
            if entry.told != block { actions.append(.report(.blocked(key, block, retryIn: pause))) }
            entry.told = block
            actions.append(.retry(uid: uid, attempt: entry.attempts, after: pause))
        }
        entries[uid] = entry
        return actions + dispatch()
    }

    private mutating func gone(_ uid: String) -> [Action] {
        guard var entry = entries[uid] else { return [] }
        switch entry.stage {
        case .gone, .failed: return []
        case .queued, .asking, .backingOff, .leaving: break
        }
        // A deletion seen before the eviction's own answer is ours too.
        let isOurs = entry.isOurs || entry.stage == .asking || entry.stage == .leaving
        entry.stage = .gone
        entries[uid] = entry
        let key = entry.victim.key
        return [
            .report(isOurs ? .evicted(key, isDeletion: policy.disableEviction, policy.dryRun) : .vanished(key))
        ]
    }

    private mutating func terminating(_ uid: String, _ untilSkipped: Duration?) -> [Action] {
        guard var entry = entries[uid] else { return [] }
        switch entry.stage {
        case .gone, .failed: return []
        case .queued, .backingOff:
            // Somebody else is deleting it: there is nothing left to ask for.
            if policy.gracePeriod < 0 { entry.stage = .leaving }
        case .asking, .leaving: break
        }
        entries[uid] = entry
        return untilSkipped.map { [.skip(uid: uid, after: $0)] } ?? []
    }

    private mutating func left(_ uid: String) -> [Action] {
        guard var entry = entries[uid] else { return [] }
        switch entry.stage {
        case .gone, .failed, .asking: return []
        case .queued, .backingOff, .leaving: break
        }
        entry.stage = .gone
        entries[uid] = entry
        return [.report(.leftTerminating(entry.victim.key))]
    }
}
