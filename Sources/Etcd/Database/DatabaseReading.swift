import Bolt

/// Takes in a whole database, item by item, as the check of its pages shows it.
final class DatabaseReading: BoltVisitor {
    private(set) var contents = DatabaseContents()
    /// What is wrong with the content; of the structure the check itself tells.
    private(set) var damages: [DatabaseDamage] = []
    private(set) var damageCount = 0

    private var hash = Checksum()
    private var rows: RowReading
    /// The buckets on the way to the current item, by name.
    private var path: [[UInt8]] = []
    private var bucket = StoredBucket.other
    private var buckets: Set<StoredBucket> = []

    /// - Parameters:
    ///   - compacted: the last compacted revision, which has to be known before the first row is read.
    ///   - isDeep: whether every object is decoded.
    init(compacted: Int64?, isDeep: Bool) {
        rows = RowReading(compacted: compacted, isDeep: isDeep)
    }

    func enter(_ entry: BoltBucketEntry) {
        path.append(entry.name)
        guard path.count == 1 else {
            return add(.bucket(name: entry.name, page: entry.page, why: "lies in another, where etcd has none"))
        }
        bucket = StoredBucket(rawValue: String(decoding: entry.name, as: UTF8.self)) ?? .other
        buckets.insert(bucket)
        hash.add(entry.name)
        if entry.sequence != 0 {
            add(.bucket(name: entry.name, page: entry.page, why: "has a sequence number, which etcd never gives"))
        }
    }

    func leave() { path.removeLast() }

    func item(key: ArraySlice<UInt8>, value: ArraySlice<UInt8>, page: PageID) {
        guard let name = path.first else { return add(.looseItem(name: Array(key), page: page)) }
        guard path.count == 1 else { return }
        hash.add(key)
        hash.add(value)
        contents.items += 1
        if bucket == .key {
            if let damage = rows.add(key: key, value: value, page: page) { add(damage) }
        } else if let why = contents.take(key: key, value: value, of: bucket) {
            let bucket = String(decoding: name, as: UTF8.self)
            add(.item(bucket: bucket, key: Array(key), page: page, why: why))
        }
    }

    /// Sums up, once every item was shown. `isWhole`: no page was passed over, so that a bucket that is missing was
    /// never there.
    func finish(isWhole: Bool) -> DatabaseContents {
        for required in StoredBucket.required where isWhole && !buckets.contains(required) {
            add(.missingBucket(required.rawValue))
        }
        contents.hash = hash.value
        rows.finish(&contents)
        return contents
    }

    private func add(_ damage: DatabaseDamage) {
        damageCount += 1
        if damages.count < BoltCheck.mostDamages { damages.append(damage) }
    }
}

/// The buckets that we read, by etcd's names for them.
enum StoredBucket: String, CaseIterable {
    case key, meta, lease, alarm, auth, authUsers, authRoles, members, cluster
    case removedMembers = "members_removed"
    /// Of a newer etcd, or somebody else's: kept as it is.
    case other = ""

    /// Those that every member from 3.4 on makes when it first starts.
    static let required = allCases.filter { $0 != .other }
}
