import KubernetesModel

/// Keeps an ``ObjectCache`` up to date by list and watch, for as long as its task lives.
package struct Informer: Sendable {
    let access: any ClusterAccess
    let cache: ObjectCache

    package init(access: any ClusterAccess, cache: ObjectCache) {
        self.access = access
        self.cache = cache
    }

    /// Lists, watches, and lists again whenever the watch fails; an API that is away is waited for.
    package func run() async {
        var backoff = Backoff(first: .milliseconds(50), most: .seconds(2))
        while !Task.isCancelled {
            do {
                let (items, revision) = try await access.list(cache.resource, namespace: nil)
                cache.replace(with: items, at: revision)
                backoff.reset()
                try await follow(from: revision)
            } catch {
                cache.lostTouch()
                // A kind this API does not serve has no objects; nobody is to wait for them.
                if let status = error as? APIStatus, status.isNotFound { cache.synced.open() }
            }
            do { try await Task.sleep(for: backoff.next()) } catch { return }
        }
    }

    /// Watches on from where the last watch ended, until one fails or ends without having brought anything.
    private func follow(from revision: Int64) async throws {
        var revision = revision
        while !Task.isCancelled {
            var isIdle = true
            for try await event in access.watch(cache.resource, after: revision) {
                isIdle = false
                if let reached = cache.apply(event) { revision = max(revision, reached) }
            }
            if isIdle { return }
        }
    }
}

/// Delays that double from `first` to `most`.
package struct Backoff: Sendable {
    let first: Duration
    let most: Duration
    private var current: Duration?

    package init(first: Duration, most: Duration) {
        self.first = first
        self.most = most
    }

    package mutating func next() -> Duration {
        let delay = current.map { min($0 * 2, most) } ?? first
        current = delay
        return delay
    }

    package mutating func reset() { current = nil }
}
