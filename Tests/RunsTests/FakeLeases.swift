import Foundation
import KubernetesClient
import KubernetesModel
import Synchronization

@testable import Runs

/// A Lease in an API that can be taken away.
final class FakeLeases: LeaseStore {
    private struct State {
        var lease: KubernetesObject?
        var version = 10
        var trouble: ClientError?
        var writes: [String] = []
        var beforeWrite: (@Sendable () -> Void)?
    }

    private let state = Mutex(State())

    static let away = ClientError.unreachable(server: "https://api", reason: "connection refused")

    var holder: String? { state.withLock { $0.lease?["spec", "holderIdentity"]?.string } }
    /// Holders in the order in which they wrote; the empty one frees the lock.
    var writes: [String] { state.withLock(\.writes) }

    func setAway(_ isAway: Bool) { state.withLock { $0.trouble = isAway ? Self.away : nil } }
    /// Somebody is faster: runs before the next write is judged.
    func beforeNextWrite(_ body: @escaping @Sendable () -> Void) { state.withLock { $0.beforeWrite = body } }

    /// Writes the lease as somebody else would.
    func hold(_ holder: LockHolder?, renewedAt: Date, term: Duration = .seconds(15)) {
        state.withLock { state in
            var lease = LeaseState.lease(held: holder, over: state.lease, term: term, at: renewedAt)
            state.version += 1
            lease.resourceVersion = String(state.version)
            state.lease = lease
        }
    }

    func find() async throws -> KubernetesObject? {
        try state.withLock { state in
            if let trouble = state.trouble { throw trouble }
            return state.lease
        }
    }

    func put(_ lease: KubernetesObject, isNew: Bool) async throws {
        state.withLock { state in
            defer { state.beforeWrite = nil }
            return state.beforeWrite
        }?()
        try state.withLock { state in
            if let trouble = state.trouble { throw trouble }
            let isAsRead = isNew ? state.lease == nil : state.lease?.resourceVersion == lease.resourceVersion
            guard isAsRead else {
                throw APIStatus(code: 409, reason: isNew ? "AlreadyExists" : "Conflict", message: "not as it was read")
            }
            state.version += 1
            state.lease = lease
            state.lease?.resourceVersion = String(state.version)
            state.writes.append(lease["spec", "holderIdentity"]?.string ?? "")
        }
    }
}
