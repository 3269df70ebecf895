package import Foundation
package import KubernetesClient
package import KubernetesModel

/// Empties a node: evicts the pods that may go, and waits until they have gone.
package struct Drain: Sendable {
    let node: String
    let policy: DrainPolicy
    let client: KubernetesClient
    let clock: any Clock<Duration>
    let now: @Sendable () -> Date

    /// Drains one node, which should be cordoned (see ``Cordon``).
    ///
    /// The node is listed afresh until nothing is left to do, so that pods which landed late are caught. Ordinary
    /// pods go before system-critical ones. Every eviction names the pod's UID, so that a pod which moved to another
    /// node under the same name is left alone. Refusals that may pass (budgets, an overloaded or absent server,
    /// webhooks, a terminating namespace) are retried until `policy.timeout`.
    /// - Parameters:
    ///   - node: the node's name.
    ///   - policy: what may be done.
    ///   - client: the cluster.
    ///   - clock: the clock of pauses and of the time limit.
    ///   - now: the wall clock, for deletion times.
    ///   - report: told of everything that happens, in order.
    /// - Returns: what became of the node's pods.
    /// - Throws: ``DrainError``; `APIStatus` or `ClientError` where not even the pods could be listed.
    package static func run(
        node: String,
        policy: DrainPolicy,
        client: KubernetesClient,
        clock: any Clock<Duration> = .continuous,
        now: @escaping @Sendable () -> Date = { Date() },
        report: (DrainEvent) async -> Void
    ) async throws -> DrainReport {
        let drain = Drain(node: node, policy: policy, client: client, clock: clock, now: now)
        return try await drain.run(report)
    }

    private func run(_ report: (DrainEvent) async -> Void) async throws -> DrainReport {
        let deadline = policy.timeout > .zero ? Deadline(in: policy.timeout, clock: clock) : nil
        var result = DrainReport()
        var missing: Set<ObjectKey> = []
        var present: Set<ObjectKey> = []
        var warned: Set<PodsRemark> = []
        while true {
            let list = try await client.list(.pods, selection, chunk: policy.chunkSize)
            let pods = list.items.map(Pod.init)
            for daemonSet in Set(pods.compactMap(\.daemonSet)).subtracting(missing).subtracting(present).sorted() {
                let found = try await client.find(.daemonSets, daemonSet)
                if found == nil { missing.insert(daemonSet) } else { present.insert(daemonSet) }
            }
            let sorting = DrainSorting(pods, policy, missingDaemonSets: missing, at: now())
            result.skipped = sorting.skipped
            for warning in sorting.warnings where warned.insert(warning).inserted { await report(.warning(warning)) }
            if !sorting.refused.isEmpty {
                throw DrainError.refused(node: node, sorting.refused, flags: sorting.flags)
            }
            if sorting.victims.isEmpty { break }
            if policy.dryRun == .client {
                for pod in sorting.victims {
                    await report(.evicting(pod.key, .client))
                    result.evicted.append(pod.key)
                }
                break
            }
            if let deadline, deadline.timeLeft <= .zero {
                let holds = sorting.victims.map { DrainHold(pod: $0.key, uid: $0.uid, state: .notStarted) }
                throw DrainError.deadline(node: node, after: policy.timeout, holds: holds)
            }
            // A dry run changes nothing, so one pass over all tiers is all there is to learn.
            let tier = policy.dryRun == .server ? sorting.victims : sorting.lowestTier
            let later = policy.dryRun == .server ? [] : sorting.laterTiers
            let objects = ObjectList(
                items: tier.map(\.object),
                resourceVersion: list.resourceVersion
            )
            try await drain(objects, later: later, deadline: deadline) { event in
                switch event {
                case .evicted(let pod, _, _): result.evicted.append(pod)
                case .vanished(let pod): result.vanished.append(pod)
                default: break
                }
                await report(event)
            }
            if policy.dryRun == .server { break }
        }
        await report(.drained(node: node, policy.dryRun))
        return result
    }

    var selection: Selection {
        Selection(
            labelSelector: policy.podSelector.isEmpty ? nil : policy.podSelector,
            fieldSelector: "spec.nodeName=\(node)"
        )
    }
}

/// What became of a node's pods.
package struct DrainReport: Sendable, Hashable {
    package var evicted: [ObjectKey] = []
    /// Gone without our doing.
    package var vanished: [ObjectKey] = []
    /// Left in place on purpose: DaemonSet pods and mirror pods.
    package var skipped: [ObjectKey] = []

    package init() {}
}

/// One look at a node's pods, sorted by what is to be done with them; pure.
package struct DrainSorting: Sendable {
    package var victims: [Pod] = []
    package var skipped: [ObjectKey] = []
    package var warnings: [PodsRemark] = []
    package var refused: [PodsRemark] = []
    /// The flags that would let the refused pods go.
    package var flags: [String] = []

    package init(_ pods: [Pod], _ policy: DrainPolicy, missingDaemonSets: Set<ObjectKey>, at now: Date) {
        var warnings: [(remark: String, pod: ObjectKey)] = []
        var refusals: [(remark: String, pod: ObjectKey)] = []
        for pod in pods.sorted(by: { $0.key < $1.key }) {
            switch DrainDecision.decide(pod, policy, missingDaemonSets: missingDaemonSets, at: now) {
            case .evict(let remarks):
                victims.append(pod)
                for remark in remarks { warnings.append((remark.remark, pod.key)) }
            case .skip(let why):
                skipped.append(pod.key)
                if why == .daemonSet { warnings.append(("ignoring DaemonSet-managed Pods", pod.key)) }
            case .refuse(let refusal):
                refusals.append((refusal.remark, pod.key))
                if !flags.contains(refusal.flag) { flags.append(refusal.flag) }
            }
        }
        self.warnings = PodsRemark.grouped(warnings)
        refused = PodsRemark.grouped(refusals)
        flags.sort()
    }

    /// Ordinary pods, or the system-critical ones when no others are left.
    package var lowestTier: [Pod] {
        let ordinary = victims.filter { !$0.isCritical }
        return ordinary.isEmpty ? victims : ordinary
    }

    package var laterTiers: [Pod] {
        let tier = Set(lowestTier.map(\.uid))
        return victims.filter { !tier.contains($0.uid) }
    }
}
