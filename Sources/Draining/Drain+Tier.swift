import Foundation
import KubernetesClient
import KubernetesModel
import Synchronization

/// What the tasks of a drain tell its loop.
private enum Signal: Sendable {
    case input(DrainRound.Input)
    case changed(Pod)
    case deadline
}

extension Drain {
    /// Evicts one tier's pods and waits until every one has gone.
    func drain(
        _ tier: ObjectList,
        later: [Pod],
        deadline: Deadline?,
        _ report: (DrainEvent) async -> Void
    ) async throws {
        var pods = Dictionary(tier.items.map { ($0.uid, Pod($0)) }, uniquingKeysWith: { $1 })
        var round = DrainRound(
            tier.items.map { .init(key: $0.key, uid: $0.uid, isTerminating: $0.isTerminating) },
            policy: policy
        )
        let budgets = BudgetWatch()
        let (signals, outlet) = AsyncStream.makeStream(of: Signal.self)
        var hasRunOut = false
        try await withThrowingDiscardingTaskGroup { group in
            if policy.dryRun == .none {
                group.addTask { await watch(tier, outlet) }
                for object in tier.items where object.isTerminating { outlet.yield(.changed(Pod(object))) }
            }
            if let deadline {
                group.addTask {
                    try? await clock.sleep(for: deadline.timeLeft)
                    if !Task.isCancelled { outlet.yield(.deadline) }
                }
            }
            var next = signals.makeAsyncIterator()
            var actions = round.start()
            perform: while true {
                for action in actions {
                    switch action {
                    case .report(let event): await report(event)
                    case .evict(let uid, let key):
                        guard let pod = pods[uid] else { continue }
                        group.addTask {
                            let answer = await evict(key, pod, budgets: budgets, deadline: deadline)
                            outlet.yield(.input(.answered(uid: uid, answer)))
                            if budgets.isWanted { await follow(budgets, in: outlet) }
                        }
                    case .retry(let uid, let attempt, let pause):
                        group.addTask {
                            guard (try? await clock.sleep(for: pause)) != nil else { return }
                            outlet.yield(.input(.retryDue(uid: uid, attempt: attempt)))
                        }
                    case .skip(let uid, let pause):
                        group.addTask {
                            guard (try? await clock.sleep(for: pause)) != nil else { return }
                            outlet.yield(.input(.skipDue(uid: uid)))
                        }
                    }
                }
                let isStuck = policy.dryRun == .server && round.remaining.allSatisfy { $0.state.isBlocked }
                if round.isFinished || isStuck { break }
                switch await next.next() {
                case .input(let input): actions = round.handle(input)
                case .changed(let pod):
                    pods[pod.uid] = pod
                    actions =
                        pod.isTerminating
                        ? round.handle(.terminating(uid: pod.uid, untilSkipped: untilSkipped(pod))) : []
                case .deadline:
                    hasRunOut = true
                    break perform
                case nil: break perform  // cancelled
                }
            }
            group.cancelAll()
        }
        try Task.checkCancellation()
        let failures = round.failures
        if !failures.isEmpty { throw DrainError.failed(node: node, failures) }
        if policy.dryRun == .server, !round.remaining.isEmpty {
            throw DrainError.wouldBlock(node: node, holds: holds(round, pods: pods, later: [], isNodeReady: true))
        }
        guard hasRunOut else { return }
        let isReady = await isNodeReady()
        let holds = holds(round, pods: pods, later: later, isNodeReady: isReady)
        throw DrainError.deadline(node: node, after: policy.timeout, holds: holds)
    }

    private func holds(
        _ round: DrainRound,
        pods: [String: Pod],
        later: [Pod],
        isNodeReady: Bool
    ) -> [DrainHold] {
        let present = round.remaining.map { victim, remaining in
            let object = pods[victim.uid]?.object
            let state: DrainHold.State =
                switch remaining {
                case .blocked(let block): .blocked(block)
                case .leaving:
                    .terminating(
                        since: object?.deletionTimestamp,
                        finalizers: object?.finalizers ?? [],
                        isNodeReady: isNodeReady
                    )
                case .asking: .unanswered
                case .queued: .notStarted
                }
            return DrainHold(pod: victim.key, uid: victim.uid, state: state)
        }
        return present + later.map { DrainHold(pod: $0.key, uid: $0.uid, state: .notStarted) }
    }

    /// Whether the kubelet still reports; true when that cannot be learnt.
    private func isNodeReady() async -> Bool {
        guard let object = try? await client.get(.nodes, ObjectKey(name: node)) else { return true }
        return Node(object).isReady
    }

    private func untilSkipped(_ pod: Pod) -> Duration? {
        guard policy.skipWaitForDeleteTimeout > 0, let due = pod.object.deletionTimestamp.flatMap(Timestamp.date)
        else { return nil }
        let left = Double(policy.skipWaitForDeleteTimeout) - now().timeIntervalSince(due)
        return .milliseconds(Int64(max(0, left * 1000)))
    }

    /// Tells the loop what becomes of the tier's pods. Without the right to watch, the node is listed every second.
    private func watch(_ tier: ObjectList, _ outlet: AsyncStream<Signal>.Continuation) async {
        do {
            try await client.follow(.pods, selection, from: .after(tier)) { event in
                switch event {
                case .added(let object), .modified(let object): outlet.yield(.changed(Pod(object)))
                case .deleted(let object): outlet.yield(.input(.gone(uid: object.uid)))
                case .bookmark: break
                }
            }
        } catch {
            guard !Task.isCancelled else { return }
            await poll(tier, outlet)
        }
    }

    private func poll(_ tier: ObjectList, _ outlet: AsyncStream<Signal>.Continuation) async {
        while (try? await clock.sleep(for: .seconds(1))) != nil {
            guard let list = try? await client.list(.pods, selection, chunk: policy.chunkSize) else { continue }
            let present = Set(list.items.map(\.uid))
            for object in list.items { outlet.yield(.changed(Pod(object))) }
            for object in tier.items where !present.contains(object.uid) {
                outlet.yield(.input(.gone(uid: object.uid)))
            }
        }
    }

    /// Asks once for one pod, and finds out what stands behind a refusal.
    private func evict(
        _ key: ObjectKey,
        _ pod: Pod,
        budgets: BudgetWatch,
        deadline: Deadline?
    ) async -> EvictionAnswer {
        let limit = max(.seconds(1), min(client.options.deadline, deadline?.timeLeft ?? client.options.deadline))
        let grace = policy.gracePeriod < 0 ? nil : policy.gracePeriod
        let isDryRun = policy.dryRun == .server
        do {
            if policy.disableEviction {
                try await client.delete(.pods, key, uid: pod.uid, gracePeriodSeconds: grace, dryRun: isDryRun)
            } else if try await client.evictionSupport() == .none {
                try await client.delete(.pods, key, uid: pod.uid, gracePeriodSeconds: grace, dryRun: isDryRun)
            } else {
                try await client.evict(
                    pod: key,
                    uid: pod.uid,
                    gracePeriodSeconds: grace,
                    dryRun: isDryRun,
                    deadline: limit
                )
            }
            return .accepted
        } catch let status as APIStatus where status.code == 409 {
            // Another pod of that name, most likely; only a look can tell.
            do {
                guard let found = try await client.find(.pods, key) else { return .gone }
                return found.uid == pod.uid ? EvictionAnswer(classifying: status) : .gone
            } catch {
                return EvictionAnswer(classifying: status)
            }
        } catch let error as ClientError where !error.isTransient {
            return .failed(error.description)
        } catch {
            return await explained(EvictionAnswer(classifying: error), pod, budgets)
        }
    }

    /// Adds the budgets that cover the pod, and the unready pods that use them up.
    private func explained(
        _ answer: EvictionAnswer,
        _ pod: Pod,
        _ budgets: BudgetWatch
    ) async -> EvictionAnswer {
        guard case .blocked(var block, let retryAfter) = answer,
            block.reason == .budget || block.reason == .overlappingBudgets
        else { return answer }
        do {
            let covering = try await budgets.covering(pod, from: client)
            block.budgets = covering
        } catch {
            // The server's own words must do.
        }
        return .blocked(block, retryAfter: retryAfter)
    }

    /// Keeps the budgets up to date, and tells when one has room again. One task does so, for the rest of the tier.
    private func follow(_ budgets: BudgetWatch, in outlet: AsyncStream<Signal>.Continuation) async {
        guard let (resource, list) = budgets.claim() else { return }
        try? await client.follow(resource, Selection(), from: .after(list)) { event in
            switch event {
            case .added(let object), .modified(let object):
                let budget = PodDisruptionBudget(object)
                budgets.update(budget)
                if budget.disruptionsAllowed > 0 {
                    outlet.yield(.input(.budgetAllows(budget.key, budget.disruptionsAllowed)))
                }
            case .deleted(let object):
                budgets.remove(object.key)
                outlet.yield(.input(.budgetAllows(object.key, .max)))
            case .bookmark: break
            }
        }
    }
}
