package import KubernetesModel
import Synchronization

/// One object that appeared, changed or vanished.
package struct ObjectChange: Sendable {
    package var resource: Resource
    /// The state before; nil for an object that appeared.
    package var old: KubernetesObject?
    /// The state now; nil for an object that vanished.
    package var new: KubernetesObject?

    /// The state now, or the last one known.
    package var object: KubernetesObject { new ?? old ?? KubernetesObject(.object([:])) }
    /// Both states that are there: what a change may concern is what either says.
    package var states: [KubernetesObject] { [old, new].compactMap(\.self) }
}

/// All objects of one resource as last heard of, with the indexes controllers ask by.
///
/// Fed by an ``Informer`` and by what its own readers write (so that a controller sees its own writes at once).
/// An older state never replaces a newer one: resourceVersions decide.
package final class ObjectCache: Sendable {
    package typealias Listener = @Sendable (ObjectChange) -> Void

    package let resource: Resource
    private let state = Mutex(State())
    private let listeners = Mutex([Listener]())
    package let synced = Gate()

    package init(_ resource: Resource) { self.resource = resource }

    /// Calls `listener` at every change from now on; it must be quick (it adds to a queue).
    package func listen(_ listener: @escaping Listener) { listeners.withLock { $0.append(listener) } }
}

// MARK: - Reading

extension ObjectCache {
    package subscript(key: ObjectKey) -> KubernetesObject? { state.withLock { $0.entries[key]?.object } }
    package var all: [KubernetesObject] { state.withLock { $0.entries.values.map(\.object) } }
    package var keys: [ObjectKey] { state.withLock { Array($0.entries.keys) } }
    package var count: Int { state.withLock { $0.entries.count } }

    /// True between a list that succeeded and the failure of the watch that follows it.
    package var isConnected: Bool { state.withLock { $0.connectedSince != nil } }
    /// Since when changes have been heard without a gap.
    package var connectedSince: ContinuousClock.Instant? { state.withLock { $0.connectedSince } }

    package func inNamespace(_ namespace: String?) -> [KubernetesObject] {
        state.withLock { state in state.pick(state.byNamespace[namespace ?? ""]) }
    }

    /// Objects that name `uid` among their owners.
    package func owned(by uid: String) -> [KubernetesObject] {
        state.withLock { state in state.pick(state.byOwner[uid]) }
    }

    /// Objects of a namespace that no controller manages.
    package func orphans(in namespace: String?) -> [KubernetesObject] {
        state.withLock { state in state.pick(state.orphansByNamespace[namespace ?? ""]) }
    }

    /// Pods bound to `node`; with "" those bound to none.
    package func onNode(_ node: String) -> [KubernetesObject] {
        state.withLock { state in state.pick(state.byNode[node]) }
    }
}

// MARK: - Writing

extension ObjectCache {
    /// Takes in one state, unless a newer one (or the object's end) is known.
    package func store(_ object: KubernetesObject) {
        let change = state.withLock { $0.store(object, resource) }
        if let change { tell(change) }
    }

    /// Forgets an object of which its deleter knows that it is gone from storage.
    package func forget(_ key: ObjectKey, uid: String) {
        let change = state.withLock { state -> ObjectChange? in
            guard let present = state.entries[key], present.object.uid == uid else { return nil }
            state.buried.insert(uid)
            return state.remove(key, resource)
        }
        if let change { tell(change) }
    }

    /// Takes in one event of a watch, and gives back the resourceVersion it brings the cache to.
    package func apply(_ event: WatchEvent) -> Int64? {
        switch event {
        case .added(let object), .modified(let object):
            store(object)
            return object.revision
        case .deleted(let object):
            let change = state.withLock { state -> ObjectChange? in
                state.buried.remove(object.uid)
                guard let present = state.entries[object.key], present.object.uid == object.uid else { return nil }
                return state.remove(object.key, resource, last: object)
            }
            if let change { tell(change) }
            return object.revision
        case .bookmark(let version): return Int64(version)
        }
    }

    /// Takes in a whole list read at `revision`: what it lacks is gone, save what is known to be newer.
    package func replace(with items: [KubernetesObject], at revision: Int64) {
        let changes = state.withLock { state -> [ObjectChange] in
            state.buried = []
            let listed = Set(items.map(\.key))
            let gone = state.entries.filter { !listed.contains($0.key) && $0.value.revision <= revision }
            var changes = gone.keys.compactMap { state.remove($0, resource) }
            changes += items.compactMap { state.store($0, resource) }
            state.connectedSince = .now
            return changes
        }
        for change in changes { tell(change) }
        synced.open()
    }

    package func lostTouch() { state.withLock { $0.connectedSince = nil } }

    private func tell(_ change: ObjectChange) {
        for listener in listeners.withLock(\.self) { listener(change) }
    }
}

// MARK: - State

private struct State {
    struct Entry {
        var object: KubernetesObject
        var revision: Int64
    }

    var entries: [ObjectKey: Entry] = [:]
    var byNamespace: [String: Set<ObjectKey>] = [:]
    var byOwner: [String: Set<ObjectKey>] = [:]
    var orphansByNamespace: [String: Set<ObjectKey>] = [:]
    var byNode: [String: Set<ObjectKey>] = [:]
    /// Uids whose end was learnt from a delete call, while the watch may still bring earlier states.
    var buried: Set<String> = []
    var connectedSince: ContinuousClock.Instant?

    func pick(_ keys: Set<ObjectKey>?) -> [KubernetesObject] {
        guard let keys else { return [] }
        return keys.compactMap { entries[$0]?.object }
    }

    mutating func store(_ object: KubernetesObject, _ resource: Resource) -> ObjectChange? {
        let key = object.key
        let revision = object.revision ?? 0
        if buried.contains(object.uid) { return nil }
        let old = entries[key]
        if let old, revision <= old.revision { return nil }
        if let old { unindex(old.object, key, resource) }
        entries[key] = Entry(object: object, revision: revision)
        index(object, key, resource)
        return ObjectChange(resource: resource, old: old?.object, new: object)
    }

    mutating func remove(_ key: ObjectKey, _ resource: Resource, last: KubernetesObject? = nil) -> ObjectChange? {
        guard let entry = entries.removeValue(forKey: key) else { return nil }
        unindex(entry.object, key, resource)
        return ObjectChange(resource: resource, old: last ?? entry.object, new: nil)
    }

    private mutating func index(_ object: KubernetesObject, _ key: ObjectKey, _ resource: Resource) {
        byNamespace[key.namespace ?? "", default: []].insert(key)
        let owners = object.ownerReferences
        for owner in owners { byOwner[owner.uid, default: []].insert(key) }
        if !owners.contains(where: \.isController) { orphansByNamespace[key.namespace ?? "", default: []].insert(key) }
        if resource == .pods { byNode[object.podNode ?? "", default: []].insert(key) }
    }

    private mutating func unindex(_ object: KubernetesObject, _ key: ObjectKey, _ resource: Resource) {
        Self.take(key, from: &byNamespace, key.namespace ?? "")
        for owner in object.ownerReferences { Self.take(key, from: &byOwner, owner.uid) }
        Self.take(key, from: &orphansByNamespace, key.namespace ?? "")
        if resource == .pods { Self.take(key, from: &byNode, object.podNode ?? "") }
    }

    private static func take(_ key: ObjectKey, from index: inout [String: Set<ObjectKey>], _ name: String) {
        index[name]?.remove(key)
        if index[name]?.isEmpty == true { index[name] = nil }
    }
}

extension KubernetesObject {
    /// The resourceVersion as the number it is in this sandbox.
    var revision: Int64? { resourceVersion.flatMap { Int64($0) } }
}
