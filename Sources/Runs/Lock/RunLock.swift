package import Foundation
package import KubernetesClient
package import KubernetesModel
import Synchronization

/// Keeps a second operator out: the Lease `kube-system/keelstep`.
///
/// An API that goes away neither loses nor frees the lock: when it is back, the holder renews if nobody took it in
/// between; otherwise ``check()`` says who did, and the run stops before its next effect.
package final class RunLock: Sendable {
    package static let key = ObjectKey(namespace: "kube-system", name: "keelstep")

    package enum Status: Sendable, Hashable {
        case held
        /// The API has been away since the last renewal; the lock is neither lost nor confirmed.
        case unconfirmed(String)
        case lost(LockHolder)
    }

    package enum Acquisition: Sendable, Hashable {
        /// Nothing is done without the lock.
        case now
        /// While the API is away the body may begin, with the lock unconfirmed.
        case whenAPIReturns
    }

    private let leases: any LeaseStore
    private let me: LockHolder
    private let term: Duration
    private let clock: any Clock<Duration>
    private let now: @Sendable () -> Date
    private let isDead: @Sendable (LockHolder) -> Bool
    private let status = Mutex(Status.unconfirmed("not yet asked for"))

    init(
        _ leases: any LeaseStore,
        me: LockHolder,
        term: Duration,
        clock: any Clock<Duration>,
        now: @escaping @Sendable () -> Date,
        isDead: @escaping @Sendable (LockHolder) -> Bool
    ) {
        self.leases = leases
        self.me = me
        self.term = term
        self.clock = clock
        self.now = now
        self.isDead = isDead
    }

    /// Runs `body` with the lock held and renewed, and frees the lock afterwards.
    /// - Throws: ``LockRefused`` when somebody else holds it; whatever `body` throws.
    package static func with<Value: Sendable>(
        _ leases: any LeaseStore,
        acquisition: Acquisition = .now,
        me: LockHolder = .current(),
        term: Duration = .seconds(15),
        clock: any Clock<Duration> = .continuous,
        now: @escaping @Sendable () -> Date = { Date() },
        isDead: @escaping @Sendable (LockHolder) -> Bool = { $0.isKnownDead() },
        _ body: @escaping @Sendable (RunLock) async throws -> Value
    ) async throws -> Value {
        let lock = RunLock(leases, me: me, term: term, clock: clock, now: now, isDead: isDead)
        do {
            try await lock.acquire()
        } catch  where acquisition == .whenAPIReturns && TroubleSorter.isAbsence(error) {
            lock.status.withLock { $0 = .unconfirmed("\(error)") }
        }
        let result: Result<Value, any Error> = await withTaskGroup(of: Result<Value, any Error>?.self) { group in
            group.addTask {
                await lock.keepRenewing()
                return nil
            }
            group.addTask {
                do { return .success(try await body(lock)) } catch { return .failure(error) }
            }
            var outcome: Result<Value, any Error> = .failure(CancellationError())
            for await finished in group {
                guard let finished else { continue }
                outcome = finished
                group.cancelAll()
            }
            return outcome
        }
        // Also after a cancellation: a lock left behind would keep the next run out for a term. But not for long.
        await Task {
            await withTaskGroup { group in
                group.addTask { await lock.release() }
                group.addTask { try? await clock.sleep(for: .seconds(5)) }
                await group.next()
                group.cancelAll()
            }
        }.value
        return try result.get()
    }

    /// Where the lock stands, as of the last renewal.
    package func check() -> Status { status.withLock { $0 } }

    /// As ``check()``, after asking the API once where the lock is unconfirmed.
    package func confirm() async -> Status {
        if case .unconfirmed = check() { await renew() }
        return check()
    }

    private func acquire() async throws {
        var attempts = 0
        while true {
            attempts += 1
            let found = try await leases.find()
            let state = found.map(LeaseState.init)
            switch state?.verdict(for: me, at: now(), isDead: isDead) ?? .take {
            case .take: break
            case .held(let holder): throw LockRefused(holder: holder)
            case .observe(let length):
                try await clock.sleep(for: length)
                let later = try await leases.find()
                guard later?.resourceVersion == found?.resourceVersion else {
                    guard let holder = later.map(LeaseState.init)?.holder else { continue }
                    throw LockRefused(holder: holder)
                }
            }
            do {
                try await write(over: found)
                return
            } catch let conflict as APIStatus where conflict.code == 409 {
                // Somebody was faster, or it was our own write whose answer got lost: look again.
                guard attempts < 5 else { throw conflict }
            }
        }
    }

    private func write(over found: KubernetesObject?) async throws {
        try await leases.put(LeaseState.lease(held: me, over: found, term: term, at: now()), isNew: found == nil)
        status.withLock { $0 = .held }
    }

    private func keepRenewing() async {
        while !Task.isCancelled {
            guard (try? await clock.sleep(for: term / 3)) != nil else { return }
            if case .lost = check() { return }
            await renew()
        }
    }

    private func renew() async {
        if case .lost = check() { return }
        do {
            let found = try await leases.find()
            // Nobody takes the lock from one who was not silent for a term, so that another's name in it is good;
            // that of one who has ended since is not.
            if let holder = found.map(LeaseState.init)?.holder, holder != me, !isDead(holder) {
                status.withLock { $0 = .lost(holder) }
                return
            }
            try await write(over: found)
        } catch let conflict as APIStatus where conflict.code == 409 {
            status.withLock { $0 = .unconfirmed("the lock was written by somebody else just now") }
        } catch {
            status.withLock { $0 = .unconfirmed("\(error)") }
        }
    }

    private func release() async {
        guard case .held = check() else { return }
        do {
            guard let found = try await leases.find(), LeaseState(found).holder == me else { return }
            try await leases.put(LeaseState.lease(held: nil, over: found, term: term, at: now()), isNew: false)
        } catch {
            // It ends with its term, or as soon as this process is seen to have ended.
        }
    }
}

/// Somebody else holds the run's lock.
package struct LockRefused: Error, Sendable, Hashable, CustomStringConvertible {
    package var holder: LockHolder

    package init(holder: LockHolder) { self.holder = holder }

    package var description: String {
        "\(holder) is working on this cluster; wait until that run is over (`keelstep status`), or, should its machine "
            + "be gone, try again once its lock has run out"
    }
}

/// The few calls that the lock needs.
package protocol LeaseStore: Sendable {
    /// The Lease; nil when there is none.
    func find() async throws -> KubernetesObject?
    /// Creates or replaces it; 409 when it is not as it was read.
    func put(_ lease: KubernetesObject, isNew: Bool) async throws
}

/// The Lease in the cluster.
package struct ClusterLease: LeaseStore {
    private let client: KubernetesClient

    package init(_ client: KubernetesClient) { self.client = client }

    package func find() async throws -> KubernetesObject? { try await client.find(.leases, RunLock.key) }

    package func put(_ lease: KubernetesObject, isNew: Bool) async throws {
        _ = isNew ? try await client.create(.leases, lease) : try await client.update(.leases, lease)
    }
}
