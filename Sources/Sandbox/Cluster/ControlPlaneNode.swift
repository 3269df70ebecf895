import Etcd
import KubernetesModel
import KubernetesVersions
import Synchronization

/// Where an API server of the sandbox keeps its objects.
enum ObjectStore: Sendable {
    case member(EtcdEndpoint, EtcdTLS)
    case memory(MemoryStorage)
}

/// What a control-plane node's static pods start: its etcd member and that member's endpoint, its API server, its
/// controller manager and its scheduler. The node's kubelet starts and stops them; nothing else does.
actor ControlPlaneNode: StaticPodRuntime {
    nonisolated let name: String
    nonisolated let apiPort: Int
    nonisolated let faults: APIFaults
    /// The real member and the endpoint in front of it; nil where objects are kept in memory.
    nonisolated let member: EtcdMember?
    nonisolated let endpoint: EtcdProxy?
    private let storage: ObjectStore
    private let tls: APIServerTLS
    private let clock: SandboxClock
    private let log: @Sendable (String) -> Void
    private nonisolated let current = Mutex<APIServer?>(nil)
    private var running: [String: Job] = [:]
    private var isMemberHeldDown = false
    private nonisolated let nursery = AsyncStream.makeStream(of: Job.self)

    init(
        name: String,
        apiPort: Int,
        faults: APIFaults,
        member: EtcdMember?,
        endpoint: EtcdProxy?,
        storage: ObjectStore,
        tls: APIServerTLS,
        clock: SandboxClock,
        log: @escaping @Sendable (String) -> Void
    ) {
        self.name = name
        self.apiPort = apiPort
        self.faults = faults
        self.member = member
        self.endpoint = endpoint
        self.storage = storage
        self.tls = tls
        self.clock = clock
        self.log = log
    }

    /// The API server that serves on this node now.
    nonisolated var server: APIServer? { current.withLock { $0.flatMap { $0.isServing ? $0 : nil } } }

    /// Keeps what is started alive, until cancelled; then everything of the node has ended.
    nonisolated func run() async {
        await withDiscardingTaskGroup { group in
            if let endpoint {
                group.addTask { [log, name] in
                    do { try await endpoint.run() } catch is CancellationError {} catch {
                        log("\(name): etcd endpoint ended: \(error)")
                    }
                }
            }
            for await job in nursery.stream { group.addTask { await job.run() } }
            group.cancelAll()
        }
        await member?.kill()
    }

    func start(pod: KubernetesObject) async throws {
        let component = pod.staticComponent
        await stop(component: component)
        let image = pod.spec["containers"]?[0]?["image"]?.string ?? ""
        switch component {
        case "etcd": try await startMember(image: image)
        case "kube-apiserver": try await startServer(image: image)
        case "kube-controller-manager":
            let manager = ControllerManager(node: name, access: localAccess, clock: clock, log: log)
            begin(component) { await manager.run() }
        case "kube-scheduler":
            let scheduler = Scheduler(node: name, access: localAccess, clock: clock, log: log)
            begin(component) { await scheduler.run() }
        default: begin(component) { await Gate().wait() }
        }
    }

    func stop(component: String) async {
        guard let job = running.removeValue(forKey: component) else { return }
        if component == "etcd" { await member?.stop() }
        if component == "kube-apiserver", let server = current.withLock(\.self) {
            server.stop()
        } else {
            job.cancel()
        }
        await job.ended.wait()
    }

    func isReady(component: String) async -> Bool {
        guard running[component] != nil else { return false }
        switch component {
        case "etcd": return await isMemberHealthy
        case "kube-apiserver":
            guard let server else { return false }
            return (try? await server.registry.storage.get("/registry/health")) != nil
        default: return true
        }
    }

    /// The fault "etcd": holds the member down until it is lifted.
    func setMemberHeldDown(_ isDown: Bool) async {
        isMemberHeldDown = isDown
        if isDown {
            await member?.stop()
        } else if running["etcd"] != nil {
            do { try await member?.start(deadline: nil) } catch { log("\(name): etcd does not start: \(error)") }
        }
    }

    private var isMemberHealthy: Bool {
        get async {
            guard let member else { return true }
            guard await member.isRunning else { return false }
            let health = try? await EtcdClient.with(
                endpoint: member.endpoint,
                tls: member.tls,
                member: name,
                timeout: .seconds(2)
            ) { try await $0.health() }
            if case .healthy = health { return true }
            return false
        }
    }

    private func startMember(image: String) async throws {
        let tag = image.split(separator: ":").last.map(String.init) ?? ""
        endpoint?.version = String(tag.prefix { $0 != "-" })
        if !isMemberHeldDown { try await member?.start(deadline: nil) }
        begin("etcd") { await Gate().wait() }
    }

    private func startServer(image: String) async throws {
        let tag = image.split(separator: ":").last.map(String.init) ?? ""
        let version = try KubernetesVersion(parsing: tag)
        begin("kube-apiserver") { [self] in
            while !Task.isCancelled {
                do { return try await serve(version) } catch is CancellationError { return } catch {
                    // As a container that crashed; the port of the server before may still be closing.
                    log("\(name): API server ended, and is started again: \(error)")
                    try? await Task.sleep(for: .milliseconds(100))
                }
            }
        }
    }

    private nonisolated func serve(_ version: KubernetesVersion) async throws {
        switch storage {
        case .memory(let storage): try await serve(version, storage)
        case .member(let endpoint, let tls):
            try await EtcdClient.with(endpoint: endpoint, tls: tls, member: name) { client in
                try await serve(version, EtcdStorage(client))
            }
        }
    }

    private nonisolated func serve(_ version: KubernetesVersion, _ storage: any Storage) async throws {
        let server = APIServer(
            node: name,
            version: version,
            storage: storage,
            tls: tls,
            port: apiPort,
            faults: faults
        )
        current.withLock { $0 = server }
        defer { current.withLock { if $0 === server { $0 = nil } } }
        try await server.run()
    }

    private nonisolated var localAccess: AnyServerAccess {
        AnyServerAccess { [self] in server.map { [$0.access] } ?? [] }
    }

    private func begin(_ component: String, _ body: @escaping @Sendable () async -> Void) {
        let job = Job(body)
        running[component] = job
        nursery.continuation.yield(job)
    }
}

/// Something that runs until it ends or is cancelled, and whose end can be waited for.
private final class Job: Sendable {
    let ended = Gate()
    private let cancelled = Gate()
    private let body: @Sendable () async -> Void

    init(_ body: @escaping @Sendable () async -> Void) { self.body = body }

    func cancel() { cancelled.open() }

    func run() async {
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await self.body() }
            group.addTask { await self.cancelled.wait() }
            await group.next()
            group.cancelAll()
        }
        ended.open()
    }
}
