import Sandbox
import Synchronization

/// A store that can be taken away and given back, as etcd without its quorum.
final class FailingStorage: Storage {
    private let inner = MemoryStorage()
    private let isAway = Mutex(false)
    private let watches = Mutex<[AsyncThrowingStream<[StorageEvent], any Error>.Continuation]>([])

    func setAway(_ away: Bool) {
        isAway.withLock { $0 = away }
        guard away else { return }
        for watch in watches.withLock({ $0 }) { watch.finish(throwing: StorageError.unavailable("request timed out")) }
    }

    private func check() throws(StorageError) {
        if isAway.withLock({ $0 }) { throw .unavailable("request timed out") }
    }

    func get(_ key: String) async throws(StorageError) -> (value: StoredValue?, revision: Int64) {
        try check()
        return try await inner.get(key)
    }

    func list(
        prefix: String,
        startAfter: String?,
        limit: Int,
        revision: Int64?
    ) async throws(StorageError) -> StoredPage {
        try check()
        return try await inner.list(prefix: prefix, startAfter: startAfter, limit: limit, revision: revision)
    }

    func put(_ key: String, _ value: [UInt8], expected: Int64) async throws(StorageError) -> WriteOutcome {
        try check()
        return try await inner.put(key, value, expected: expected)
    }

    func delete(_ key: String, expected: Int64) async throws(StorageError) -> WriteOutcome {
        try check()
        return try await inner.delete(key, expected: expected)
    }

    func watch(prefix: String, after revision: Int64) -> AsyncThrowingStream<[StorageEvent], any Error> {
        let (stream, continuation) = AsyncThrowingStream<[StorageEvent], any Error>.makeStream()
        do { try check() } catch {
            continuation.finish(throwing: error)
            return stream
        }
        watches.withLock { $0.append(continuation) }
        let task = Task { [inner] in
            do {
                for try await events in inner.watch(prefix: prefix, after: revision) { continuation.yield(events) }
                continuation.finish()
            } catch { continuation.finish(throwing: error) }
        }
        continuation.onTermination = { _ in task.cancel() }
        return stream
    }

    func compact(at revision: Int64) async throws(StorageError) {
        try check()
        try await inner.compact(at: revision)
    }
}
