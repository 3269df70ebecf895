package import Etcd

/// Objects in a real etcd member, where a kube-apiserver would keep them.
///
/// The client must run for as long as the storage is used.
package struct EtcdStorage: Storage {
    private let client: EtcdClient

    package init(_ client: EtcdClient) { self.client = client }

    package func get(_ key: String) async throws(StorageError) -> (value: StoredValue?, revision: Int64) {
        do {
            let page = try await client.range(.key(key))
            return (page.values.first.map(StoredValue.init), page.revision)
        } catch { throw await storageError(error) }
    }

    package func list(
        prefix: String,
        startAfter: String?,
        limit: Int,
        revision: Int64?
    ) async throws(StorageError)
        -> StoredPage
    {
        let range = startAfter.map { KeyRange.prefix(prefix, after: $0) } ?? KeyRange.prefix(prefix)
        do {
            let page = try await client.range(range, limit: max(0, limit), revision: revision ?? 0)
            return StoredPage(
                values: page.values.map(StoredValue.init),
                revision: revision ?? page.revision,
                remaining: max(0, page.count - page.values.count)
            )
        } catch { throw await storageError(error, revision: revision) }
    }

    package func put(_ key: String, _ value: [UInt8], expected: Int64) async throws(StorageError) -> WriteOutcome {
        try await change(GuardedChange(key: key, expected: expected, change: .put(value)))
    }

    package func delete(_ key: String, expected: Int64) async throws(StorageError) -> WriteOutcome {
        guard expected > 0 else { return .conflict(current: try await get(key).value) }
        return try await change(GuardedChange(key: key, expected: expected, change: .delete))
    }

    package func watch(prefix: String, after revision: Int64) -> AsyncThrowingStream<[StorageEvent], any Error> {
        let messages = client.watch(.prefix(prefix), from: revision + 1, previous: true)
        return AsyncThrowingStream { continuation in
            let reading = Task {
                do {
                    for try await message in messages {
                        guard case .changes(let changes, _) = message else { continue }
                        continuation.yield(changes.map(StorageEvent.init))
                    }
                    continuation.finish()
                } catch WatchEnd.compacted(let oldest) {
                    continuation.finish(throwing: StorageError.compacted(oldest: oldest))
                } catch let error as EtcdError {
                    continuation.finish(throwing: await storageError(error))
                } catch {
                    continuation.finish(throwing: StorageError.unavailable("\(error)"))
                }
            }
            continuation.onTermination = { _ in reading.cancel() }
        }
    }

    package func compact(at revision: Int64) async throws(StorageError) {
        do { try await client.compact(at: revision) } catch { throw await storageError(error, revision: revision) }
    }

    private func change(_ change: GuardedChange) async throws(StorageError) -> WriteOutcome {
        do {
            return switch try await client.txn(change) {
            case .done(let revision): .written(revision: revision)
            case .conflict(let current, _): .conflict(current: current.map(StoredValue.init))
            }
        } catch { throw await storageError(error) }
    }

    /// The seam's word for an error of etcd. It does not say which revisions it has, so it is asked.
    private func storageError(_ error: EtcdError, revision: Int64? = nil) async -> StorageError {
        switch error {
        case .compacted: .compacted(oldest: await client.oldestRevision(since: revision ?? 1) ?? 0)
        case .futureRevision: .future(current: (try? await client.range(.key("\0"), countOnly: true).revision) ?? 0)
        case .noQuorum(_, let reason):
            .unavailable(reason.hasPrefix("etcdserver: ") ? String(reason.dropFirst(12)) : reason)
        default: .unavailable(error.description)
        }
    }
}

extension StoredValue {
    fileprivate init(_ value: KeyValue) {
        self.init(key: String(decoding: value.key, as: UTF8.self), bytes: value.value, revision: value.modRevision)
    }
}

extension StorageEvent {
    fileprivate init(_ change: KeyChange) {
        self.init(
            kind: change.kind == .put ? .put : .delete,
            key: String(decoding: change.current.key, as: UTF8.self),
            bytes: change.current.value,
            previous: change.previous?.value,
            revision: change.current.modRevision
        )
    }
}
