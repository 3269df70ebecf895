import DequeModule
import Synchronization

/// Objects in this process's memory, with etcd's revisions, compaction and watches.
///
/// The latest changes are kept: lists at their revisions and watches from them work until ``compact(at:)``, or until
/// so many changes have followed.
package final class MemoryStorage: Storage {
    fileprivate struct Watcher {
        let prefix: String
        let after: Int64
        let continuation: AsyncThrowingStream<[StorageEvent], any Error>.Continuation
    }

    fileprivate struct State {
        var entries = SortedEntries()
        /// As a fresh etcd: the first change makes revision 2.
        var revision: Int64 = 1
        /// The oldest revision that can be listed.
        var compacted: Int64 = 0
        /// Changes after `revision - log.count`, each one revision after the one before.
        var log: Deque<StorageEvent> = []
        var watchers: [Int: Watcher] = [:]
        var lastWatcher = 0
    }

    private let state = Mutex(State())
    private let history: Int

    /// A store that remembers at least the last `history` changes.
    package init(history: Int = 100_000) { self.history = max(1, history) }

    package func get(_ key: String) async throws(StorageError) -> (value: StoredValue?, revision: Int64) {
        state.withLock { ($0.entries.entry(key)?.value(at: .max), $0.revision) }
    }

    package func list(
        prefix: String,
        startAfter: String?,
        limit: Int,
        revision: Int64?
    ) async throws(StorageError)
        -> StoredPage
    {
        try state.withLock { state throws(StorageError) in
            let asOf = revision ?? state.revision
            if asOf > state.revision { throw .future(current: state.revision) }
            if asOf < state.compacted { throw .compacted(oldest: state.compacted) }
            let (values, remaining) = state.entries.page(prefix: prefix, after: startAfter, limit: limit, at: asOf)
            return StoredPage(values: values, revision: asOf, remaining: remaining)
        }
    }

    package func put(_ key: String, _ value: [UInt8], expected: Int64) async throws(StorageError) -> WriteOutcome {
        state.withLock { $0.change(key, to: value, expected: expected, history: history) }
    }

    package func delete(_ key: String, expected: Int64) async throws(StorageError) -> WriteOutcome {
        state.withLock { state in
            if expected <= 0 { return .conflict(current: state.entries.entry(key)?.value(at: .max)) }
            return state.change(key, to: nil, expected: expected, history: history)
        }
    }

    package func compact(at revision: Int64) async throws(StorageError) {
        try state.withLock { state throws(StorageError) in
            if revision <= state.compacted { throw .compacted(oldest: state.compacted) }
            if revision > state.revision { throw .future(current: state.revision) }
            state.compact(at: revision)
        }
    }

    package func watch(prefix: String, after revision: Int64) -> AsyncThrowingStream<[StorageEvent], any Error> {
        AsyncThrowingStream { continuation in
            let outcome: Result<Int, StorageError> = state.withLock { state in
                guard revision + 1 >= state.compacted else { return .failure(.compacted(oldest: state.compacted)) }
                let missed = state.changes(after: revision).filter { $0.key.hasPrefix(prefix) }
                if !missed.isEmpty { continuation.yield(Array(missed)) }
                state.lastWatcher += 1
                let after = max(revision, state.revision)
                let watcher = Watcher(prefix: prefix, after: after, continuation: continuation)
                state.watchers[state.lastWatcher] = watcher
                return .success(state.lastWatcher)
            }
            switch outcome {
            case .failure(let error): continuation.finish(throwing: error)
            case .success(let id):
                // In a task of its own: whoever cancels the reader holds that task's lock while this is called, and a
                // change that is told under our lock waits for it.
                continuation.onTermination = { [weak self] _ in
                    Task { _ = self?.state.withLock { $0.watchers.removeValue(forKey: id) } }
                }
            }
        }
    }
}

extension MemoryStorage.State {
    fileprivate mutating func change(
        _ key: String,
        to bytes: [UInt8]?,
        expected: Int64,
        history: Int
    ) -> WriteOutcome {
        let current = entries.entry(key)?.value(at: .max)
        guard (current?.revision ?? 0) == expected else { return .conflict(current: current) }
        revision += 1
        let version = StoredKey.Version(revision: revision, bytes: bytes)
        entries.update(
            key,
            {
                $0.older.append($0.latest)
                $0.latest = version
            },
            orInsert: { StoredKey(key: key, latest: version) }
        )
        let event = StorageEvent(
            kind: bytes == nil ? .delete : .put,
            key: key,
            bytes: bytes ?? [],
            previous: current?.bytes,
            revision: revision
        )
        log.append(event)
        for watcher in watchers.values where revision > watcher.after && key.hasPrefix(watcher.prefix) {
            watcher.continuation.yield([event])
        }
        if log.count > history + history / 4 { compact(at: revision - Int64(history)) }
        return .written(revision: revision)
    }

    fileprivate func changes(after revision: Int64) -> Deque<StorageEvent>.SubSequence {
        let first = self.revision - Int64(log.count) + 1
        let skipped = max(0, min(Int64(log.count), revision - first + 1))
        return log.dropFirst(Int(skipped))
    }

    fileprivate mutating func compact(at revision: Int64) {
        compacted = revision
        while let event = log.first, event.revision < revision {
            log.removeFirst()
            guard var entry = entries.entry(event.key) else { continue }
            if entry.forget(before: revision) {
                entries.update(event.key, { $0 = entry }, orInsert: { entry })
            } else {
                entries.remove(event.key)
            }
        }
    }
}
