import Crypto
import Etcd
import EtcdSupport
import Foundation
import Sandbox
import Testing

@Suite(.serialized, .requiresEtcd, .timeLimit(.minutes(3))) struct `a snapshot` {
    private static func hex(_ digest: some Sequence<UInt8>) -> String {
        digest.map { String(format: "%02x", $0) }.joined()
    }

    private static func fill(_ client: EtcdClient, megabytes: Int) async throws {
        let value = [UInt8](repeating: 0x61, count: 1 << 20)
        for index in 0..<megabytes { try await client.put("/fill/\(index)", value) }
    }

    @Test func `of a member under writes is whole, private, and its own hash`() async throws {
        let folder = try TemporaryFolder()
        defer { folder.remove() }
        try await EtcdFixture.with { etcd in
            try await etcd.client { client in
                try await Self.fill(client, megabytes: 20)
                let path = folder.path + "/db"
                let record = try await withThrowingTaskGroup(of: SnapshotRecord?.self) { group in
                    group.addTask {
                        for index in 0... {
                            if Task.isCancelled { break }
                            do { try await client.put("/busy/\(index % 10)", [UInt8](repeating: 1, count: 1000)) } catch
                            {
                                if !Task.isCancelled { throw error }
                            }
                        }
                        return nil
                    }
                    group.addTask { try await client.snapshot(to: path) }
                    let record = try #require(try await group.next() ?? nil)
                    group.cancelAll()
                    return record
                }
                let bytes = try Data(contentsOf: URL(filePath: path))
                #expect(Int64(bytes.count) == record.bytes && record.bytes > 20 << 20)
                #expect(Self.hex(SHA256.hash(data: bytes.dropLast(32))) == record.sha256)
                #expect(Self.hex(bytes.suffix(32)) == record.sha256)
                #expect(Self.hex(SHA256.hash(data: bytes)) == record.fileSHA256)
                #expect((bytes.count - 32) % 4096 == 0)
                let mode = try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
                #expect(mode == 0o600)
                #expect(try folder.entries() == ["db"])
                #expect(try #require(record.revision) >= 21)
            }
        }
    }

    @Test func `leaves nothing when the member is killed meanwhile`() async throws {
        let folder = try TemporaryFolder()
        defer { folder.remove() }
        try await EtcdFixture.with { etcd in
            try await etcd.client { client in
                try await Self.fill(client, megabytes: 60)
                let path = folder.path + "/db"
                async let killed: Void = {
                    try await eventually("the file grows") { try !folder.entries().isEmpty }
                    await etcd.cluster.members[0].kill()
                }()
                let error = await #expect(throws: EtcdError.self) { try await client.snapshot(to: path) }
                try await killed
                guard case .snapshotNotSaved("cp-1", path, .connectionLost) = error else {
                    throw Unexpected("\(String(describing: error))")
                }
                #expect(try folder.entries().isEmpty)
            }
        }
    }

    @Test func `leaves nothing when it is cancelled`() async throws {
        let folder = try TemporaryFolder()
        defer { folder.remove() }
        try await EtcdFixture.with { etcd in
            try await etcd.client { client in
                try await Self.fill(client, megabytes: 60)
                let path = folder.path + "/db"
                let saving = Task { try await client.snapshot(to: path) }
                try await eventually("the file is there") { try !folder.entries().isEmpty }
                saving.cancel()
                let error = await #expect(throws: EtcdError.self) { try await saving.value }
                #expect(error == .snapshotNotSaved(member: "cp-1", file: path, .cancelled))
                #expect(try folder.entries().isEmpty)
            }
        }
    }

    @Test func `gives up a member that falls silent`() async throws {
        let folder = try TemporaryFolder()
        defer { folder.remove() }
        try await EtcdFixture.with { etcd in
            try await etcd.client { client in
                try await Self.fill(client, megabytes: 60)
                let path = folder.path + "/db"
                async let frozen: Void = {
                    try await eventually("the file grows") { try !folder.entries().isEmpty }
                    await etcd.cluster.members[0].setFrozen(true)
                }()
                let error = await #expect(throws: EtcdError.self) {
                    try await client.snapshot(to: path, silence: .seconds(1))
                }
                try await frozen
                guard case .snapshotNotSaved("cp-1", path, .stalled) = error else {
                    throw Unexpected("\(String(describing: error))")
                }
                #expect(try folder.entries().isEmpty)
            }
        }
    }

    @Test(.enabled("needs root, to mount a small tmpfs") { SmallDisk.isPossible })
    func `says that the disk is full, and leaves nothing on it`() async throws {
        let disk = try SmallDisk(bytes: 4 << 20)
        defer { disk.remove() }
        try await EtcdFixture.with { etcd in
            try await etcd.client { client in
                try await Self.fill(client, megabytes: 10)
                let path = disk.path + "/db"
                let error = await #expect(throws: EtcdError.self) { try await client.snapshot(to: path) }
                guard case .snapshotNotSaved("cp-1", path, .diskFull(let written, let needed)) = error else {
                    throw Unexpected("\(String(describing: error))")
                }
                #expect(written > 0 && written <= 4 << 20 && (needed ?? 0) > 10 << 20)
                #expect(try FileManager.default.contentsOfDirectory(atPath: disk.path).isEmpty)
            }
        }
    }

    @Test func `removes what killed savers left, and only that`() async throws {
        let folder = try TemporaryFolder()
        defer { folder.remove() }
        try await EtcdFixture.with { etcd in
            try await etcd.client { client in
                let path = folder.path + "/db"
                for name in [".db.99999999.partial", ".db.1.partial", ".other.1.partial", ".db.x.partial"] {
                    try #require(
                        FileManager.default.createFile(atPath: "\(folder.path)/\(name)", contents: Data("old".utf8))
                    )
                }
                let alive = try PartialFile.create(for: path)
                defer { alive.discard() }
                _ = try await client.snapshot(to: path)
                let name = try #require(alive.temporaryPath.split(separator: "/").last.map(String.init))
                #expect(try folder.entries() == [name, ".db.x.partial", ".other.1.partial", "db"].sorted())
            }
        }
    }

    @Test func `says what is wrong with a folder that cannot be written`() async throws {
        try await EtcdFixture.with { etcd in
            try await etcd.client { client in
                let error = await #expect(throws: EtcdError.self) { try await client.snapshot(to: "/nonexistent/db") }
                guard case .snapshotNotSaved("cp-1", "/nonexistent/db", .fileSystem(let what, _)) = error else {
                    throw Unexpected("\(String(describing: error))")
                }
                #expect(what.contains("create"))
            }
        }
    }
}

@Suite struct `a snapshot's stream` {
    private static let database = (0..<5_000_000).map { UInt8(truncatingIfNeeded: $0 &* 31) }
    private static let digest = Array(SHA256.hash(data: database))

    private func receive(_ bytes: [UInt8], chunk: Int, total: Int? = nil) throws -> (data: [UInt8], hash: String) {
        var receiver = SnapshotReceiver()
        var data: [UInt8] = []
        var sent = 0
        let total = total ?? bytes.count - 32
        while sent < bytes.count {
            // The hash comes in a message of its own, after the database.
            let end = sent < total ? min(sent + chunk, total, bytes.count) : bytes.count
            let piece = try receiver.take(bytes[sent..<end], remaining: UInt64(max(0, total - end)))
            data += piece ?? []
            sent = end
        }
        let (rest, hash, _) = try receiver.finish()
        return (data + rest, hash)
    }

    @Test(arguments: [1000, 32768, 1 << 20, 10_000_000]) func `is put together whatever the size of its messages`(
        chunk: Int
    ) throws {
        let whole = Self.database + Self.digest
        let (data, _) = try receive(whole, chunk: chunk)
        #expect(data == whole)
    }

    @Test func `is refused when one byte is another`() throws {
        var whole = Self.database + Self.digest
        whole[1_234_567] ^= 1
        let error = #expect(throws: SnapshotFault.self) { try receive(whole, chunk: 32768) }
        guard case .hashMismatch = error else { throw Unexpected("\(String(describing: error))") }
    }

    @Test func `is refused when it ends early, without its hash, or with nothing`() throws {
        let whole = Self.database + Self.digest
        for cut in [0, 1, 32, 100_000, Self.database.count, Self.database.count + 31] {
            #expect(throws: SnapshotFault.self, "cut at \(cut)") {
                try receive(Array(whole.prefix(cut)), chunk: 32768, total: Self.database.count)
            }
        }
    }

    @Test func `is given up when a member sends nothing for ever`() throws {
        var receiver = SnapshotReceiver()
        _ = try receiver.take([1, 2, 3], remaining: 100)
        #expect(throws: SnapshotFault.incomplete(received: 3, announced: 103)) {
            try receiver.take([UInt8](), remaining: 100)
        }
    }

    @Test func `is given up when its announcements contradict each other or overflow`() throws {
        var receiver = SnapshotReceiver()
        _ = try receiver.take([1, 2, 3], remaining: 100)
        #expect(throws: SnapshotFault.self) { try receiver.take([4], remaining: 100) }
        var other = SnapshotReceiver()
        #expect(throws: SnapshotFault.self) { try other.take([4], remaining: .max) }
        #expect(throws: SnapshotFault.self) { try other.take([4], remaining: UInt64(Int64.max)) }
    }
}
