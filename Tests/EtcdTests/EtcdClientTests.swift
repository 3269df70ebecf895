import Etcd
import EtcdSupport
import Foundation
import Sandbox
import Testing

@Suite(.serialized, .requiresEtcd, .timeLimit(.minutes(2))) struct `an etcd client` {
    @Test func `reads status, members, alarms and health of a real member`() async throws {
        try await EtcdFixture.with { etcd in
            try await etcd.client { client in
                let status = try await client.status()
                #expect(status.version.hasPrefix("3."))
                #expect(status.isLeader && !status.isLearner && status.errors.isEmpty)
                #expect(status.dbSize > 0 && status.raftIndex > 0 && status.appliedIndex > 0)
                let members = try await client.members()
                #expect(members.map(\.name) == ["cp-1"] && members.map(\.id) == [status.memberID])
                #expect(try await client.alarms().isEmpty)
                #expect(try await client.health().isHealthy)
                #expect(try await client.hashKV().hash != 0)
            }
        }
    }

    @Test func `puts, reads in pages, compares and deletes`() async throws {
        try await EtcdFixture.with { etcd in
            try await etcd.client { client in
                for index in 1...5 { try await client.put("/k/\(index)", [UInt8(index)]) }
                let page = try await client.range(.prefix("/k/"), limit: 2)
                #expect(page.values.map(\.value) == [[1], [2]] && page.count == 5)
                let rest = try await client.range(.prefix("/k/", after: "/k/2"), revision: page.revision)
                #expect(rest.values.map(\.value) == [[3], [4], [5]])
                guard
                    case .conflict(let current, _) = try await client.txn(
                        GuardedChange(key: "/k/1", expected: 99, change: .put([9]))
                    )
                else { throw Unexpected("the guard held") }
                #expect(current?.value == [1])
                let last = try #require(current).modRevision
                guard case .done = try await client.txn(GuardedChange(key: "/k/1", expected: last, change: .delete))
                else { throw Unexpected("the guard failed") }
                #expect(try await client.delete(.prefix("/k/")).deleted == 4)
            }
        }
    }

    @Test func `refuses revisions that are compacted or not reached`() async throws {
        try await EtcdFixture.with { etcd in
            try await etcd.client { client in
                for index in 1...5 { try await client.put("/k", [UInt8(index)]) }
                let now = try await client.range(.key("/k")).revision
                try await client.compact(at: now)
                await #expect(throws: EtcdError.compacted(member: "cp-1")) {
                    try await client.range(.key("/k"), revision: 2)
                }
                await #expect(throws: EtcdError.futureRevision(member: "cp-1")) {
                    try await client.range(.key("/k"), revision: now + 100)
                }
                #expect(await client.oldestRevision(since: 2) == now)
            }
        }
    }

    @Test func `watches with previous values, and hears of compaction`() async throws {
        try await EtcdFixture.with { etcd in
            try await etcd.client { client in
                let first = try await client.put("/w/a", [1])
                var seen: [KeyChange] = []
                let watch = client.watch(.prefix("/w/"), from: first, previous: true)
                try await client.put("/w/a", [2])
                try await client.delete(.key("/w/a"))
                for try await message in watch {
                    if case .changes(let changes, _) = message { seen += changes }
                    if seen.count == 3 { break }
                }
                #expect(seen.map(\.kind) == [.put, .put, .delete])
                #expect(seen.map(\.previous?.value) == [nil, [1], [2]])
                let now = try await client.put("/w/b", [1])
                try await client.compact(at: now)
                await #expect(throws: WatchEnd.compacted(oldest: now)) {
                    for try await _ in client.watch(.prefix("/w/"), from: 2) {}
                }
            }
        }
    }

    @Test func `moves leadership`() async throws {
        try await EtcdFixture.with(members: 3) { etcd in
            let leader = try await etcd.client { try await $0.status().leader }
            for index in 0..<3 {
                try await etcd.client(index) { client in
                    let status = try await client.status()
                    guard status.isLeader else { return }
                    let other = try #require(try await client.members().first { $0.id != leader })
                    try await client.moveLeader(to: other.id)
                    try await eventually("leadership moved") { try await client.status().leader == other.id }
                }
            }
        }
    }

    @Test func `says so when nothing listens`() async throws {
        let pki = try SandboxPKI(.init(controlPlanes: ["cp-1"], endpoint: "https://127.0.0.1:1"))
        let identity = try #require(pki.identity(of: "cp-1", "pki/apiserver-etcd-client"))
        let tls = EtcdTLS(ca: pki.etcdCA.identity.certificate, certificate: identity.certificate, key: identity.key)
        let port = try #require(LoopbackPorts.free(1).first)
        let error = await #expect(throws: EtcdError.self) {
            try await EtcdClient.with(endpoint: .host("127.0.0.1", port), tls: tls, member: "cp-1") {
                try await $0.status()
            }
        }
        guard case .unreachable("cp-1", let reason) = error else { throw Unexpected("\(String(describing: error))") }
        #expect(reason.contains("refused"), "\(reason)")
    }

    @Test func `keeps its deadline when a member hangs, and works once it goes on`() async throws {
        try await EtcdFixture.with { etcd in
            try await etcd.client(timeout: .milliseconds(400)) { client in
                try await eventually("answers") { try await client.health().isHealthy }
                await etcd.cluster.members[0].setFrozen(true)
                await #expect(throws: EtcdError.noAnswer(member: "cp-1", call: "Status", within: .milliseconds(400))) {
                    try await client.status()
                }
                await etcd.cluster.members[0].setFrozen(false)
                try await eventually("answers again") { try await client.health().isHealthy }
            }
        }
    }

    @Test func `survives a member's restart, and tells when the quorum is gone`() async throws {
        try await EtcdFixture.with(members: 3) { etcd in
            try await etcd.client(timeout: .seconds(3)) { client in
                await etcd.cluster.members[1].stop()
                try await client.put("/q", [1])
                await etcd.cluster.members[2].stop()
                let health = try await client.health()
                #expect(!health.isHealthy)
                try await etcd.cluster.members[1].start()
                try await client.put("/q", [2])
                try await etcd.cluster.members[0].restart()
                try await eventually("reconnects") { try await client.health().isHealthy }
            }
        }
    }
}

@Suite(.requiresEtcd, .timeLimit(.minutes(2))) struct `an etcd client's TLS` {
    private func error(_ member: EtcdMember, _ tls: EtcdTLS?, _ endpoint: EtcdEndpoint? = nil) async -> EtcdError? {
        do {
            _ = try await EtcdClient.with(endpoint: endpoint ?? member.endpoint, tls: tls, member: "cp-1") {
                try await $0.status()
            }
            return nil
        } catch { return error as? EtcdError }
    }

    @Test func `explains each way in which certificates do not fit`() async throws {
        try await EtcdFixture.with { etcd in
            let member = etcd.cluster.members[0]
            let good = member.tls
            let names = SandboxPKI.Names(controlPlanes: ["cp-1"], endpoint: "https://127.0.0.1:1")
            let stranger = try SandboxPKI(names)
            let foreign = try #require(stranger.identity(of: "cp-1", "pki/apiserver-etcd-client"))

            #expect(await error(member, good) == nil)

            var wrongCA = good
            wrongCA.ca = stranger.etcdCA.identity.certificate
            guard case .untrusted("cp-1", let why) = await error(member, wrongCA) else { throw Unexpected("wrong CA") }
            #expect(why.contains("not the CA given"), "\(why)")

            var wrongClient = good
            (wrongClient.certificate, wrongClient.key) = (foreign.certificate, foreign.key)
            let refused = await error(member, wrongClient)
            guard case .identityRefused("cp-1", _) = refused else { throw Unexpected("\(String(describing: refused))") }

            let lastYear = Validity(days: 30, from: .now - 100 * 86_400)
            let expired = try etcd.pki.etcdCA.issue(Subject(commonName: "old", usage: .client), validity: lastYear)
            var old = good
            (old.certificate, old.key) = (expired.certificate, expired.key)
            guard case .identityRefused("cp-1", let when) = await error(member, old) else {
                throw Unexpected("expired")
            }
            #expect(when.contains("expired on"), "\(when)")

            var noPEM = good
            noPEM.key = Array("nonsense".utf8)
            guard case .unusableIdentity("cp-1", _) = await error(member, noPEM) else { throw Unexpected("no PEM") }

            let plain = await error(member, nil)
            guard case .unreachable("cp-1", _) = plain else { throw Unexpected("\(String(describing: plain))") }
        }
    }

    @Test func `asks for the member's name over a Unix socket`() async throws {
        try await EtcdFixture.with { etcd in
            let member = etcd.cluster.members[0]
            let path = etcd.folder + "/forwarded.sock"
            let forwarder = try await SocketForwarder(path: path, port: member.configuration.clientPort)
            var named = member.tls
            #expect(await error(member, named, .socket(path: path)) == nil)
            named.serverName = "cp-1"
            #expect(await error(member, named, .socket(path: path)) == nil)
            named.serverName = "elsewhere.example"
            let found = await error(member, named, .socket(path: path))
            guard case .untrusted("cp-1", let why) = found else { throw Unexpected("\(String(describing: found))") }
            #expect(why.contains("elsewhere.example") && why.contains("localhost"), "\(why)")
            try await forwarder.close()
            guard case .unreachable = await error(member, member.tls, .socket(path: path)) else {
                throw Unexpected("nobody listens on the socket")
            }
        }
    }

    @Test func `explains an expired member certificate`() async throws {
        let folder = try TemporaryFolder()
        defer { folder.remove() }
        let pki = try SandboxPKI(.init(controlPlanes: ["cp-1"], endpoint: "https://127.0.0.1:1"))
        var certificates = try #require(EtcdMember.Certificates(pki, node: "cp-1"))
        certificates.server = try pki.etcdCA.issue(
            Subject(commonName: "cp-1", usage: .both, hosts: ["localhost", "127.0.0.1"]),
            validity: Validity(days: 30, from: .now - 100 * 86_400)
        )
        let ports = LoopbackPorts.free(2)
        let member = EtcdMember(
            .init(name: "cp-1", folder: folder.path, clientPort: ports[0], peerPort: ports[1]),
            certificates: certificates,
            binary: try .find()
        )
        try await member.start(deadline: nil)
        var found: EtcdError?
        do {
            try await eventually("listens") {
                found = await error(member, member.tls)
                if case .untrusted = found { return true }
                return false
            }
        } catch {
            await member.kill()
            throw error
        }
        await member.kill()
        #expect(found?.description.contains("expired on") == true, "\(String(describing: found))")
    }
}

struct Unexpected: Error, CustomStringConvertible {
    let description: String
    init(_ description: String) { self.description = description }
}
