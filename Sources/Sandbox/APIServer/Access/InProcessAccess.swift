package import KubernetesModel

/// The API of one server without HTTP: same registry, same answers.
///
/// - A namespace that is deleted stays `Terminating` until its `spec.finalizers` are emptied by an update of the
///   subresource `finalize`, as a namespace controller does once everything in it is gone.
/// - A pod that is deleted stays until somebody deletes it again with `gracePeriodSeconds: 0`, as its kubelet does.
package struct InProcessAccess: ClusterAccess {
    let registry: Registry
    /// False once the server has stopped: every call then fails with 503.
    let isServing: @Sendable () -> Bool

    package init(registry: Registry, isServing: @escaping @Sendable () -> Bool = { true }) {
        self.registry = registry
        self.isServing = isServing
    }

    private func served(_ resource: Resource) throws(APIStatus) -> ServedResource {
        guard isServing() else { throw .unavailable("the API server is not serving") }
        guard let served = registry.catalog.resource(resource) else { throw .noSuchPath }
        return served
    }

    package func get(_ resource: Resource, _ key: ObjectKey) async throws(APIStatus) -> KubernetesObject {
        try await registry.get(served(resource), key).object
    }

    package func list(
        _ resource: Resource,
        namespace: String?
    ) async throws(APIStatus) -> (items: [KubernetesObject], resourceVersion: Int64) {
        let (objects, revision) = try await registry.list(served(resource), namespace: namespace)
        return (objects.map(\.object), revision)
    }

    package func watch(
        _ resource: Resource,
        after resourceVersion: Int64
    ) -> AsyncThrowingStream<WatchEvent, any Error> {
        let notices: CacheNotices
        do {
            notices = try registry.cache.watch(
                served(resource).storagePath,
                namespace: nil,
                name: nil,
                from: .after(resourceVersion),
                bookmarks: false
            ).notices
        } catch { return AsyncThrowingStream { $0.finish(throwing: error) } }
        return AsyncThrowingStream { () async throws -> WatchEvent? in
            for try await notice in notices {
                switch notice {
                case .event(let event): return WatchEvent(event)
                case .bookmark(let revision), .initialEventsEnd(let revision):
                    return .bookmark(resourceVersion: String(revision))
                }
            }
            if Task.isCancelled { return nil }
            throw APIStatus.unavailable("the API server stopped serving this watch")
        }
    }

    package func create(
        _ resource: Resource,
        _ object: KubernetesObject
    ) async throws(APIStatus) -> KubernetesObject {
        try await registry.create(served(resource), namespace: object.namespace, object).object
    }

    package func update(
        _ resource: Resource,
        _ object: KubernetesObject,
        subresource: String?
    ) async throws(APIStatus) -> KubernetesObject {
        let served = try served(resource)
        var part: Subresource?
        if let subresource {
            guard let known = served.subresource(subresource) else { throw .noSuchPath }
            part = known
        }
        if part == .scale { return try await registry.setScale(served, object.key, object).object }
        return try await registry.update(served, object.key, object, subresource: part).object
    }

    package func delete(
        _ resource: Resource,
        _ key: ObjectKey,
        gracePeriodSeconds: Int?,
        uid: String?
    ) async throws(APIStatus) -> KubernetesObject? {
        let options = DeleteOptions(gracePeriodSeconds: gracePeriodSeconds, uid: uid)
        switch try await registry.delete(served(resource), key, options: options) {
        case .removed: return nil
        case .terminating(let object): return object.object
        }
    }

    package func bind(pod: ObjectKey, uid: String, to node: String) async throws(APIStatus) {
        try await registry.bind(served(.pods), pod, uid: uid, to: node)
    }
}

extension WatchEvent {
    init(_ event: CacheEvent) {
        switch event.kind {
        case .added: self = .added(event.current.object)
        case .modified: self = .modified(event.current.object)
        case .deleted: self = .deleted(event.current.object)
        }
    }
}
