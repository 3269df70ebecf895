package import KubernetesModel

/// The API through whichever of several servers serves, as a load balancer in front of them would give it.
package struct AnyServerAccess: ClusterAccess {
    /// The servers that could serve now; asked again for every call, because servers come and go.
    let candidates: @Sendable () -> [any ClusterAccess]

    package init(_ candidates: @escaping @Sendable () -> [any ClusterAccess]) { self.candidates = candidates }

    private static let nobody = APIStatus.unavailable("no API server is serving")

    /// The first answer that is not "I am not serving".
    private func ask<Answer>(
        _ call: (any ClusterAccess) async throws(APIStatus) -> Answer
    ) async throws(APIStatus) -> Answer {
        var failure = Self.nobody
        for server in candidates() {
            do { return try await call(server) } catch  where error.code == 503 { failure = error }
        }
        throw failure
    }

    package func get(_ resource: Resource, _ key: ObjectKey) async throws(APIStatus) -> KubernetesObject {
        try await ask { server throws(APIStatus) in try await server.get(resource, key) }
    }

    package func list(
        _ resource: Resource,
        namespace: String?
    ) async throws(APIStatus) -> (items: [KubernetesObject], resourceVersion: Int64) {
        try await ask { server throws(APIStatus) in try await server.list(resource, namespace: namespace) }
    }

    /// A watch on the first server; when that one stops the watch ends with its 503, and the caller starts another.
    package func watch(
        _ resource: Resource,
        after resourceVersion: Int64
    ) -> AsyncThrowingStream<WatchEvent, any Error> {
        guard let server = candidates().first else {
            return AsyncThrowingStream { $0.finish(throwing: Self.nobody) }
        }
        return server.watch(resource, after: resourceVersion)
    }

    package func create(
        _ resource: Resource,
        _ object: KubernetesObject
    ) async throws(APIStatus) -> KubernetesObject {
        try await ask { server throws(APIStatus) in try await server.create(resource, object) }
    }

    package func update(
        _ resource: Resource,
        _ object: KubernetesObject,
        subresource: String?
    ) async throws(APIStatus) -> KubernetesObject {
        try await ask { server throws(APIStatus) in
            try await server.update(resource, object, subresource: subresource)
        }
    }

    package func delete(
        _ resource: Resource,
        _ key: ObjectKey,
        gracePeriodSeconds: Int?,
        uid: String?
    ) async throws(APIStatus) -> KubernetesObject? {
        try await ask { server throws(APIStatus) in
            try await server.delete(resource, key, gracePeriodSeconds: gracePeriodSeconds, uid: uid)
        }
    }

    package func bind(pod: ObjectKey, uid: String, to node: String) async throws(APIStatus) {
        try await ask { server throws(APIStatus) in try await server.bind(pod: pod, uid: uid, to: node) }
    }
}
