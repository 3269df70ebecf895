package import KubernetesModel

/// What is in an etcd database, counted and decoded while every row of it was read.
package struct DatabaseContents: Sendable, Hashable {
    /// What `etcdutl snapshot status` calls the hash: CRC-32C of each bucket's name and its keys and values.
    package var hash: UInt32 = 0
    /// Items of all buckets: `totalKey` of etcdutl up to 3.5.
    package var items: UInt64 = 0
    /// HashKV at ``lastRevision``, compacted at ``compacted``.
    package var hashKV: UInt32 = 0

    /// Rows of the bucket `key`, and how many of them say that a key was deleted.
    package var rows: UInt64 = 0
    package var tombstones: UInt64 = 0
    /// Keys that are there at the last revision: `totalKey` of etcdutl 3.6.
    package var liveKeys: UInt64 = 0
    package var firstRevision: Revision?
    package var lastRevision: Revision?

    package var scheduledCompaction: Revision?
    package var finishedCompaction: Revision?
    package var consistentIndex: UInt64?
    package var term: UInt64?
    package var members: [StoredMember] = []
    package var removedMembers: [UInt64] = []
    package var clusterVersion: String?
    package var storageVersion: String?
    package var leases: UInt64 = 0
    /// Live keys that a lease removes when it ends.
    package var keysWithLease: UInt64 = 0
    package var alarms: [StoredAlarm] = []
    package var isAuthEnabled = false
    package var users: UInt64 = 0
    package var roles: UInt64 = 0

    /// Live objects by resource and namespace, and what all their revisions take.
    package var objects: [ObjectGroup: ObjectCount] = [:]
    /// Live keys that are none of Kubernetes' objects.
    package var otherKeys = ObjectCount()
    /// Live objects by the form of their bytes.
    package var forms: [StoredForm: UInt64] = [:]
    /// Rows whose objects were to be decoded, and are of types that are not known here.
    package var unknownTypes: [GroupVersionKind: UInt64] = [:]

    /// The last revision that was compacted, finished or not.
    package var compacted: Int64? {
        [scheduledCompaction?.main, finishedCompaction?.main].compactMap(\.self).max()
    }

    /// The revision that a member starts at with this database.
    package var revision: Int64 {
        max(1, lastRevision?.main ?? 0, compacted ?? 0)
    }
}

/// A resource, and a namespace if its objects have one.
package struct ObjectGroup: Sendable, Hashable {
    package var resource: String
    package var namespace: String?

    package init(resource: String, namespace: String? = nil) {
        self.resource = resource
        self.namespace = namespace
    }
}

/// How many keys, and how many bytes of key and value.
package struct ObjectCount: Sendable, Hashable {
    /// There at the last revision.
    package var keys: UInt64 = 0
    package var bytes: UInt64 = 0
    /// Of every revision that is still in the database, tombstones included.
    package var allRows: UInt64 = 0
    package var allBytes: UInt64 = 0

    package init() {}

    package mutating func add(_ other: ObjectCount) {
        keys += other.keys
        bytes += other.bytes
        allRows += other.allRows
        allBytes += other.allBytes
    }
}
