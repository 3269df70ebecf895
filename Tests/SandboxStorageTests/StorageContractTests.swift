import Etcd
import Foundation
import Sandbox
import Testing

/// Which storage a contract test runs on.
enum StorageKind: String, CaseIterable, CustomTestStringConvertible {
    case etcd
    case memory

    var testDescription: String { rawValue }

    static var present: [StorageKind] { (try? EtcdBinary.find()) == nil ? [.memory] : [.memory, .etcd] }

    func with(_ body: @Sendable (any Storage) async throws -> Void) async throws {
        switch self {
        case .memory: try await body(MemoryStorage())
        case .etcd:
            let root = FileManager.default.isWritableFile(atPath: "/dev/shm") ? "/dev/shm/" : NSTemporaryDirectory()
            let folder = root + "keelstep-test-\(UInt64.random(in: 0 ... .max))"
            defer { try? FileManager.default.removeItem(atPath: folder) }
            let pki = try SandboxPKI(.init(controlPlanes: ["cp-1"], endpoint: "https://127.0.0.1:6443"))
            let cluster = try EtcdCluster(folder: folder, nodes: ["cp-1"], pki: pki, binary: try .find())
            try await cluster.start()
            let member = cluster.members[0]
            do {
                try await EtcdClient.with(endpoint: member.endpoint, tls: member.tls, member: "cp-1") { client in
                    try await body(EtcdStorage(client))
                }
            } catch {
                await cluster.kill()
                throw error
            }
            await cluster.kill()
        }
    }
}

private struct Unexpected: Error, CustomStringConvertible {
    let description: String
    init(_ description: String) { self.description = description }
}

extension Storage {
    fileprivate func written(_ key: String, _ text: String, expected: Int64 = 0) async throws -> Int64 {
        guard case .written(let revision) = try await put(key, Array(text.utf8), expected: expected) else {
            throw Unexpected("conflict on \(key)")
        }
        return revision
    }

    fileprivate func deleted(_ key: String, expected: Int64) async throws -> Int64 {
        guard case .written(let revision) = try await delete(key, expected: expected) else {
            throw Unexpected("conflict on \(key)")
        }
        return revision
    }
}

private func text(_ bytes: [UInt8]?) -> String? { bytes.map { String(decoding: $0, as: UTF8.self) } }

@Suite(.serialized, .timeLimit(.minutes(3))) struct `every storage` {
    @Test(
        "etcd is at hand, so that both storages are compared",
        .enabled("needs an etcd server") { StorageKind.present.count == 2 }
    )
    func both() { #expect(StorageKind.present == [.memory, .etcd]) }

    @Test(arguments: StorageKind.present) func `creates, updates and deletes under optimistic locks`(
        kind: StorageKind
    ) async throws {
        try await kind.with { storage in
            #expect(try await storage.get("/a").value == nil)
            let first = try await storage.written("/a", "one")
            #expect(
                try await storage.put("/a", [], expected: 0)
                    == .conflict(
                        current: StoredValue(key: "/a", bytes: Array("one".utf8), revision: first)
                    )
            )
            let second = try await storage.written("/a", "two", expected: first)
            #expect(second == first + 1)
            #expect(
                try await storage.put("/a", [], expected: first)
                    == .conflict(
                        current: StoredValue(key: "/a", bytes: Array("two".utf8), revision: second)
                    )
            )
            let (value, revision) = try await storage.get("/a")
            #expect(text(value?.bytes) == "two" && value?.revision == second && revision == second)

            #expect(try await storage.put("/b", [], expected: 7) == .conflict(current: nil))
            #expect(try await storage.delete("/b", expected: 7) == .conflict(current: nil))
            #expect(try await storage.delete("/a", expected: 0) != .written(revision: second + 1))
            guard case .conflict(let current?) = try await storage.delete("/a", expected: first) else {
                throw Unexpected("deleted at a stale revision")
            }
            #expect(current.revision == second)
            #expect(try await storage.deleted("/a", expected: second) == second + 1)
            #expect(try await storage.get("/a").value == nil)
            #expect(try await storage.written("/a", "again") == second + 2)
        }
    }

    @Test(arguments: StorageKind.present) func `takes empty and large values, and any byte`(
        kind: StorageKind
    ) async throws {
        try await kind.with { storage in
            let large = (0..<1_000_000).map { UInt8(truncatingIfNeeded: $0) }
            _ = try await storage.put("/empty", [], expected: 0)
            _ = try await storage.put("/large", large, expected: 0)
            #expect(try await storage.get("/empty").value?.bytes == [])
            #expect(try await storage.get("/large").value?.bytes == large)
        }
    }

    @Test(arguments: StorageKind.present) func `lists in pages as of one revision, whatever happens meanwhile`(
        kind: StorageKind
    ) async throws {
        try await kind.with { storage in
            var revisions: [Int64] = []
            for index in 0..<10 { revisions.append(try await storage.written("/p/\(index)", "v\(index)")) }
            _ = try await storage.written("/q/0", "other")
            let first = try await storage.list(prefix: "/p/", startAfter: nil, limit: 4, revision: nil)
            #expect(first.values.map(\.key) == ["/p/0", "/p/1", "/p/2", "/p/3"] && first.remaining == 6)

            _ = try await storage.deleted("/p/5", expected: revisions[5])
            _ = try await storage.written("/p/6", "changed", expected: revisions[6])
            _ = try await storage.written("/p/55", "new")

            let second = try await storage.list(
                prefix: "/p/",
                startAfter: "/p/3",
                limit: 4,
                revision: first.revision
            )
            #expect(second.values.map { text($0.bytes) } == ["v4", "v5", "v6", "v7"] && second.remaining == 2)
            #expect(second.revision == first.revision)
            #expect(second.values.map(\.revision) == Array(revisions[4...7]))
            let now = try await storage.list(prefix: "/p/", startAfter: nil, limit: 0, revision: nil)
            #expect(now.values.map(\.key).count == 10 && now.values.contains { $0.key == "/p/55" })
            #expect(now.remaining == 0 && now.revision == first.revision + 3)
            let all = try await storage.list(prefix: "/", startAfter: nil, limit: 0, revision: nil)
            #expect(all.values.count == 11)
            let none = try await storage.list(prefix: "/none/", startAfter: nil, limit: 5, revision: nil)
            #expect(none.values.isEmpty && none.remaining == 0)
        }
    }

    @Test(arguments: StorageKind.present) func `refuses revisions that are compacted or not reached`(
        kind: StorageKind
    ) async throws {
        try await kind.with { storage in
            let first = try await storage.written("/a", "1")
            let second = try await storage.written("/a", "2", expected: first)
            let third = try await storage.written("/a", "3", expected: second)
            try await storage.compact(at: second)
            await #expect(throws: StorageError.compacted(oldest: second)) {
                try await storage.list(prefix: "/", startAfter: nil, limit: 0, revision: first)
            }
            let page = try await storage.list(prefix: "/", startAfter: nil, limit: 0, revision: second)
            #expect(page.values.map { text($0.bytes) } == ["2"])
            await #expect(throws: StorageError.future(current: third)) {
                try await storage.list(prefix: "/", startAfter: nil, limit: 0, revision: third + 1)
            }
            await #expect(throws: StorageError.self) { try await storage.compact(at: second) }
            await #expect(throws: StorageError.future(current: third)) { try await storage.compact(at: third + 9) }
            await #expect(throws: StorageError.compacted(oldest: second)) {
                for try await _ in storage.watch(prefix: "/", after: first - 1) {}
            }
            for try await events in storage.watch(prefix: "/", after: second) {
                #expect(events.map(\.revision) == [third])
                break
            }
        }
    }

    @Test(arguments: StorageKind.present) func `forgets deleted keys at compaction`(kind: StorageKind) async throws {
        try await kind.with { storage in
            let first = try await storage.written("/gone", "1")
            let second = try await storage.deleted("/gone", expected: first)
            let third = try await storage.written("/here", "1")
            try await storage.compact(at: third)
            #expect(second == first + 1)
            let page = try await storage.list(prefix: "/", startAfter: nil, limit: 0, revision: nil)
            #expect(page.values.map(\.key) == ["/here"])
            #expect(try await storage.get("/gone").value == nil)
            #expect(try await storage.written("/gone", "2") == third + 1)
        }
    }

    @Test(arguments: StorageKind.present) func `tells watchers every change once, in order, with what was before`(
        kind: StorageKind
    ) async throws {
        try await kind.with { storage in
            let first = try await storage.written("/w/a", "1")
            _ = try await storage.written("/x/a", "unseen")
            let watch = storage.watch(prefix: "/w/", after: first - 1)
            let late = storage.watch(prefix: "/w/", after: first)
            let second = try await storage.written("/w/a", "2", expected: first)
            let third = try await storage.deleted("/w/a", expected: second)
            let fourth = try await storage.written("/w/a", "3")
            func read(
                _ stream: AsyncThrowingStream<[StorageEvent], any Error>,
                _ count: Int
            ) async throws -> [StorageEvent] {
                var events: [StorageEvent] = []
                for try await some in stream {
                    events += some
                    if events.count >= count { break }
                }
                return events
            }
            let events = try await read(watch, 4)
            #expect(events.map(\.revision) == [first, second, third, fourth])
            #expect(events.map(\.kind) == [.put, .put, .delete, .put])
            #expect(events.map { text($0.bytes) } == ["1", "2", "", "3"])
            #expect(events.map { text($0.previous) } == [nil, "1", "2", nil])
            #expect(events.allSatisfy { $0.key == "/w/a" })
            #expect(try await read(late, 3).map(\.revision) == [second, third, fourth])
        }
    }

    @Test(arguments: StorageKind.present) func `starts a watch from a revision to come when it comes`(
        kind: StorageKind
    ) async throws {
        try await kind.with { storage in
            let first = try await storage.written("/f/0", "x")
            let watch = storage.watch(prefix: "/f/", after: first + 2)
            for index in 1...4 { _ = try await storage.written("/f/\(index)", "x") }
            for try await events in watch {
                #expect(events.first?.revision == first + 3)
                break
            }
        }
    }

    @Test(arguments: StorageKind.present) func `lets one of many writers win each round`(kind: StorageKind) async throws
    {
        try await kind.with { storage in
            _ = try await storage.written("/counter", "0")
            let start = try await storage.get("/counter").revision
            let watch = storage.watch(prefix: "/counter", after: start)
            let (writers, rounds) = (8, 25)
            try await withThrowingTaskGroup { group in
                for _ in 0..<writers {
                    group.addTask {
                        var done = 0
                        while done < rounds {
                            let current = try #require(try await storage.get("/counter").value)
                            let next = try #require(Int(text(current.bytes) ?? "")) + 1
                            let outcome = try await storage.put(
                                "/counter",
                                Array("\(next)".utf8),
                                expected: current.revision
                            )
                            if case .written = outcome { done += 1 }
                        }
                    }
                }
                try await group.waitForAll()
            }
            #expect(text(try await storage.get("/counter").value?.bytes) == "\(writers * rounds)")
            var seen: [StorageEvent] = []
            for try await events in watch {
                seen += events
                if seen.count >= writers * rounds { break }
            }
            #expect(seen.map { text($0.bytes) } == (1...writers * rounds).map { "\($0)" })
            #expect(seen.map(\.revision) == (1...writers * rounds).map { start + Int64($0) })
        }
    }

    @Test(arguments: StorageKind.present) func `ends its watches when their readers stop`(
        kind: StorageKind
    ) async throws {
        try await kind.with { storage in
            let start = try await storage.written("/e", "1")
            let reader = Task {
                for try await _ in storage.watch(prefix: "/e", after: start) {}
            }
            reader.cancel()
            _ = await reader.result
            #expect(try await storage.written("/e", "2", expected: start) == start + 1)
        }
    }
}

@Suite struct `a memory storage` {
    @Test(.timeLimit(.minutes(1))) func `holds 150,000 objects and lists them in pages at one revision`() async throws {
        let storage = MemoryStorage()
        let clock = ContinuousClock()
        var order = Array(0..<150_000)
        order.shuffle()
        let value = [UInt8](repeating: 7, count: 100)
        let filling = try await clock.measure {
            for index in order {
                _ = try await storage.put("/registry/pods/ns-\(index % 50)/pod-\(index)", value, expected: 0)
            }
        }
        var (count, pages, after, at) = (0, 0, String?.none, Int64?.none)
        let listing = try await clock.measure {
            while true {
                let page = try await storage.list(
                    prefix: "/registry/pods/",
                    startAfter: after,
                    limit: 500,
                    revision: at
                )
                count += page.values.count
                pages += 1
                at = page.revision
                after = page.values.last?.key
                #expect(page.remaining == 150_000 - count)
                if page.remaining == 0 { break }
            }
        }
        #expect(count == 150_000 && pages == 300)
        print("memory storage: 150,000 objects created in \(filling), listed by 500 in \(listing)")
    }

    @Test func `compacts itself so that history stays bounded`() async throws {
        let storage = MemoryStorage(history: 100)
        var revision: Int64 = 0
        for index in 0..<1000 {
            guard case .written(let new) = try await storage.put("/k", [UInt8(index % 256)], expected: revision) else {
                throw Unexpected("conflict")
            }
            revision = new
        }
        let oldest = revision - 200
        await #expect(throws: StorageError.self) {
            try await storage.list(prefix: "/", startAfter: nil, limit: 0, revision: oldest)
        }
        let page = try await storage.list(prefix: "/", startAfter: nil, limit: 0, revision: revision - 100)
        #expect(page.values.map(\.revision) == [revision - 100])
    }
}
