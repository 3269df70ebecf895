package import KubernetesModel

#if canImport(FoundationEssentials)
    package import FoundationEssentials
#else
    package import Foundation
#endif

/// The cluster as a controller sees it: caches to read, the API to write, the clock to wait by.
///
/// What is written through it is in the caches when the call returns.
package struct CachedCluster: Sendable {
    package let access: any ClusterAccess
    package let clock: SandboxClock
    package let now: @Sendable () -> Date
    package let events: EventRecorder
    private let caches: [Resource: ObjectCache]
    private let none: ObjectCache

    package init(
        access: any ClusterAccess,
        watching resources: [Resource],
        clock: SandboxClock = SandboxClock(),
        events: EventRecorder,
        now: @escaping @Sendable () -> Date = { Date() }
    ) {
        self.access = access
        self.clock = clock
        self.events = events
        self.now = now
        caches = Dictionary(resources.map { ($0, ObjectCache($0)) }, uniquingKeysWith: { first, _ in first })
        none = ObjectCache(Resource("v1", "nothing", kind: "Nothing"))
    }

    package var resources: [Resource] { Array(caches.keys) }

    /// The cache of `resource`; an empty one for what is not watched.
    package subscript(resource: Resource) -> ObjectCache { caches[resource] ?? none }
    package var pods: ObjectCache { self[.pods] }
    package var nodes: ObjectCache { self[.nodes] }

    /// Feeds every cache until cancelled.
    package func runInformers() async {
        await withDiscardingTaskGroup { group in
            for cache in caches.values {
                group.addTask { await Informer(access: access, cache: cache).run() }
            }
        }
    }

    package func waitUntilSynced() async {
        for cache in caches.values { await cache.synced.wait() }
    }
}

// MARK: - Writing

extension CachedCluster {
    @discardableResult
    package func create(_ resource: Resource, _ object: KubernetesObject) async throws(APIStatus) -> KubernetesObject {
        let created = try await access.create(resource, object)
        self[resource].store(created)
        return created
    }

    /// PUT, unless it would change nothing. Answers with the object as it is then.
    @discardableResult
    package func update(
        _ resource: Resource,
        _ object: KubernetesObject,
        subresource: String? = nil
    ) async throws(APIStatus) -> KubernetesObject {
        if let present = self[resource][object.key], present == object { return present }
        let updated = try await access.update(resource, object, subresource: subresource)
        self[resource].store(updated)
        return updated
    }

    package func updateStatus(_ resource: Resource, _ object: KubernetesObject) async throws(APIStatus) {
        try await update(resource, object, subresource: "status")
    }

    /// Deletes exactly this object (by uid); one that is gone already is no failure.
    package func delete(
        _ resource: Resource,
        _ object: KubernetesObject,
        gracePeriodSeconds: Int? = nil
    ) async throws(APIStatus) {
        do {
            let left = try await access.delete(
                resource,
                object.key,
                gracePeriodSeconds: gracePeriodSeconds,
                uid: object.uid
            )
            if let left { self[resource].store(left) } else { self[resource].forget(object.key, uid: object.uid) }
        } catch  where error.isNotFound || error.isConflict {
            self[resource].forget(object.key, uid: object.uid)
        }
    }
}
