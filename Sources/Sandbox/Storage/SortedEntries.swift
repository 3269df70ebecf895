/// What a memory store keeps of one key: its versions, the newest last. The last may say that the key was deleted.
struct StoredKey: Sendable {
    struct Version: Sendable {
        var revision: Int64
        /// Nil: the key was deleted at this revision.
        var bytes: [UInt8]?
    }

    let key: String
    var latest: Version
    /// Versions before the latest that lists at older revisions can still see, oldest first.
    var older: [Version] = []

    /// The value as of `revision`.
    func value(at revision: Int64) -> StoredValue? {
        let version = latest.revision <= revision ? latest : older.last { $0.revision <= revision }
        guard let version, let bytes = version.bytes else { return nil }
        return StoredValue(key: key, bytes: bytes, revision: version.revision)
    }

    func exists(at revision: Int64) -> Bool {
        if latest.revision <= revision { return latest.bytes != nil }
        return older.last { $0.revision <= revision }?.bytes != nil
    }

    /// Forgets the versions that no list at `revision` or later can see.
    /// - Returns: whether anything is left to keep the key for.
    mutating func forget(before revision: Int64) -> Bool {
        if latest.revision <= revision {
            older = []
            return latest.bytes != nil
        }
        if let first = older.lastIndex(where: { $0.revision <= revision }) {
            older.removeFirst(older[first].bytes == nil ? first + 1 : first)
        }
        return true
    }
}

/// Keys in order, in pieces of bounded length: inserting into 150,000 of them moves a few hundred, and whole pieces
/// are counted without looking into them.
struct SortedEntries: Sendable {
    private struct Piece: Sendable {
        var entries: [StoredKey]
        /// How many of them exist now, and the latest change of any.
        var living: Int
        var newest: Int64

        init(_ entries: [StoredKey]) {
            self.entries = entries
            living = entries.count { $0.latest.bytes != nil }
            newest = entries.reduce(0) { max($0, $1.latest.revision) }
        }

        mutating func note(_ entry: StoredKey, by change: Int) {
            if entry.latest.bytes != nil { living += change }
            newest = max(newest, entry.latest.revision)
        }

        func count(at revision: Int64) -> Int {
            newest <= revision ? living : entries.count { $0.exists(at: revision) }
        }
    }

    private struct Position {
        var piece: Int
        var offset: Int
    }

    private static let longest = 512
    private var pieces: [Piece] = []

    func entry(_ key: String) -> StoredKey? {
        let position = lowerBound(key)
        guard isAt(position, key) else { return nil }
        return pieces[position.piece].entries[position.offset]
    }

    /// Changes the entry of `key`, or inserts the one `make` gives.
    mutating func update(_ key: String, _ change: (inout StoredKey) -> Void, orInsert make: () -> StoredKey) {
        var position = lowerBound(key)
        if isAt(position, key) {
            let (piece, offset) = (position.piece, position.offset)
            pieces[piece].note(pieces[piece].entries[offset], by: -1)
            change(&pieces[piece].entries[offset])
            pieces[piece].note(pieces[piece].entries[offset], by: 1)
            return
        }
        let entry = make()
        if pieces.isEmpty {
            pieces.append(Piece([entry]))
            return
        }
        if position.piece == pieces.count {
            position = Position(piece: pieces.count - 1, offset: pieces[pieces.count - 1].entries.count)
        }
        pieces[position.piece].entries.insert(entry, at: position.offset)
        pieces[position.piece].note(entry, by: 1)
        split(position.piece)
    }

    mutating func remove(_ key: String) {
        let position = lowerBound(key)
        guard isAt(position, key) else { return }
        let removed = pieces[position.piece].entries.remove(at: position.offset)
        pieces[position.piece].note(removed, by: -1)
        if pieces[position.piece].entries.isEmpty { pieces.remove(at: position.piece) }
    }

    /// The values under `prefix` as of `revision` that follow the key `after`, at most `limit` (0: all), and how many
    /// more there are.
    func page(
        prefix: String,
        after: String?,
        limit: Int,
        at revision: Int64
    ) -> (values: [StoredValue], remaining: Int) {
        var values: [StoredValue] = []
        var remaining = 0
        let start = lowerBound(max(prefix, after ?? ""))
        for index in pieces.indices.dropFirst(start.piece) {
            let isWhole = (index > start.piece || start.offset == 0) && pieces[index].entries.first?.key != after
            if isWhole, limit > 0, values.count >= limit, pieces[index].entries.last?.key.hasPrefix(prefix) == true {
                remaining += pieces[index].count(at: revision)
                continue
            }
            for offset in pieces[index].entries.indices.dropFirst(index == start.piece ? start.offset : 0) {
                let key = pieces[index].entries[offset].key
                guard key.hasPrefix(prefix) else { return (values, remaining) }
                if key == after { continue }
                if limit > 0, values.count >= limit {
                    if pieces[index].entries[offset].exists(at: revision) { remaining += 1 }
                } else if let value = pieces[index].entries[offset].value(at: revision) {
                    values.append(value)
                }
            }
        }
        return (values, remaining)
    }

    private func isAt(_ position: Position, _ key: String) -> Bool {
        position.piece < pieces.count && pieces[position.piece].entries[position.offset].key == key
    }

    /// The first position whose key is not below `key`; past the last piece when there is none.
    private func lowerBound(_ key: String) -> Position {
        let piece = Self.partition(pieces.count) { pieces[$0].entries.last.map { $0.key < key } ?? true }
        guard piece < pieces.count else { return Position(piece: piece, offset: 0) }
        let offset = Self.partition(pieces[piece].entries.count) { pieces[piece].entries[$0].key < key }
        return Position(piece: piece, offset: offset)
    }

    private mutating func split(_ piece: Int) {
        let entries = pieces[piece].entries
        guard entries.count > Self.longest else { return }
        // Keys that arrive in order fill pieces; a split in the middle would leave each half empty.
        let cut = piece == pieces.count - 1 ? Self.longest * 7 / 8 : entries.count / 2
        pieces[piece] = Piece(Array(entries[..<cut]))
        pieces.insert(Piece(Array(entries[cut...])), at: piece + 1)
    }

    /// How many of the first `count` indices satisfy a predicate that holds for a beginning of them.
    private static func partition(_ count: Int, _ holds: (Int) -> Bool) -> Int {
        var low = 0
        var high = count
        while low < high {
            let middle = (low + high) / 2
            if holds(middle) { low = middle + 1 } else { high = middle }
        }
        return low
    }
}
