import KubernetesModel
import KubernetesVersions
import Sandbox

/// Runs `body` with an API server over a store of its own, and stops it afterwards.
func withServer<Value: Sendable>(
    _ version: String = "v1.36.0",
    storage: any Storage = MemoryStorage(),
    faults: APIFaults = APIFaults(),
    tls: APIServerTLS? = nil,
    tokens: [String: UserInfo] = [:],
    history: Int = 8192,
    bookmarkInterval: Duration = .seconds(30),
    _ body: @escaping @Sendable (APIServer, Int) async throws -> Value
) async throws -> Value {
    let server = APIServer(
        node: "cp-1",
        version: try KubernetesVersion(parsing: version),
        storage: storage,
        tls: tls,
        faults: faults,
        tokens: tokens,
        history: history,
        bookmarkInterval: bookmarkInterval
    )
    return try await withThrowingTaskGroup(of: Value?.self) { group in
        group.addTask {
            try await server.run()
            return nil
        }
        let port = try await server.listeningPort()
        try await standingObjects(server)
        let value = try await body(server, port)
        server.stop()
        for try await _ in group {}
        return value
    }
}

/// Waits until the namespaces of the system are there.
private func standingObjects(_ server: APIServer) async throws {
    for name in ["default", "kube-system", "kube-public", "kube-node-lease"] {
        for try await _ in appearances(of: .namespaces, ObjectKey(name: name), server.access) { break }
    }
}

/// The object as soon as it is there.
func appearances(
    of resource: Resource,
    _ key: ObjectKey,
    _ access: any ClusterAccess
) -> AsyncThrowingStream<KubernetesObject, any Error> {
    AsyncThrowingStream {
        while true {
            let (items, revision) = try await access.list(resource, namespace: key.namespace)
            if let found = items.first(where: { $0.key == key }) { return found }
            for try await event in access.watch(resource, after: revision) {
                if case .added(let object) = event, object.key == key { return object }
                if case .modified(let object) = event, object.key == key { return object }
            }
        }
    }
}
