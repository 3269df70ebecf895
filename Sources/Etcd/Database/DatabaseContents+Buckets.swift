extension DatabaseContents {
    /// Takes in an item of one of the small buckets.
    /// - Returns: what is wrong with it, in words that follow "the row".
    mutating func take(key: ArraySlice<UInt8>, value: ArraySlice<UInt8>, of bucket: StoredBucket) -> String? {
        switch bucket {
        case .meta: return takeMeta(String(decoding: key, as: UTF8.self), value)
        case .members:
            guard let member = StoredMember(key: key, value: value) else { return "is no member" }
            members.append(member)
        case .removedMembers:
            guard let id = StoredMember.id(key) else { return "is no member's id" }
            removedMembers.append(id)
        case .cluster:
            if key.elementsEqual("clusterVersion".utf8) { clusterVersion = String(decoding: value, as: UTF8.self) }
        case .lease:
            guard key.count == 8, let id = Self.leaseID(value), id == Self.integer(key) else { return "is no lease" }
            leases += 1
        case .alarm:
            guard let alarm = StoredAlarm(key: key) else { return "is no alarm" }
            alarms.append(alarm)
        case .auth:
            if key.elementsEqual("authEnabled".utf8) {
                guard value.count == 1, let flag = value.first, flag <= 1 else { return "is neither yes nor no" }
                isAuthEnabled = flag == 1
            }
        case .authUsers: users += 1
        case .authRoles: roles += 1
        case .key, .other: break
        }
        return nil
    }

    private mutating func takeMeta(_ name: String, _ value: ArraySlice<UInt8>) -> String? {
        switch name {
        case "consistent_index", "term":
            guard let number = Self.integer(value) else { return "is no number of 8 bytes" }
            if name == "term" { term = number } else { consistentIndex = number }
        case "scheduledCompactRev", "finishedCompactRev":
            guard let revision = Revision(value) else { return "is no revision" }
            if name == "scheduledCompactRev" { scheduledCompaction = revision } else { finishedCompaction = revision }
        case "storageVersion": storageVersion = String(decoding: value, as: UTF8.self)
        default: break
        }
        return nil
    }

    /// 8 bytes, big-endian.
    private static func integer(_ bytes: ArraySlice<UInt8>) -> UInt64? {
        guard bytes.count == 8 else { return nil }
        return bytes.reduce(0) { $0 << 8 | UInt64($1) }
    }

    private static func leaseID(_ value: ArraySlice<UInt8>) -> UInt64? {
        var id: UInt64?
        var reader = WireReader(value)
        do {
            while let (number, value) = try reader.next() {
                if case .varint(let bits) = value, number == 1 { id = bits }
            }
        } catch { return nil }
        return id
    }
}
