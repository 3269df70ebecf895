import Foundation
package import KubernetesModel

/// Objects as the API gives and takes them, on top of the store: names, defaults, generations, optimistic concurrency,
/// graceful deletion. Everything that reaches the store of an API server goes through here, by HTTP or in process.
package struct Registry: Sendable {
    package let catalog: ResourceCatalog
    let storage: any Storage
    let cache: WatchCache
    let now: @Sendable () -> Date

    /// How often a change without a resourceVersion is tried again when somebody else was faster.
    static let attempts = 20

    init(
        catalog: ResourceCatalog,
        storage: any Storage,
        cache: WatchCache,
        now: @escaping @Sendable () -> Date = { Date() }
    ) {
        self.catalog = catalog
        self.storage = storage
        self.cache = cache
        self.now = now
    }

    var timestamp: String { Timestamp.string(from: now()) }

    // MARK: Reading

    /// The newest state of an object.
    package func get(_ served: ServedResource, _ key: ObjectKey) async throws(APIStatus) -> CachedObject {
        guard let found = try await find(served, key) else { throw .notFound(served.resource, key.name) }
        return found
    }

    /// The newest state of an object, nil when there is none.
    func find(_ served: ServedResource, _ key: ObjectKey) async throws(APIStatus) -> CachedObject? {
        let storageKey = served.storageKey(namespace: key.namespace, name: key.name)
        let stored: StoredValue?
        do { stored = try await storage.get(storageKey).value } catch { throw APIStatus(error) }
        return stored.map { cached(served, $0) }
    }

    /// The value as an object, taken from the cache where that holds the same revision.
    func cached(_ served: ServedResource, _ value: StoredValue) -> CachedObject {
        let key = String(value.key.dropFirst(served.storagePrefix.count))
        if let known = cache.get(served.storagePath, key), known.revision == value.revision { return known }
        return CachedObject(key: key, revision: value.revision, stored: value.bytes)
    }

    /// All objects (of one namespace), not older than the store is now.
    package func list(
        _ served: ServedResource,
        namespace: String?
    ) async throws(APIStatus) -> (objects: [CachedObject], revision: Int64) {
        try await cache.catchUp()
        return cache.list(served.storagePath, namespace: namespace)
    }

    /// All objects (of one namespace) as they were at `revision`, read from the store.
    func list(
        _ served: ServedResource,
        namespace: String?,
        at revision: Int64
    ) async throws(APIStatus) -> [CachedObject] {
        let prefix = served.storagePrefix + (namespace.map { "\($0)/" } ?? "")
        var objects: [CachedObject] = []
        var last: String?
        while true {
            let page: StoredPage
            do {
                page = try await storage.list(prefix: prefix, startAfter: last, limit: 1000, revision: revision)
            } catch { throw APIStatus(error) }
            objects += page.values.map { cached(served, $0) }
            last = page.values.last?.key
            if page.remaining == 0 || page.values.isEmpty { return objects }
        }
    }

    // MARK: Writing

    /// The bytes kept in the store: the object without its resourceVersion, which the store itself counts.
    static func encode(_ object: KubernetesObject) -> [UInt8] {
        var stored = object
        stored.resourceVersion = nil
        return stored.value.bytes
    }

    /// Stores a new state if the key still stands at `expected`; nil when it does not.
    func store(
        _ served: ServedResource,
        _ object: KubernetesObject,
        expected: Int64
    ) async throws(APIStatus) -> CachedObject? {
        let key = served.storageKey(namespace: object.namespace, name: object.name)
        let outcome: WriteOutcome
        do {
            outcome = try await storage.put(key, Self.encode(object), expected: expected)
        } catch { throw APIStatus(error) }
        guard case .written(let revision) = outcome else { return nil }
        var written = object
        written.resourceVersion = String(revision)
        let shortKey = String(key.dropFirst(served.storagePrefix.count))
        let cached = CachedObject(key: shortKey, revision: revision, object: written)
        cache.wrote(cached)
        return cached
    }

    /// Removes an object if it still stands at its revision; nil when it does not. The last state is returned.
    func remove(_ served: ServedResource, _ object: CachedObject) async throws(APIStatus) -> CachedObject? {
        let outcome: WriteOutcome
        do {
            outcome = try await storage.delete(served.storagePrefix + object.key, expected: object.revision)
        } catch { throw APIStatus(error) }
        guard case .written(let revision) = outcome else { return nil }
        return object.deleted(at: revision)
    }

    /// Changes an object by a function of its current state, which is tried again when somebody else was faster.
    ///
    /// An object that is being deleted and has nothing left to wait for is removed instead of stored.
    func change(
        _ served: ServedResource,
        _ key: ObjectKey,
        dryRun: Bool,
        _ transform: (KubernetesObject) throws(APIStatus) -> KubernetesObject
    ) async throws(APIStatus) -> CachedObject {
        for _ in 0..<Self.attempts {
            let current = try await get(served, key)
            let changed = try transform(current.object)
            if changed == current.object { return current }
            if dryRun { return CachedObject(key: current.key, revision: current.revision, object: changed) }
            if Self.isReadyToGo(served, changed) {
                if try await remove(served, current) != nil {
                    return CachedObject(key: current.key, revision: current.revision, object: changed)
                }
            } else if let written = try await store(served, changed, expected: current.revision) {
                return written
            }
        }
        throw .conflict(served.resource, key.name)
    }

    /// Whether an object that is being deleted waits for nothing any more: no finalizer, no grace left.
    static func isReadyToGo(_ served: ServedResource, _ object: KubernetesObject) -> Bool {
        guard object.isTerminating, object.finalizers.isEmpty else { return false }
        if served.kind == "Namespace", object["spec", "finalizers"]?.array?.isEmpty == false { return false }
        return (object["metadata", "deletionGracePeriodSeconds"]?.int ?? 0) == 0
    }
}
