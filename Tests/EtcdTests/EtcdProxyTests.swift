import Etcd
import EtcdSupport
import Foundation
import Sandbox
import Testing

@Suite(.serialized, .requiresEtcd, .timeLimit(.minutes(2))) struct `an etcd proxy` {
    private static func with(
        _ body: @Sendable (EtcdFixture, EtcdProxy, EtcdClient) async throws -> Void
    ) async throws {
        try await EtcdFixture.with { etcd in
            let member = etcd.cluster.members[0]
            let proxy = try EtcdProxy(for: member, pki: etcd.pki, version: "3.5.16")
            let (ready, listening) = AsyncStream<Void>.makeStream()
            try await withThrowingTaskGroup { group in
                group.addTask { try await proxy.run { listening.yield() } }
                defer { group.cancelAll() }
                for await _ in ready { break }
                try await EtcdClient.with(endpoint: proxy.endpoint, tls: member.tls, member: "cp-1") { client in
                    try await body(etcd, proxy, client)
                }
            }
        }
    }

    @Test func `answers Status with the emulated version, and all the rest as it is`() async throws {
        try await Self.with { etcd, proxy, client in
            let (there, here) = (try await etcd.client { try await $0.status() }, try await client.status())
            #expect(here.version == "3.5.16" && there.version != here.version)
            #expect(here.memberID == there.memberID && here.dbSize == there.dbSize && here.leader == there.leader)
            proxy.version = "3.5.24"
            #expect(try await client.status().version == "3.5.24")
            #expect(try await client.members() == etcd.client { try await $0.members() })
            #expect(try await client.health().isHealthy)
        }
    }

    @Test func `passes writes, errors, watches and snapshots through`() async throws {
        try await Self.with { etcd, _, client in
            let first = try await client.put("/k", [1])
            let watch = client.watch(.key("/k"), from: first)
            for value in 2...4 { try await client.put("/k", [UInt8(value)]) }
            var seen: [UInt8] = []
            for try await message in watch {
                if case .changes(let changes, _) = message { seen += changes.flatMap(\.current.value) }
                if seen.count == 4 { break }
            }
            #expect(seen == [1, 2, 3, 4])
            await #expect(throws: EtcdError.futureRevision(member: "cp-1")) {
                try await client.range(.key("/k"), revision: 10_000)
            }
            for index in 0..<20 { try await client.put("/fill/\(index)", [UInt8](repeating: 1, count: 1 << 20)) }
            let record = try await client.snapshot(to: etcd.folder + "/snapshot")
            #expect(record.bytes > 20 << 20)
        }
    }

    @Test func `asks for a client certificate of the cluster`() async throws {
        try await Self.with { _, proxy, _ in
            let stranger = try SandboxPKI(.init(controlPlanes: ["cp-1"], endpoint: "https://127.0.0.1:1"))
            let identity = try #require(stranger.identity(of: "cp-1", "pki/apiserver-etcd-client"))
            let tls = EtcdTLS(
                ca: stranger.etcdCA.identity.certificate,
                certificate: identity.certificate,
                key: identity.key
            )
            await #expect(throws: EtcdError.self) {
                try await EtcdClient.with(endpoint: proxy.endpoint, tls: tls) { try await $0.status() }
            }
        }
    }

    @Test func `refuses when told to, and fails like its member when that is gone`() async throws {
        try await Self.with { etcd, proxy, client in
            #expect(try await client.health().isHealthy)
            proxy.isRefusing = true
            #expect(try await !client.health().isHealthy)
            proxy.isRefusing = false
            #expect(try await client.health().isHealthy)
            await etcd.cluster.members[0].stop()
            guard case .unreachable = await #expect(throws: EtcdError.self, performing: { try await client.status() })
            else { throw Unexpected("another error") }
            try await etcd.cluster.members[0].start()
            try await eventually("the way is open again") { try await client.health().isHealthy }
        }
    }
}

@Suite(.serialized, .requiresEtcd, .timeLimit(.minutes(2))) struct `an etcd member` {
    @Test func `keeps its data over a crash, and its process is noted while it runs`() async throws {
        try await EtcdFixture.with { etcd in
            let member = etcd.cluster.members[0]
            let noted = "\(member.configuration.folder)/pid"
            #expect(FileManager.default.fileExists(atPath: noted))
            _ = try await etcd.client { try await $0.put("/k", [1]) }
            await member.kill()
            #expect(await member.pid == nil && !FileManager.default.fileExists(atPath: noted))
            try await member.start()
            #expect(try await etcd.client { try await $0.range(.key("/k")).values.map(\.value) } == [[1]])
        }
    }

    @Test func `left by a killed sandbox is ended by the next one`() async throws {
        try await EtcdFixture.with { etcd in
            let member = etcd.cluster.members[0]
            EtcdMember.endStray(in: member.configuration.folder)
            try await eventually("the process ends") { await !member.isRunning }
            try await member.start()
            #expect(await member.isRunning)
        }
    }

    @Test func `says what the program said when it cannot start`() async throws {
        let folder = try TemporaryFolder()
        defer { folder.remove() }
        let pki = try SandboxPKI(.init(controlPlanes: ["cp-1"], endpoint: "https://127.0.0.1:1"))
        let certificates = try #require(EtcdMember.Certificates(pki, node: "cp-1"))
        let ports = LoopbackPorts.free(2)
        let configuration = EtcdMember.Configuration(
            name: "cp-1",
            folder: folder.path,
            clientPort: ports[0],
            peerPort: ports[1],
            initialCluster: ["another": "https://127.0.0.1:1"]
        )
        let member = EtcdMember(configuration, certificates: certificates, binary: try .find())
        let error = await #expect(throws: SandboxError.self) { try await member.start() }
        #expect("\(String(describing: error))".contains("couldn't find local name"), "\(String(describing: error))")
    }

    @Test func `raises NOSPACE when its quota is reached`() async throws {
        try await EtcdFixture.with(quota: 4 << 20) { etcd in
            try await etcd.client { client in
                let error = await #expect(throws: EtcdError.self) {
                    for index in 0..<20 { try await client.put("/f/\(index)", [UInt8](repeating: 1, count: 1 << 20)) }
                }
                #expect(error == .quotaExceeded(member: "cp-1"))
                try await eventually("the alarm") { try await client.alarms().map(\.kind) == [.noSpace] }
            }
        }
    }

    @Test func `is looked for where it is named, and said how to get`() throws {
        #expect(throws: SandboxError.self) { try EtcdBinary.find(["KEELSTEP_ETCD": "/nonexistent"]) }
        #expect(throws: SandboxError.self) { try EtcdBinary.find(["KEELSTEP_ETCD": "/etc/passwd"]) }
        let real = try EtcdBinary.find()
        #expect(try EtcdBinary.find(["KEELSTEP_ETCD": real.path]) == real)
    }
}

@Suite(.requiresEtcd, .timeLimit(.minutes(2))) struct `the latency of a write to three members` {
    @Test(arguments: ["/dev/shm", NSTemporaryDirectory()]) func `is measured`(root: String) async throws {
        let folder = "\(root)/keelstep-latency-\(UInt32.random(in: 0 ... .max))"
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let nodes = ["cp-1", "cp-2", "cp-3"]
        let pki = try SandboxPKI(.init(controlPlanes: nodes, endpoint: "https://127.0.0.1:6443"))
        let cluster = try EtcdCluster(folder: folder, nodes: nodes, pki: pki, binary: .find())
        let clock = ContinuousClock()
        let started = try await clock.measure { try await cluster.start() }
        let member = cluster.members[0]
        var times: [Duration] = []
        do {
            times = try await EtcdClient.with(endpoint: member.endpoint, tls: member.tls) { client in
                var times: [Duration] = []
                let value = [UInt8](repeating: 1, count: 2000)
                for index in 0..<200 {
                    times.append(try await clock.measure { try await client.put("/l/\(index)", value) })
                }
                return times
            }
        } catch {
            await cluster.kill()
            throw error
        }
        await cluster.kill()
        times.sort()
        print("etcd writes in \(root): started in \(started), median \(times[100]), 99th \(times[197])")
        #expect(times[100] < .seconds(1))
    }
}
