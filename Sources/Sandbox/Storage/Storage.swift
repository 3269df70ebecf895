/// Where an emulated API server keeps its objects: real etcd, or memory. Both pass the same contract test.
///
/// Keys are etcd's (`/registry/pods/shop/web-1`), values are bytes this seam does not look into. Revisions count as
/// in etcd: one global number that each successful change raises by one.
package protocol Storage: Sendable {
    /// The value of one key, read linearizably; nil when there is none. `revision` is the store's current one.
    func get(_ key: String) async throws(StorageError) -> (value: StoredValue?, revision: Int64)

    /// The values under `prefix` in key order as of `revision` (nil: now), after `startAfter`, at most `limit` (0: all).
    func list(
        prefix: String,
        startAfter: String?,
        limit: Int,
        revision: Int64?
    ) async throws(StorageError)
        -> StoredPage

    /// Stores `value` if the key's revision is still `expected` (0: the key must not exist), atomically.
    func put(_ key: String, _ value: [UInt8], expected: Int64) async throws(StorageError) -> WriteOutcome

    /// Removes the key if its revision is still `expected`, atomically.
    func delete(_ key: String, expected: Int64) async throws(StorageError) -> WriteOutcome

    /// Every change under `prefix` after `revision`, in order, each exactly once, until cancelled.
    /// The stream ends with ``StorageError/compacted(oldest:)`` when the revision is gone,
    /// or with ``StorageError/unavailable(_:)`` when the store is.
    func watch(prefix: String, after revision: Int64) -> AsyncThrowingStream<[StorageEvent], any Error>

    /// Forgets what was replaced before `revision`, so that older list and watch revisions are refused.
    func compact(at revision: Int64) async throws(StorageError)
}

package struct StoredValue: Sendable, Hashable {
    package var key: String
    package var bytes: [UInt8]
    /// The revision of its last change: the object's resourceVersion.
    package var revision: Int64

    package init(key: String, bytes: [UInt8], revision: Int64) {
        self.key = key
        self.bytes = bytes
        self.revision = revision
    }
}

package struct StoredPage: Sendable {
    package var values: [StoredValue]
    /// The revision the page was read at.
    package var revision: Int64
    /// How many keys under the prefix follow this page.
    package var remaining: Int

    package init(values: [StoredValue], revision: Int64, remaining: Int) {
        self.values = values
        self.revision = revision
        self.remaining = remaining
    }
}

package enum WriteOutcome: Sendable, Hashable {
    case written(revision: Int64)
    /// Nothing was changed: the key stands at another revision, or is absent (nil).
    case conflict(current: StoredValue?)
}

package struct StorageEvent: Sendable, Hashable {
    package enum Kind: Sendable, Hashable { case put, delete }

    package var kind: Kind
    package var key: String
    /// The new value; of a deletion, nothing.
    package var bytes: [UInt8]
    /// The value before the change, nil for a created key (or one compacted away).
    package var previous: [UInt8]?
    package var revision: Int64

    package init(kind: Kind, key: String, bytes: [UInt8], previous: [UInt8]?, revision: Int64) {
        self.kind = kind
        self.key = key
        self.bytes = bytes
        self.previous = previous
        self.revision = revision
    }
}

package enum StorageError: Error, Hashable, CustomStringConvertible {
    /// No quorum, no member, or no answer in time. A write may or may not have happened.
    case unavailable(String)
    case compacted(oldest: Int64)
    /// A revision that the store has not reached yet.
    case future(current: Int64)

    package var description: String {
        switch self {
        case .unavailable(let reason): "etcdserver: \(reason)"
        case .compacted(let oldest): "mvcc: required revision has been compacted; the oldest is \(oldest)"
        case .future(let current): "mvcc: required revision is a future revision; the current is \(current)"
        }
    }
}
