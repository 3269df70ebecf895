/// etcd's HashKV of the rows of the bucket `key`, taken as they come: what the members of one cluster compare with each
/// other, and what stays the same through a snapshot, a compaction under way, and a restore.
///
/// Every row up to the revision counts, but of those up to the compacted revision only the last of each key that is not
/// deleted; which that is shows only at the end, so of those rows the checksums are kept until then.
struct KeyHash {
    /// The last revision that counts, and the last that was compacted; -1 if none was.
    let revision: Int64
    let compacted: Int64

    private struct OldRow {
        var checksum: UInt32
        var count: UInt32
        /// The row's key, and whether the row would be left out even if nothing were to be kept.
        var key: UInt32
        var isDroppedTombstone: Bool
    }

    private var old: [OldRow] = []
    private var recent = Checksum()
    /// By key: the last row of it, by its number in `old`; ``none`` if a later row, or a tombstone, is its last.
    private var kept: [UInt32] = []
    /// Keys whose last row is no tombstone.
    private var liveCount = 0
    private var isLive: [Bool] = []
    private static let none = UInt32.max

    init(revision: Int64 = .max, compacted: Int64?) {
        self.revision = revision
        self.compacted = compacted ?? -1
    }

    /// Takes the next row; `key` is the number of the key that it is about, each new one the next number.
    mutating func add(
        _ revision: Revision,
        isTombstone: Bool,
        key: Int,
        row: (key: ArraySlice<UInt8>, value: ArraySlice<UInt8>)
    ) {
        guard revision.main <= self.revision else { return }
        while kept.count <= key {
            kept.append(Self.none)
            isLive.append(false)
        }
        if isLive[key] == isTombstone {
            isLive[key].toggle()
            liveCount += isTombstone ? -1 : 1
        }
        guard revision.main <= compacted else {
            kept[key] = Self.none
            recent.add(row.key)
            recent.add(row.value)
            return
        }
        kept[key] = isTombstone ? Self.none : UInt32(old.count)
        var checksum = Checksum()
        checksum.add(row.key)
        checksum.add(row.value)
        old.append(
            OldRow(
                checksum: checksum.value,
                count: UInt32(clamping: checksum.count),
                key: UInt32(key),
                isDroppedTombstone: isTombstone && revision.main == compacted
            )
        )
    }

    func finish() -> UInt32 {
        var hash = Checksum()
        hash.add(Array("key".utf8))
        for (number, row) in old.enumerated() {
            let isKept = liveCount == 0 || kept[Int(row.key)] == UInt32(number)
            if isKept && !row.isDroppedTombstone { hash.add(row.checksum, count: UInt64(row.count)) }
        }
        hash.add(recent.value, count: recent.count)
        return hash.value
    }
}
