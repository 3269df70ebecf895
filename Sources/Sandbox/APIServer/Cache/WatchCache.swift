import KubernetesModel
import Synchronization

/// Every object of the store in memory, kept current by one watch of the store.
///
/// Reads that must be consistent ask the store for its revision and wait until the cache has reached it; watches are
/// answered from the latest changes of each resource, and refused (410) when they start before those.
package final class WatchCache: Sendable {
    static let root = "/registry/"

    private let storage: any Storage
    /// How many changes of each resource are remembered for watches that start in the past.
    private let history: Int
    private let bookmarkInterval: Duration
    private let clock: any Clock<Duration>
    private let state = Mutex(State())

    private struct State {
        var revision: Int64 = 0
        var isLoaded = false
        var isFollowing = false
        var isStopped = false
        var stores: [String: ResourceStore] = [:]
        var waiters: [Int: Waiter] = [:]
        /// Our own writes, by revision, which need no parsing when the store tells of them.
        var written: [Int64: CachedObject] = [:]
        var lastID = 0
        /// Where changes are remembered from, in stores not made yet.
        var floor: Int64 = 0

        mutating func nextID() -> Int {
            lastID += 1
            return lastID
        }
    }

    private struct Waiter {
        let revision: Int64
        var secondsLeft: Int
        let continuation: CheckedContinuation<Bool, Never>
    }

    init(
        storage: any Storage,
        history: Int = 8192,
        bookmarkInterval: Duration = .seconds(30),
        clock: any Clock<Duration> = .continuous
    ) {
        self.storage = storage
        self.history = history
        self.bookmarkInterval = bookmarkInterval
        self.clock = clock
    }

    // MARK: Feeding

    /// Loads the store and follows it until cancelled. While the store is away, what is cached stays readable.
    func run() async {
        await withDiscardingTaskGroup { group in
            group.addTask { await self.tick() }
            await self.feed()
            group.cancelAll()
        }
        stop()
    }

    private func feed() async {
        var mustLoad = true
        while !Task.isCancelled {
            do {
                if mustLoad {
                    try await load()
                    mustLoad = false
                }
                try await follow()
            } catch StorageError.compacted {
                mustLoad = true
            } catch {
                state.withLock { $0.isFollowing = false }
                try? await clock.sleep(for: .milliseconds(100))
            }
        }
    }

    private func load() async throws {
        var stores: [String: ResourceStore] = [:]
        var revision: Int64?
        var last: String?
        while true {
            let page = try await storage.list(prefix: Self.root, startAfter: last, limit: 1000, revision: revision)
            let at = revision ?? page.revision
            revision = at
            for value in page.values {
                guard let (path, key) = Self.split(value.key) else { continue }
                let object = CachedObject(key: key, revision: value.revision, stored: value.bytes)
                stores[path, default: ResourceStore(floor: at, capacity: history)].load(object)
            }
            last = page.values.last?.key
            if page.remaining == 0 || page.values.isEmpty { break }
        }
        let loaded = stores
        state.withLock { state in
            for path in Array(state.stores.keys) {
                state.stores[path]?.finishWatchers(throwing: .expired("the watch cache was loaded anew"))
            }
            state.stores = loaded
            state.revision = revision ?? 0
            state.floor = state.revision
            state.isLoaded = true
            state.written = [:]
            wake(&state)
        }
    }

    private func follow() async throws {
        let start = state.withLock { state in
            state.isFollowing = true
            return state.revision
        }
        for try await events in storage.watch(prefix: Self.root, after: start) {
            state.withLock { state in
                for event in events { apply(event, to: &state) }
                wake(&state)
            }
        }
        if !Task.isCancelled { throw StorageError.unavailable("the watch of the store ended") }
    }

    private func apply(_ event: StorageEvent, to state: inout State) {
        state.revision = max(state.revision, event.revision)
        let own = state.written.removeValue(forKey: event.revision)
        guard let (path, key) = Self.split(event.key) else { return }
        if state.stores[path] == nil { state.stores[path] = ResourceStore(floor: state.floor, capacity: history) }
        switch event.kind {
        case .put:
            let object = own ?? CachedObject(key: key, revision: event.revision, stored: event.bytes)
            state.stores[path]?.put(object)
        case .delete: state.stores[path]?.remove(key, revision: event.revision)
        }
    }

    /// Remembers what this server has just written, so that it need not be parsed again.
    func wrote(_ object: CachedObject) {
        state.withLock { state in
            if object.revision > state.revision { state.written[object.revision] = object }
            if state.written.count > 1024 {
                let reached = state.revision
                state.written = state.written.filter { $0.key > reached }
            }
        }
    }

    private func wake(_ state: inout State) {
        guard !state.waiters.isEmpty else { return }
        for (id, waiter) in state.waiters where state.isLoaded && waiter.revision <= state.revision {
            state.waiters[id] = nil
            waiter.continuation.resume(returning: true)
        }
    }

    /// Once a second: gives up on those who have waited too long, and now and then tells watchers how far they are.
    private func tick() async {
        var sinceBookmark = Duration.zero
        while !Task.isCancelled {
            try? await clock.sleep(for: .seconds(1))
            sinceBookmark += .seconds(1)
            let bookmark = sinceBookmark >= bookmarkInterval
            if bookmark { sinceBookmark = .zero }
            state.withLock { state in
                for (id, waiter) in state.waiters {
                    if waiter.secondsLeft > 0 {
                        state.waiters[id]?.secondsLeft -= 1
                    } else {
                        state.waiters[id] = nil
                        waiter.continuation.resume(returning: false)
                    }
                }
                if bookmark { for store in state.stores.values { store.bookmark(state.revision) } }
            }
        }
    }

    /// Ends every watch and every wait.
    func stop() {
        state.withLock { state in
            state.isStopped = true
            for path in Array(state.stores.keys) { state.stores[path]?.finishWatchers(throwing: nil) }
            for waiter in state.waiters.values { waiter.continuation.resume(returning: false) }
            state.waiters = [:]
        }
    }

    // MARK: Reading

    var isLoaded: Bool { state.withLock { $0.isLoaded } }
    /// False while the store cannot be followed.
    var isFollowing: Bool { state.withLock { $0.isFollowing } }
    var revision: Int64 { state.withLock { $0.revision } }

    /// Waits until the cache holds everything up to `revision`, for about three seconds at most.
    func reach(_ revision: Int64) async throws(APIStatus) {
        let isReached = await withCheckedContinuation { continuation in
            state.withLock { state in
                if state.isLoaded && state.revision >= revision {
                    continuation.resume(returning: true)
                } else if state.isStopped {
                    continuation.resume(returning: false)
                } else {
                    let waiter = Waiter(revision: revision, secondsLeft: 3, continuation: continuation)
                    state.waiters[state.nextID()] = waiter
                }
            }
        }
        guard !isReached else { return }
        throw .timeout(
            "Too large resource version: \(revision), current: \(self.revision)",
            retryAfter: 1,
            causes: [["reason": "ResourceVersionTooLarge", "message": "Too large resource version"]]
        )
    }

    /// Waits until the cache is as new as the store is now.
    func catchUp() async throws(APIStatus) {
        let current: Int64
        do { current = try await storage.get("\(Self.root)health").revision } catch { throw APIStatus(error) }
        try await reach(current)
    }

    func get(_ path: String, _ key: String) -> CachedObject? { state.withLock { $0.stores[path]?[key] } }

    func list(_ path: String, namespace: String?) -> (objects: [CachedObject], revision: Int64) {
        state.withLock { state in (state.stores[path]?.list(namespace: namespace) ?? [], state.revision) }
    }

    var counts: [(path: String, objects: Int, watchers: Int)] {
        state.withLock { state in
            state.stores.map { ($0.key, $0.value.count, $0.value.watcherCount) }.sorted { $0.0 < $1.0 }
        }
    }

    // MARK: Watching

    /// Where a watch begins.
    package enum WatchStart: Sendable {
        case after(Int64)
        /// Every object there is, then changes.
        case initialObjects
        /// As ``initialObjects``, and a mark after the last of them.
        case initialObjectsAndMark
    }

    /// Changes of one resource, of one namespace or one name where given.
    func watch(
        _ path: String,
        namespace: String?,
        name: String?,
        from start: WatchStart,
        bookmarks: Bool
    ) throws(APIStatus) -> CacheWatch {
        let (stream, continuation) = CacheNotices.makeStream()
        let failure: APIStatus? = state.withLock { state in
            guard !state.isStopped else { return .unavailable("the API server is shutting down") }
            if state.stores[path] == nil { state.stores[path] = ResourceStore(floor: state.floor, capacity: history) }
            let id = state.nextID()
            var after = state.revision
            if case .after(let revision) = start { after = revision }
            let watcher = ResourceStore.Watcher(
                continuation: continuation,
                namespace: namespace,
                name: name,
                after: after,
                wantsBookmarks: bookmarks
            )
            var isFromStart = true
            if case .after = start { isFromStart = false }
            guard state.stores[path]?.start(watcher, id: id, withInitialObjects: isFromStart) == true else {
                let floor = state.stores[path]?.floor ?? 0
                return .expired("too old resource version: \(after) (\(floor))")
            }
            if case .initialObjectsAndMark = start { continuation.yield(.initialEventsEnd(state.revision)) }
            // In a task of its own: whoever cancels the reader holds that task's lock while this is called, and an event
            // that is told under our lock waits for it.
            continuation.onTermination = { [weak self] _ in Task { self?.drop(id, of: path) } }
            return nil
        }
        if let failure { throw failure }
        return CacheWatch(notices: stream) { continuation.finish() }
    }

    private func drop(_ id: Int, of path: String) {
        state.withLock { $0.stores[path]?.stop(id) }
    }
}
