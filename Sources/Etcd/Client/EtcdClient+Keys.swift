import EtcdRPC
import FoundationEssentials
import SwiftProtobuf

/// A key and its value, with etcd's counters.
package struct KeyValue: Sendable, Hashable {
    package var key: [UInt8]
    package var value: [UInt8]
    /// The revision of the key's creation, of its last change, and how many changes it has had since.
    package var createRevision: Int64
    package var modRevision: Int64
    package var version: Int64

    package init(key: [UInt8], value: [UInt8], createRevision: Int64, modRevision: Int64, version: Int64) {
        self.key = key
        self.value = value
        self.createRevision = createRevision
        self.modRevision = modRevision
        self.version = version
    }

    init(_ message: Mvccpb_KeyValue) {
        key = [UInt8](message.key)
        value = [UInt8](message.value)
        createRevision = message.createRevision
        modRevision = message.modRevision
        version = message.version
    }
}

/// The keys from `start` up to and without `end`; a nil end means `start` alone.
package struct KeyRange: Sendable, Hashable {
    package var start: [UInt8]
    package var end: [UInt8]?

    package init(start: [UInt8], end: [UInt8]?) {
        self.start = start
        self.end = end
    }

    package static func key(_ key: String) -> Self { Self(start: Array(key.utf8), end: nil) }

    /// Every key that begins with `prefix`; the empty prefix means every key.
    package static func prefix(_ prefix: String) -> Self {
        let bytes = Array(prefix.utf8)
        return Self(start: bytes.isEmpty ? [0] : bytes, end: successor(of: bytes))
    }

    /// As ``prefix(_:)``, but only what follows the key `after`.
    package static func prefix(_ prefix: String, after: String) -> Self {
        Self(start: Array(after.utf8) + [0], end: successor(of: Array(prefix.utf8)))
    }

    /// The smallest key greater than all keys with this prefix; a zero byte, "to the end", when there is none.
    private static func successor(of prefix: [UInt8]) -> [UInt8] {
        guard let last = prefix.lastIndex(where: { $0 < 0xff }) else { return [0] }
        return prefix[..<last] + [prefix[last] + 1]
    }
}

/// The answer to a range request.
package struct KeyPage: Sendable {
    package var values: [KeyValue]
    /// How many keys the range holds, whatever the limit.
    package var count: Int
    /// The store's revision when the request was answered.
    package var revision: Int64
}

/// A transaction that changes one key if its last change is the one expected.
package struct GuardedChange: Sendable {
    package enum Change: Sendable {
        case put([UInt8])
        case delete
    }

    package var key: String
    /// The revision of the key's last change; 0: the key does not exist.
    package var expected: Int64
    package var change: Change

    package init(key: String, expected: Int64, change: Change) {
        self.key = key
        self.expected = expected
        self.change = change
    }
}

package enum GuardedOutcome: Sendable {
    case done(revision: Int64)
    /// Nothing was changed. The key stands so, or does not exist.
    case conflict(current: KeyValue?, revision: Int64)
}

extension [UInt8] {
    var data: Data { Data(self) }
}

extension EtcdClient {
    /// The keys of a range in key order, as of `revision` (0: now, agreed to by the quorum).
    package func range(
        _ range: KeyRange,
        limit: Int = 0,
        revision: Int64 = 0,
        keysOnly: Bool = false,
        countOnly: Bool = false,
        serializable: Bool = false
    ) async throws(EtcdError) -> KeyPage {
        let request = Etcdserverpb_RangeRequest.with {
            $0.key = range.start.data
            if let end = range.end { $0.rangeEnd = end.data }
            $0.limit = Int64(limit)
            $0.revision = revision
            $0.keysOnly = keysOnly
            $0.countOnly = countOnly
            $0.serializable = serializable
        }
        let answer = try await call("Range") { try await kv.range(request, options: $0) }
        return KeyPage(
            values: answer.kvs.map(KeyValue.init),
            count: Int(answer.count),
            revision: answer.header.revision
        )
    }

    /// Stores a value whatever was there.
    /// - Returns: the revision of the change.
    @discardableResult
    package func put(_ key: String, _ value: [UInt8]) async throws(EtcdError) -> Int64 {
        let request = Etcdserverpb_PutRequest.with {
            $0.key = Data(key.utf8)
            $0.value = value.data
        }
        return try await call("Put") { try await kv.put(request, options: $0) }.header.revision
    }

    /// Removes the keys of a range.
    /// - Returns: how many there were, and the revision of the change.
    @discardableResult
    package func delete(_ range: KeyRange) async throws(EtcdError) -> (deleted: Int, revision: Int64) {
        let request = Etcdserverpb_DeleteRangeRequest.with {
            $0.key = range.start.data
            if let end = range.end { $0.rangeEnd = end.data }
        }
        let answer = try await call("DeleteRange") { try await kv.deleteRange(request, options: $0) }
        return (Int(answer.deleted), answer.header.revision)
    }

    /// Makes the change if the key's last change is the one expected, atomically.
    package func txn(_ guarded: GuardedChange) async throws(EtcdError) -> GuardedOutcome {
        let key = Data(guarded.key.utf8)
        let request = Etcdserverpb_TxnRequest.with {
            $0.compare = [
                .with {
                    $0.key = key
                    $0.target = .mod
                    $0.result = .equal
                    $0.modRevision = guarded.expected
                }
            ]
            switch guarded.change {
            case .put(let value):
                $0.success = [
                    .with {
                        $0.requestPut = .with {
                            $0.key = key
                            $0.value = value.data
                        }
                    }
                ]
            case .delete: $0.success = [.with { $0.requestDeleteRange = .with { $0.key = key } }]
            }
            $0.failure = [.with { $0.requestRange = .with { $0.key = key } }]
        }
        let answer = try await call("Txn") { try await kv.txn(request, options: $0) }
        if answer.succeeded { return .done(revision: answer.header.revision) }
        let current = answer.responses.first?.responseRange.kvs.first.map(KeyValue.init)
        return .conflict(current: current, revision: answer.header.revision)
    }

    /// Forgets what was replaced before `revision`.
    package func compact(at revision: Int64) async throws(EtcdError) {
        let request = Etcdserverpb_CompactionRequest.with { $0.revision = revision }
        _ = try await call("Compact") { try await kv.compact(request, options: $0) }
    }
}
