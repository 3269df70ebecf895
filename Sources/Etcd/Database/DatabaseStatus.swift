import Bolt

/// What `etcdutl snapshot status` says of a file, and nothing more.
package struct DatabaseStatus: Sendable, Hashable {
    package var hash: UInt32
    /// The last row's.
    package var revision: Int64
    /// Items of all buckets, as etcdutl up to 3.5 counts them.
    package var totalKey: UInt64
    package var totalSize: UInt64

    /// Reads the whole database once. Its structure is checked, its content is not.
    /// - Throws: ``EtcdError/damagedDatabase(path:_:)`` naming the first page that is damaged.
    package init(_ database: StoredDatabase) throws(EtcdError) {
        let reading = StatusReading()
        let damage: BoltError?
        do { damage = try database.bolt.check(reading).damages.first } catch { damage = error }
        if let damage { throw .damagedDatabase(path: database.path, .structure(damage)) }
        hash = reading.hash.value
        revision = reading.revision
        totalKey = reading.items
        totalSize = database.bolt.byteCount
    }
}

private final class StatusReading: BoltVisitor {
    var hash = Checksum()
    var items: UInt64 = 0
    var revision: Int64 = 0
    private var depth = 0
    private var isRows = false

    func enter(_ bucket: BoltBucketEntry) {
        depth += 1
        guard depth == 1 else { return }
        hash.add(bucket.name)
        isRows = bucket.name.elementsEqual("key".utf8)
    }

    func leave() { depth -= 1 }

    func item(key: ArraySlice<UInt8>, value: ArraySlice<UInt8>, page: PageID) {
        guard depth == 1 else { return }
        hash.add(key)
        hash.add(value)
        items += 1
        if isRows, let row = Revision.row(key) { revision = row.revision.main }
    }
}
