import KubernetesModel

/// One control loop: from every change that may matter to the keys it concerns, and from a key to the wanted state.
package protocol Controller: Sendable {
    associatedtype Key: Hashable & Sendable

    /// What the loop must look at again after `change`.
    func keys(affectedBy change: ObjectChange) -> [Key]

    /// Brings what `key` names one step closer to what is wanted. Asked again after each change, after a failure,
    /// and after the returned duration.
    func reconcile(_ key: Key) async throws -> Duration?
}

extension Controller {
    /// Runs the loop on the changes of `cluster`'s caches until cancelled.
    ///
    /// - Parameters:
    ///   - cluster: whose caches are listened to; its informers must run beside this.
    ///   - workers: how many keys are worked on at a time.
    ///   - log: told of every failure; the work is retried.
    package func run(
        on cluster: CachedCluster,
        workers: Int = 8,
        log: @escaping @Sendable (String) -> Void = { _ in }
    ) async {
        let queue = WorkQueue<Key>()
        for resource in cluster.resources {
            let cache = cluster[resource]
            cache.listen { change in queue.add(keys(affectedBy: change)) }
            for object in cache.all {
                queue.add(keys(affectedBy: ObjectChange(resource: resource, old: nil, new: object)))
            }
        }
        await cluster.waitUntilSynced()
        let name = "\(Self.self)"
        await queue.run(workers: workers) { key, error in
            // Another writer was quicker: normal, and worth no line.
            if let status = error as? APIStatus, status.isConflict || status.isNotFound { return }
            log("\(name): \(key): \(error); it is tried again")
        } work: { key in
            try await reconcile(key)
        }
    }
}
