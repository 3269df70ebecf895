package import Bolt

/// An etcd database in a file: a snapshot, or the `db` of a data directory.
package struct StoredDatabase: Sendable {
    /// What the file is, by its length.
    package enum Kind: String, Sendable, Hashable {
        /// A database and the SHA-256 of it.
        case snapshot
        /// A database alone, as it lies in a data directory.
        case raw
    }

    package static let hashLength: UInt64 = 32

    /// What errors call it.
    package let path: String
    package let source: any PageSource
    package let bolt: BoltFile
    package let kind: Kind
    /// What is wrong with the file's length, if anything is.
    package let lengthDamage: DatabaseDamage?

    /// - Throws: ``EtcdError/fileNotRead(path:reason:)``, and ``EtcdError/damagedDatabase(path:_:)`` if the file does not
    ///   begin as a database does, or ends before it.
    package init(path: String) throws(EtcdError) {
        try self.init(DatabaseFile(path: path), path: path)
    }

    package init(_ source: any PageSource, path: String) throws(EtcdError) {
        self.path = path
        self.source = source
        do { bolt = try BoltFile(source) } catch { throw .damagedDatabase(path: path, .structure(error)) }
        let (bytes, database) = (source.byteCount, bolt.byteCount)
        // bbolt makes a file longer in whole pages, ahead of its database.
        let isRaw = bytes % UInt64(bolt.pageSize) == 0
        kind = isRaw ? .raw : .snapshot
        if bytes == database + Self.hashLength {
            lengthDamage = nil
        } else if isRaw {
            lengthDamage = bolt.wasSaved ? .noHash : nil
        } else {
            lengthDamage = .length(bytes: bytes, database: database)
        }
    }

    /// The 32 bytes behind the database of a snapshot.
    package func storedHash() throws(BoltError) -> [UInt8] {
        let count = Int(Self.hashLength)
        var bytes = [UInt8](repeating: 0, count: count)
        do { try source.read(count, at: bolt.byteCount, into: &bytes) } catch {
            throw .unreadable(offset: bolt.byteCount, count: count, error)
        }
        return bytes
    }

    /// The last revision that was compacted, by the bucket `meta` alone; nil if none was, or it cannot be read.
    package func compacted() -> Int64? {
        var contents = DatabaseContents()
        guard var cursor = try? bolt.bucket(Array("meta".utf8)) else { return nil }
        var item = try? cursor.first()
        while let found = item {
            _ = contents.take(key: found.key, value: found.value, of: .meta)
            item = try? cursor.next()
        }
        return contents.compacted
    }
}

extension BoltFile {
    /// Whether the two meta pages are what a snapshot has and a database that was written to never: bbolt writes
    /// transaction `t` to page `t % 2`, a snapshot always has its transaction on page 0 and the one before on page 1.
    /// Of snapshots of an even transaction this does not tell.
    var wasSaved: Bool {
        guard case .success(let first) = metas[0], case .success(let second) = metas[1] else { return false }
        return first.transaction % 2 == 1 && second.transaction &+ 1 == first.transaction
    }
}
