import Bolt

extension StoredDatabase {
    /// HashKV as a member computes it that is asked for `revision` and says that it has compacted `compacted`.
    ///
    /// Comparable with the member's unless this database was itself compacted further than `compacted`.
    /// - Throws: the first damage.
    package func hashKV(revision: Int64 = .max, compacted: Int64?) throws(EtcdError) -> UInt32 {
        var keys = KeyIndex()
        var hash = KeyHash(revision: revision, compacted: compacted)
        do {
            var cursor = try bolt.bucket(Array("key".utf8))
            var item = try cursor.first()
            while let found = item {
                guard let (at, isTombstone) = Revision.row(found.key) else {
                    throw damage(of: found, "has no revision")
                }
                let row: StoredKeyValue
                do { row = try StoredKeyValue(found.value) } catch { throw damage(of: found, error.why) }
                let number = keys.number(of: row.key).number
                hash.add(at, isTombstone: isTombstone, key: number, row: (found.key, found.value))
                item = try cursor.next()
            }
            return hash.finish()
        } catch let error as BoltError {
            throw .damagedDatabase(path: path, .structure(error))
        } catch { throw .damagedDatabase(path: path, error as? DatabaseDamage ?? .missingBucket("key")) }
    }

    private func damage(of item: BoltCursor.Item, _ why: String) -> DatabaseDamage {
        .item(bucket: "key", key: Array(item.key), page: item.page, why: why)
    }
}
