import DequeModule
import KubernetesModel

/// What the watch cache knows of one resource: its objects, its latest changes, and who watches it.
struct ResourceStore {
    private var namespaces: [String: Namespace] = [:]
    private var recent: Deque<CacheEvent> = []
    private var watchers: [Int: Watcher] = [:]
    /// Changes up to this revision are no longer remembered.
    private(set) var floor: Int64
    private let capacity: Int

    struct Watcher {
        let continuation: CacheNotices.Continuation
        let namespace: String?
        let name: String?
        let after: Int64
        let wantsBookmarks: Bool

        func tell(_ event: CacheEvent) {
            guard event.revision > after, isAbout(event.current) else { return }
            continuation.yield(.event(event))
        }

        func isAbout(_ object: CachedObject) -> Bool {
            if let namespace, object.namespace != namespace { return false }
            if let name, object.name != name { return false }
            return true
        }
    }

    /// Objects of one namespace, put in order only when they are listed.
    private struct Namespace {
        var objects: [String: CachedObject] = [:]
        var sorted: [CachedObject]?

        mutating func list() -> [CachedObject] {
            if let sorted { return sorted }
            let list = objects.values.sorted { $0.key < $1.key }
            sorted = list
            return list
        }
    }

    init(floor: Int64, capacity: Int) {
        self.floor = floor
        self.capacity = capacity
    }

    subscript(key: String) -> CachedObject? { namespaces[Self.namespace(of: key)]?.objects[key] }

    var count: Int { namespaces.values.reduce(0) { $0 + $1.objects.count } }
    var watcherCount: Int { watchers.count }

    /// All objects, or those of one namespace, in the order of their keys.
    mutating func list(namespace: String?) -> [CachedObject] {
        if let namespace { return namespaces[namespace]?.list() ?? [] }
        let names = namespaces.keys.sorted { "\($0)/" < "\($1)/" }
        var all: [CachedObject] = []
        all.reserveCapacity(count)
        for name in names { all += namespaces[name]?.list() ?? [] }
        return all
    }

    mutating func load(_ object: CachedObject) {
        namespaces[Self.namespace(of: object.key), default: Namespace()].objects[object.key] = object
    }

    /// Takes over one change of the store and tells everybody concerned.
    mutating func put(_ object: CachedObject) {
        let namespace = Self.namespace(of: object.key)
        let previous = namespaces[namespace, default: Namespace()].objects.updateValue(object, forKey: object.key)
        namespaces[namespace]?.sorted = nil
        tell(CacheEvent(kind: previous == nil ? .added : .modified, current: object, previous: previous))
    }

    mutating func remove(_ key: String, revision: Int64) {
        let namespace = Self.namespace(of: key)
        guard let last = namespaces[namespace]?.objects.removeValue(forKey: key) else { return }
        namespaces[namespace]?.sorted = nil
        if namespaces[namespace]?.objects.isEmpty == true { namespaces[namespace] = nil }
        tell(CacheEvent(kind: .deleted, current: last.deleted(at: revision), previous: last))
    }

    private mutating func tell(_ event: CacheEvent) {
        if recent.count >= capacity, let forgotten = recent.popFirst() { floor = forgotten.revision }
        recent.append(event)
        for watcher in watchers.values { watcher.tell(event) }
    }

    /// Starts a watch: tells what happened after its revision, or every object there is.
    /// - Returns: False when the revision is no longer remembered.
    mutating func start(_ watcher: Watcher, id: Int, withInitialObjects: Bool) -> Bool {
        if withInitialObjects {
            for object in list(namespace: watcher.namespace) where watcher.isAbout(object) {
                watcher.continuation.yield(.event(CacheEvent(kind: .added, current: object, previous: nil)))
            }
        } else {
            guard watcher.after >= floor else { return false }
            // The missed changes are at the end: look back from there.
            var start = recent.endIndex
            while start > recent.startIndex, recent[start - 1].revision > watcher.after { start -= 1 }
            for event in recent[start...] { watcher.tell(event) }
        }
        watchers[id] = watcher
        return true
    }

    mutating func stop(_ id: Int) { watchers[id] = nil }

    func bookmark(_ revision: Int64) {
        for watcher in watchers.values where watcher.wantsBookmarks { watcher.continuation.yield(.bookmark(revision)) }
    }

    mutating func finishWatchers(throwing error: APIStatus?) {
        for watcher in watchers.values { watcher.continuation.finish(throwing: error) }
        watchers = [:]
    }

    private static func namespace(of key: String) -> String {
        key.utf8.firstIndex(of: UInt8(ascii: "/")).map { String(key[..<$0]) } ?? ""
    }
}
