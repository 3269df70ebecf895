package import Foundation
package import KubernetesModel

/// The lock's Lease, read. What to do about it is a pure function of it and of the time.
package struct LeaseState: Sendable, Hashable {
    package var holder: LockHolder?
    package var renewedAt: Date?
    package var term: Duration
    package var transitions: Int
    package var resourceVersion: String?

    package init(_ lease: KubernetesObject) {
        let identity = lease["spec", "holderIdentity"]?.string ?? ""
        holder = identity.isEmpty ? nil : LockHolder(parsing: identity)
        renewedAt = Timestamp.date(from: lease["spec", "renewTime"])
        term = .seconds(lease["spec", "leaseDurationSeconds"]?.int ?? 15)
        transitions = lease["spec", "leaseTransitions"]?.int ?? 0
        resourceVersion = lease.resourceVersion
    }

    package enum Verdict: Sendable, Hashable {
        case take
        /// The holder's clock and ours say it is overdue, or contradict each other: watch that long for a sign of life.
        case observe(Duration)
        case held(LockHolder)
    }

    /// - Parameters:
    ///   - me: who asks.
    ///   - now: the wall clock.
    ///   - isDead: whether a holder can be seen to have ended.
    /// - Returns: whether the lock may be taken now, perhaps, or not.
    package func verdict(for me: LockHolder, at now: Date, isDead: (LockHolder) -> Bool) -> Verdict {
        guard let holder, holder != me else { return .take }
        if isDead(holder) { return .take }
        guard let renewedAt else { return .observe(term) }
        let age = now.timeIntervalSince(renewedAt)
        // A live holder renews three times a term. Clocks that differ must not cost it its lock.
        if age > term.inSeconds { return .observe(term / 2) }
        if age < -term.inSeconds { return .observe(term) }
        return .held(holder)
    }

    /// The Lease as `me` wants it.
    package static func lease(
        held me: LockHolder?,
        over before: KubernetesObject?,
        term: Duration,
        at now: Date
    ) -> KubernetesObject {
        var lease = before ?? KubernetesObject(.leases, namespace: RunLock.key.namespace, name: RunLock.key.name)
        let state = before.map(LeaseState.init)
        lease["spec", "leaseDurationSeconds"] = .integer(term.components.seconds)
        lease["spec", "renewTime"] = .string(Timestamp.microString(from: now))
        lease["spec", "holderIdentity"] = .string(me?.identity ?? "")
        if let me, state?.holder != me {
            lease["spec", "acquireTime"] = .string(Timestamp.microString(from: now))
            lease["spec", "leaseTransitions"] = .integer(Int64((state?.transitions ?? -1) + 1))
        }
        return lease
    }
}
