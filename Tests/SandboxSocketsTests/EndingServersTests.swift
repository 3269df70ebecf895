import Etcd
import KubernetesModel
import KubernetesVersions
import Nodes
import Sandbox
import Testing

/// A connection that is accepted and never served is closed; dropped as it came, it would end the whole process.
@Suite(.serialized, .timeLimit(.minutes(2)))
struct `a server that ends closes the connections it has not begun to serve` {
    private static let rounds = 20
    private static let clients = 30

    @Test func `the load balancer, cancelled`() async throws {
        for _ in 0..<Self.rounds {
            let balancer = try await LoadBalancer { [] }
            let port = balancer.port
            await Clients.come {
                await Clients.areLetGo(Self.clients, port: port)
            } whileEnding: {
                try await balancer.run()
            }
        }
    }

    @Test func `the load balancer, with no backend that answers`() async throws {
        let dead = try #require(LoopbackPorts.free(1).first)
        for ports in [[], [dead]] {
            let balancer = try await LoadBalancer { ports }
            let serving = Task { try await balancer.run() }
            await Clients.areLetGo(Self.clients, port: balancer.port)
            serving.cancel()
            _ = await serving.result
        }
    }

    @Test func `the control socket`() async throws {
        try await withSocketFolder { folder in
            for _ in 0..<Self.rounds {
                let server = try await ControlServer(path: "\(folder)/control.sock") { $0 }
                await Clients.come {
                    await Clients.areLetGo(Self.clients, socket: "\(folder)/control.sock")
                } whileEnding: {
                    try await server.run()
                }
            }
        }
    }

    @Test func `a machine`() async throws {
        try await withSocketFolder { folder in
            let machine = try Self.machine()
            for _ in 0..<Self.rounds {
                let server = try await MachineServer(machine, path: "\(folder)/n.sock") { _ in nil }
                await Clients.come {
                    await Clients.areLetGo(Self.clients, socket: "\(folder)/n.sock")
                } whileEnding: {
                    try await server.run()
                }
            }
        }
    }

    @Test func `a machine whose clients go while it opens their port`() async throws {
        let balancer = try await LoadBalancer { [] }
        let balancing = Task { try await balancer.run() }
        try await withSocketFolder { folder in
            let server = try await MachineServer(try Self.machine(), path: "\(folder)/n.sock") { _ in
                (host: "127.0.0.1", port: balancer.port)
            }
            let serving = Task { try await server.run() }
            await withTaskGroup { group in
                for _ in 0..<200 {
                    group.addTask {
                        guard let stream = try? await ByteStream.connect(unixSocket: "\(folder)/n.sock") else { return }
                        try? await stream.channel.executeThenClose { _, _ in
                            try await stream.send(NodeSocketRequest.forward(host: "127.0.0.1", port: 1).bytes)
                        }
                    }
                }
            }
            serving.cancel()
            _ = await serving.result
        }
        balancing.cancel()
        _ = await balancing.result
    }

    @Test func `a bridge to a port`() async throws {
        let balancer = try await LoadBalancer { [] }
        let balancing = Task { try await balancer.run() }
        try await withSocketFolder { folder in
            let server = try await MachineServer(try Self.machine(), path: "\(folder)/n.sock") { _ in
                (host: "127.0.0.1", port: balancer.port)
            }
            let serving = Task { try await server.run() }
            let transport = SocketTransport(node: "w-1", path: "\(folder)/n.sock")
            for _ in 0..<Self.rounds {
                let clients = try await transport.withForwardedPort(host: "127.0.0.1", port: 1) { path in
                    Task { await Clients.areLetGo(Self.clients, socket: path) }
                }
                await clients.value
            }
            serving.cancel()
            _ = await serving.result
        }
        balancing.cancel()
        _ = await balancing.result
    }

    @Test func `the API server`() async throws {
        for _ in 0..<Self.rounds {
            let server = APIServer(
                node: "cp-1",
                version: try KubernetesVersion(parsing: "v1.34.1"),
                storage: MemoryStorage()
            )
            let serving = Task { try await server.run() }
            let port = try await server.listeningPort()
            async let clients: Void = Clients.areLetGo(Self.clients, port: port)
            await Task.yield()
            serving.cancel()
            _ = await serving.result
            await clients
        }
    }

    @Test func `the proxy of an etcd member, to which callers talk`() async throws {
        let pki = try SandboxPKI(.init(controlPlanes: ["cp-1"], endpoint: "https://127.0.0.1:6443"))
        let server = try #require(pki.identity(of: "cp-1", "pki/etcd/server"))
        let client = try #require(pki.identity(of: "cp-1", "pki/apiserver-etcd-client"))
        let authority = pki.etcdCA.identity.certificate
        let tls = EtcdTLS(ca: authority, certificate: client.certificate, key: client.key)
        let dead = try #require(LoopbackPorts.free(1).first)
        for _ in 0..<5 {
            let proxy = try EtcdProxy(
                port: nil,
                identity: server,
                clientCA: authority,
                upstream: ("127.0.0.1", dead),
                tls: tls,
                version: "3.5.16"
            )
            let (ready, listening) = AsyncStream<Void>.makeStream()
            let serving = Task { try await proxy.run { listening.yield() } }
            for await _ in ready { break }
            async let others: Void = Clients.areLetGo(Self.clients, port: proxy.port)
            await withTaskGroup { group in
                for _ in 0..<8 {
                    group.addTask {
                        try? await EtcdClient.with(endpoint: proxy.endpoint, tls: tls, member: "cp-1") { client in
                            for _ in 0..<8 { _ = try await client.status() }
                        }
                    }
                }
                await group.next()
                serving.cancel()
            }
            _ = await serving.result
            await others
        }
    }

    private static func machine() throws -> Machine {
        let version = try KubernetesVersion(parsing: "v1.34.1")
        let core = APICore(storage: MemoryStorage(), version: version)
        return Machine(
            MachineSpec(name: "w-1", address: "10.89.0.9", isControlPlane: false, version: version),
            MachineSurroundings(cluster: core.access)
        )
    }
}
