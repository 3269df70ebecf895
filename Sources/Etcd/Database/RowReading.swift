import Bolt
import KubernetesModel

/// Takes in the rows of the bucket `key`, oldest revision first.
struct RowReading {
    private struct State {
        var group: Int32
        var form: Int32
        var bytes: UInt64
        var isLive: Bool
        var hasLease: Bool
    }

    private let isDeep: Bool
    private var keys = KeyIndex()
    private var states: [State] = []
    private var hash: KeyHash
    private var groups = Interned<ObjectGroup>()
    /// What keys have before their last slash, and the group of each such beginning.
    private var folders = KeyIndex()
    private var groupOfFolder: [Int32] = []
    private var counts: [ObjectCount] = []
    private var forms = Interned<StoredForm>()
    private var others = ObjectCount()
    private var unknownTypes: [GroupVersionKind: UInt64] = [:]
    private var rows: UInt64 = 0
    private var tombstones: UInt64 = 0
    private var first: Revision?
    private var last: Revision?
    /// Where the key is none of Kubernetes' objects.
    private static let noGroup: Int32 = -1

    init(compacted: Int64?, isDeep: Bool) {
        hash = KeyHash(compacted: compacted)
        self.isDeep = isDeep
    }

    /// - Returns: what is wrong with the row; the row counts as far as it can be understood.
    mutating func add(key: ArraySlice<UInt8>, value: ArraySlice<UInt8>, page: PageID) -> DatabaseDamage? {
        rows += 1
        func damage(_ why: String) -> DatabaseDamage {
            .item(bucket: "key", key: Array(key), page: page, why: why)
        }
        guard let (revision, isTombstone) = Revision.row(key) else { return damage("has no revision for a key") }
        first = first ?? revision
        last = revision
        if isTombstone { tombstones += 1 }
        let stored: StoredKeyValue
        do { stored = try StoredKeyValue(value) } catch { return damage(error.why) }
        let number = note(stored, isTombstone: isTombstone, size: UInt64(stored.key.count + stored.value.count))
        hash.add(revision, isTombstone: isTombstone, key: number, row: (key, value))
        // What `etcdutl snapshot restore --bump-revision` writes.
        if value.isEmpty { return nil }
        do { try stored.validate(at: revision, isTombstone: isTombstone) } catch { return damage(error.why) }
        guard isDeep, !isTombstone, states[number].group != Self.noGroup else { return nil }
        do {
            if let type = try StoredForm(stored.value).decode(stored.value) { unknownTypes[type, default: 0] += 1 }
        } catch {
            return .object(key: Array(stored.key), revision: revision, page: page, why: "\(error)")
        }
        return nil
    }

    /// Brings the key's state up to this row.
    /// - Returns: the key's number.
    private mutating func note(_ stored: StoredKeyValue, isTombstone: Bool, size: UInt64) -> Int {
        let (number, isNew) = keys.number(of: stored.key)
        if isNew {
            states.append(State(group: group(of: stored.key), form: 0, bytes: 0, isLive: false, hasLease: false))
        }
        let group = states[number].group
        states[number].isLive = !isTombstone
        states[number].bytes = size
        states[number].hasLease = stored.lease != 0
        if group == Self.noGroup {
            others.allRows += 1
            others.allBytes += size
        } else {
            counts[Int(group)].allRows += 1
            counts[Int(group)].allBytes += size
            if !isTombstone { states[number].form = forms.number(of: StoredForm(stored.value)) }
        }
        return number
    }

    /// An object's resource and namespace are what its key has before the last slash; so that is looked at once.
    private mutating func group(of key: ArraySlice<UInt8>) -> Int32 {
        guard let slash = key.lastIndex(of: UInt8(ascii: "/")) else { return Self.noGroup }
        let (folder, isNew) = folders.number(of: key[..<slash])
        if isNew {
            var group = Self.noGroup
            if let object = KubernetesKey(key) {
                group = groups.number(of: ObjectGroup(resource: object.resource, namespace: object.namespace))
                if Int(group) == counts.count { counts.append(ObjectCount()) }
            }
            groupOfFolder.append(group)
        }
        return groupOfFolder[folder]
    }

    func finish(_ contents: inout DatabaseContents) {
        contents.rows = rows
        contents.tombstones = tombstones
        contents.firstRevision = first
        contents.lastRevision = last
        contents.hashKV = hash.finish()
        contents.unknownTypes = unknownTypes
        var counts = counts
        var others = others
        for state in states where state.isLive {
            contents.liveKeys += 1
            if state.hasLease { contents.keysWithLease += 1 }
            if state.group == Self.noGroup {
                others.keys += 1
                others.bytes += state.bytes
            } else {
                counts[Int(state.group)].keys += 1
                counts[Int(state.group)].bytes += state.bytes
                contents.forms[forms.values[Int(state.form)], default: 0] += 1
            }
        }
        for (number, count) in counts.enumerated() { contents.objects[groups.values[number]] = count }
        contents.otherKeys = others
    }
}

/// Different values, each with a number from 0 on.
private struct Interned<Value: Hashable> {
    private(set) var values: [Value] = []
    private var numbers: [Value: Int32] = [:]

    mutating func number(of value: Value) -> Int32 {
        if let number = numbers[value] { return number }
        let number = Int32(values.count)
        values.append(value)
        numbers[value] = number
        return number
    }
}
