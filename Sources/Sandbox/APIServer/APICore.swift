package import Foundation
import KubernetesModel
package import KubernetesVersions
import Synchronization

/// An API server without its network side: the registry, its watch cache, and the objects every cluster begins with.
package struct APICore: Sendable {
    package let registry: Registry
    private let isStopped = SharedFlag()

    package init(
        storage: any Storage,
        version: KubernetesVersion,
        history: Int = 8192,
        bookmarkInterval: Duration = .seconds(30),
        now: @escaping @Sendable () -> Date = { Date() }
    ) {
        registry = Registry(
            catalog: ResourceCatalog(version: version.minorVersion),
            storage: storage,
            cache: WatchCache(storage: storage, history: history, bookmarkInterval: bookmarkInterval),
            now: now
        )
    }

    /// The API in process; its calls fail with 503 once ``run()`` has ended.
    package var access: InProcessAccess {
        InProcessAccess(registry: registry) { [isStopped] in !isStopped.isSet }
    }

    /// Follows the store and makes the standing objects, until cancelled; then every watch ends.
    package func run() async {
        defer {
            isStopped.set()
            registry.cache.stop()
        }
        await withDiscardingTaskGroup { group in
            group.addTask { await self.makeStandingObjects() }
            await registry.cache.run()
            group.cancelAll()
        }
    }

    /// Whether the cache is loaded and the store answers.
    package var isReady: Bool { registry.cache.isLoaded && !isStopped.isSet }

    /// Creates what a real API server creates by itself: the system's namespaces and priority classes.
    private func makeStandingObjects() async {
        while !Task.isCancelled {
            do {
                for name in ["default", "kube-system", "kube-public", "kube-node-lease"] {
                    try await make(.namespaces, KubernetesObject(.namespaces, name: name))
                }
                for (name, value) in [
                    ("system-cluster-critical", 2_000_000_000 as Int64), ("system-node-critical", 2_000_001_000),
                ] {
                    var priority = KubernetesObject(.priorityClasses, name: name)
                    priority["value"] = .integer(value)
                    try await make(.priorityClasses, priority)
                }
                return
            } catch { try? await Task.sleep(for: .milliseconds(200)) }
        }
    }

    private func make(_ resource: Resource, _ object: KubernetesObject) async throws {
        guard let served = registry.catalog.resource(resource) else { return }
        do { _ = try await registry.create(served, namespace: nil, object) } catch  where error.isAlreadyExists {}
    }
}

/// A flag that is raised once and seen by every task.
final class SharedFlag: Sendable {
    private let value = Mutex(false)

    var isSet: Bool { value.withLock { $0 } }
    func set() { value.withLock { $0 = true } }
}
