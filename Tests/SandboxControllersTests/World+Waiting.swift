import KubernetesModel
import Sandbox

/// The objects of the cluster at one moment.
struct Moment: Sendable {
    var objects: [Resource: [KubernetesObject]] = [:]

    func object(_ resource: Resource, _ key: ObjectKey) -> KubernetesObject? {
        objects[resource]?.first { $0.key == key }
    }

    func all(_ resource: Resource) -> [KubernetesObject] {
        (objects[resource] ?? []).sorted { $0.key < $1.key }
    }

    /// Pods with the label `app`, in the namespace of tests.
    func pods(_ app: String) -> [KubernetesObject] { all(.pods).filter { $0.labels["app"] == app } }
    func ready(_ app: String) -> [KubernetesObject] { pods(app).filter { $0.isPodReady && !$0.isTerminating } }
}

extension World {
    static let watched: [Resource] = [
        .pods, .nodes, .namespaces, .leases, .deployments, .replicaSets, .statefulSets, .daemonSets, .jobs,
        .podDisruptionBudgets, .configMaps, .persistentVolumeClaims,
    ]

    /// Waits, by watches, until the cluster is as `condition` wants it.
    /// - Throws: ``NeverHappened`` after half a minute, with what the cluster's parts complained of.
    @discardableResult
    func until(
        _ what: String,
        _ condition: @escaping @Sendable (Moment) -> Bool
    ) async throws -> Moment {
        try await withThrowingTaskGroup(of: Moment?.self) { group in
            group.addTask { try await self.follow(condition) }
            group.addTask {
                try await Task.sleep(for: .seconds(30))
                return nil
            }
            defer { group.cancelAll() }
            guard let moment = try await group.next() ?? nil else {
                let seen = (try? await now())?.all(.pods).map { "\($0.key) \($0.podPhase) \($0.podNode ?? "-")" } ?? []
                throw NeverHappened(
                    description: "\(what): not within 30 s; pods: \(seen); complaints: \(complaints.all.suffix(5))"
                )
            }
            return moment
        }
    }

    /// Fails as soon as the cluster is as `condition` never wants it, while `body` runs.
    func never(
        _ what: String,
        _ condition: @escaping @Sendable (Moment) -> Bool,
        while body: @escaping @Sendable () async throws -> Void
    ) async throws {
        try await withThrowingTaskGroup(of: Bool.self) { group in
            group.addTask {
                _ = try await self.follow(condition)
                return true
            }
            group.addTask {
                try await body()
                return false
            }
            defer { group.cancelAll() }
            if try await group.next() == true { throw NeverHappened(description: "this was to happen never: \(what)") }
        }
    }

    /// Every object there is now.
    func now() async throws -> Moment {
        var moment = Moment()
        for resource in Self.watched {
            moment.objects[resource] = try await access.list(resource, namespace: nil).items
        }
        return moment
    }

    private func follow(_ condition: @Sendable (Moment) -> Bool) async throws -> Moment {
        let (changes, ring) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
        return try await withThrowingTaskGroup(of: Void.self) { group in
            for resource in Self.watched {
                let revision = try await access.list(resource, namespace: nil).resourceVersion
                group.addTask { for try await _ in access.watch(resource, after: revision) { ring.yield() } }
            }
            defer { group.cancelAll() }
            ring.yield()
            for await _ in changes {
                let moment = try await now()
                if condition(moment) { return moment }
            }
            throw CancellationError()
        }
    }
}
