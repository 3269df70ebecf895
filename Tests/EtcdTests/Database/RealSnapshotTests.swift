import Bolt
import Crypto
import Etcd
import EtcdSupport
import Foundation
import Sandbox
import Testing

/// Snapshots of real members, held against the members themselves and against etcd's own tools.
@Suite(.serialized, .requiresEtcd, .requiresEtcdTools, .timeLimit(.minutes(5))) struct `a real snapshot` {
    /// What `etcdutl snapshot status -w json` prints.
    private struct Status: Decodable, Equatable {
        var hash: UInt32
        var revision: Int64
        var totalKey: UInt64
        var totalSize: UInt64
    }

    private static func status(_ path: String) async throws -> Status {
        let text = try await EtcdTools.etcdutl("snapshot", "status", path, "-w", "json")
        return try JSONDecoder().decode(Status.self, from: Data(text.utf8))
    }

    /// Debian's etcd, and 3.5.
    private static func binary(_ version: String) throws -> EtcdBinary {
        version == "3.5" ? EtcdTools.etcd : try .find()
    }

    /// Saves, and expects that the file verifies, that etcdutl says the same of it, and that the member has its HashKV.
    @discardableResult
    private static func verified(
        _ client: EtcdClient,
        _ path: String,
        isDeep: Bool = false
    ) async throws -> DatabaseVerification {
        _ = try await client.snapshot(to: path)
        let verification = try await DatabaseVerification(path: path, isDeep: isDeep)
        let contents = verification.contents
        #expect(verification.damages == [])
        #expect(verification.kind == .snapshot && verification.sha256 == verification.storedSHA256)
        let found = Status(
            hash: contents.hash,
            revision: contents.lastRevision?.main ?? 0,
            totalKey: contents.items,
            totalSize: verification.bytes - 32
        )
        let status = try await Self.status(path)
        #expect(found == status)
        let database = try StoredDatabase(path: path)
        let short = try DatabaseStatus(database)
        #expect(
            Status(hash: short.hash, revision: short.revision, totalKey: short.totalKey, totalSize: short.totalSize)
                == status
        )
        if let last = contents.lastRevision {
            // Asked for a revision that is compacted itself, members before 3.5.10 refuse.
            let member = try await client.hashKV(revision: last.main == contents.compacted ? 0 : last.main)
            #expect(member.hash == contents.hashKV)
            #expect(max(member.compactRevision, 0) == contents.compacted ?? 0)
            #expect(try database.hashKV(revision: last.main, compacted: contents.compacted) == member.hash)
        }
        return verification
    }

    @Test(arguments: ["3.4", "3.5"]) func `has the HashKV that was written down, at five compactions`(
        version: String
    ) async throws {
        let folder = try TemporaryFolder()
        defer { folder.remove() }
        try await EtcdFixture.with(binary: Self.binary(version)) { etcd in
            try await etcd.client { client in
                for name in ["a", "b", "c", "d", "e"] { try await client.put("/k/\(name)", Array("1".utf8)) }
                for name in ["a", "b", "c"] { try await client.put("/k/\(name)", Array("2".utf8)) }
                _ = try await client.delete(.key("/k/d"))
                try await client.put("/k/a", Array("3".utf8))
                _ = try await client.delete(.key("/k/b"))
                try await client.put("/k/d", Array("again".utf8))
                _ = try await client.delete(.key("/k/e"))
                try await client.put("/k/z", Array("1".utf8))
                let golden: [(Int64?, UInt32)] = [
                    (nil, 4_111_317_718), (10, 670_487_189), (12, 2_788_300_589), (14, 1_366_675_655),
                    (15, 1_366_675_655),
                ]
                for (compaction, hash) in golden {
                    if let compaction { try await client.compact(at: compaction) }
                    let path = folder.path + "/\(compaction ?? 0)"
                    let found = try await Self.verified(client, path)
                    #expect(found.contents.hashKV == hash)
                    #expect(found.contents.compacted == compaction && found.contents.revision == 15)
                    #expect(found.contents.liveKeys == 4)
                    // What the member says of every revision that it still has, the file says too.
                    let database = try StoredDatabase(path: path)
                    for revision in stride(from: (compaction ?? 1) + 1, through: 15, by: 1) {
                        let member = try await client.hashKV(revision: revision)
                        #expect(try database.hashKV(revision: revision, compacted: compaction) == member.hash)
                    }
                }
                // A file from before a compaction is comparable with a member after it.
                let first = try StoredDatabase(path: folder.path + "/0")
                #expect(try first.hashKV(revision: 15, compacted: 12) == 2_788_300_589)
                #expect(try first.hashKV(revision: 15, compacted: 15) == 1_366_675_655)
            }
        }
    }

    @Test(arguments: ["3.4", "3.5"]) func `without a key, and with one`(version: String) async throws {
        let folder = try TemporaryFolder()
        defer { folder.remove() }
        try await EtcdFixture.with(binary: Self.binary(version)) { etcd in
            try await etcd.client { client in
                let empty = try await Self.verified(client, folder.path + "/empty")
                #expect(empty.contents.rows == 0 && empty.contents.lastRevision == nil && empty.contents.revision == 1)
                #expect(empty.contents.members.map(\.name) == ["cp-1"])
                try await client.put("/registry/minions/cp-1", Array("k8s\0".utf8))
                let one = try await Self.verified(client, folder.path + "/one")
                #expect(one.contents.objects.keys.map(\.resource) == ["nodes"])
            }
        }
    }

    @Test(arguments: ["3.4", "3.5"]) func `tells members, leases, alarms, versions and users`(
        version: String
    ) async throws {
        let folder = try TemporaryFolder()
        defer { folder.remove() }
        try await EtcdFixture.with(members: 3, quota: 32 << 20, binary: Self.binary(version)) { etcd in
            let member = etcd.cluster.members[0]
            var last = ""
            for _ in 0..<30 {
                let answer = try await EtcdTools.etcdctl(member, "lease", "grant", "3600")
                last = try #require(answer.split(separator: " ").dropFirst().first.map(String.init))
            }
            _ = try await EtcdTools.etcdctl(member, "put", "/registry/events/shop/e1", "{}", "--lease=" + last)
            try await etcd.client { client in
                let path = folder.path + "/leases"
                let found = try await Self.verified(client, path).contents
                #expect(found.leases == 30 && found.keysWithLease == 1)
                #expect(found.clusterVersion == version + ".0" && found.storageVersion == nil)
                #expect(found.members.map(\.name).sorted() == ["cp-1", "cp-2", "cp-3"])
                let listed = try await client.members()
                #expect(Set(found.members.map(\.id)) == Set(listed.map(\.id)))
                #expect(found.alarms == [] && !found.isAuthEnabled && found.users == 0)
                let status = try await client.status()
                #expect(try #require(found.consistentIndex) <= status.raftIndex)
                #expect(found.term == (version == "3.4" ? nil : status.raftTerm))

                let value = [UInt8](repeating: 1, count: 1 << 20)
                do { for index in 0..<64 { try await client.put("/fill/\(index)", value) } } catch EtcdError
                    .quotaExceeded
                {}
                let full = try await Self.verified(client, folder.path + "/full").contents
                let alarms = try await client.alarms()
                #expect(Set(full.alarms.map(\.kind)) == ["NOSPACE"])
                // The other members raise theirs a little later.
                #expect(Set(full.alarms.map(\.memberID)).isSubset(of: alarms.map(\.memberID)))
            }
            _ = try await EtcdTools.etcdctl(member, "alarm", "disarm")
            _ = try await EtcdTools.etcdctl(member, "role", "add", "root")
            _ = try await EtcdTools.etcdctl(member, "user", "add", "root:secret")
            _ = try await EtcdTools.etcdctl(member, "user", "grant-role", "root", "root")
            _ = try await EtcdTools.etcdctl(member, "auth", "enable")
            let path = folder.path + "/auth"
            _ = try await EtcdTools.etcdctl(member, "--user", "root:secret", "snapshot", "save", path)
            let found = try await DatabaseVerification(path: path)
            #expect(found.isSound && found.contents.isAuthEnabled)
            #expect(found.contents.users == 1 && found.contents.roles == 1 && found.contents.alarms == [])
            #expect(try await Self.status(path).hash == found.contents.hash)
        }
    }

    @Test(arguments: ["3.4", "3.5"]) func `of values from one byte to a megabyte, while others write`(
        version: String
    ) async throws {
        let folder = try TemporaryFolder()
        defer { folder.remove() }
        try await EtcdFixture.with(binary: Self.binary(version)) { etcd in
            try await etcd.client { client in
                for size in [1, 2, 100, 1000, 2030, 4000, 4096, 5000, 70_000, 1 << 20] {
                    for index in 0..<3 {
                        try await client.put(
                            "/registry/configmaps/ns-\(index)/of-\(size)",
                            [UInt8](repeating: 65, count: size)
                        )
                    }
                }
                for round in 0..<400 {
                    try await client.put(
                        "/registry/pods/shop/web-\(round % 150)",
                        [UInt8](repeating: UInt8(round % 256), count: 700)
                    )
                }
                let busy = Task {
                    for index in 0... {
                        if Task.isCancelled { break }
                        try await client.put("/registry/events/shop/e-\(index % 50)", [UInt8](repeating: 2, count: 300))
                    }
                }
                for round in 0..<5 {
                    let path = folder.path + "/\(round)"
                    _ = try await client.snapshot(to: path)
                    let found = try await DatabaseVerification(path: path)
                    #expect(found.damages == [])
                    #expect(try await Self.status(path).hash == found.contents.hash)
                    let last = try #require(found.contents.lastRevision?.main)
                    #expect(try await client.hashKV(revision: last).hash == found.contents.hashKV)
                    let pods = found.contents.objects[ObjectGroup(resource: "pods", namespace: "shop")]
                    #expect(pods?.keys == 150 && pods?.allRows == 400)
                }
                busy.cancel()
                _ = await busy.result
                let revision = try await client.status().revision
                try await client.compact(at: revision)
                _ = try await EtcdTools.etcdctl(etcd.cluster.members[0], "defrag")
                try await Self.verified(client, folder.path + "/defragmented")
            }
        }
    }

    @Test(arguments: ["3.4", "3.5"]) func `is told from a database that was copied, and from one that lost its hash`(
        version: String
    ) async throws {
        let folder = try TemporaryFolder()
        defer { folder.remove() }
        try await EtcdFixture.with(binary: Self.binary(version)) { etcd in
            let snapshots = try await etcd.client { client in
                var paths: [String] = []
                for index in 0..<6 {
                    try await client.put("/k/\(index)", [1])
                    paths.append(folder.path + "/\(index)")
                    try await Self.verified(client, paths[index])
                }
                return paths
            }
            let member = etcd.cluster.members[0]
            for _ in 0..<2 {
                await member.stop()
                let copied = try await DatabaseVerification(path: member.dataFolder + "/member/snap/db")
                #expect(copied.damages == [] && copied.kind == .raw && copied.storedSHA256 == nil)
                try await member.start()
            }
            for path in snapshots {
                let bytes = Array(try Data(contentsOf: URL(filePath: path)).dropLast(32))
                let found = await DatabaseVerification(MemorySource(bytes), path: path)
                // Where its transaction is even, nothing in the file tells.
                let isOdd = try #require(found.meta).transaction % 2 == 1
                #expect(found.damages == (isOdd ? [.noHash] : []) && found.kind == .raw)
            }
        }
    }

    @Test(arguments: ["3.4", "3.5"]) func `is edited so that bbolt itself finds it sound`(version: String) async throws
    {
        let folder = try TemporaryFolder()
        defer { folder.remove() }
        try await EtcdFixture.with(binary: Self.binary(version)) { etcd in
            try await etcd.client { client in
                for index in 0..<500 { try await client.put("/k/\(index)", [UInt8](repeating: 1, count: 500)) }
                let before = try await Self.verified(client, folder.path + "/before")
                var bytes = Array(try Data(contentsOf: URL(filePath: before.path)).dropLast(32))
                // As many members as do not fit within the root's page.
                var members: [[UInt8]: [UInt8]] = [:]
                for id in 1...15 {
                    let json = #"{"id":\#(id),"peerURLs":["http://127.0.0.1:\#(id)"],"name":"m\#(id)"}"#
                    members[Array(String(id, radix: 16).utf8)] = Array(json.utf8)
                }
                let file = try BoltFile(MemorySource(bytes))
                let edit = try BoltEdit(
                    file,
                    contents: [Array("members".utf8): members, Array("members_removed".utf8): [:]]
                )
                bytes += edit.pages.bytes
                for meta in edit.metas {
                    bytes.replaceSubrange(Int(meta.offset)..<Int(meta.offset) + meta.bytes.count, with: meta.bytes)
                }
                let path = folder.path + "/edited"
                try Data(bytes).write(to: URL(filePath: path))
                let after = try await DatabaseVerification(path: path)
                #expect(after.damages == [] && after.kind == .raw)
                #expect(after.contents.members.count == 15 && after.contents.hashKV == before.contents.hashKV)
                let status = try await Self.status(path)
                #expect(status.hash == after.contents.hash && status.totalKey == after.contents.items)
            }
        }
    }
}
