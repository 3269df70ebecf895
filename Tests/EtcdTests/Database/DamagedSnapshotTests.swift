import Bolt
import Crypto
import Etcd
import EtcdSupport
import Foundation
import Sandbox
import Synchronization
import Testing

/// A snapshot of two megabytes with every kind of page, damaged in every way we can think of.
@Suite(.serialized, .requiresEtcd, .requiresEtcdTools, .timeLimit(.minutes(10))) struct `a damaged snapshot` {
    /// Made once, of the 3.5 that `make tools` fetches.
    private static let sample = Task<Sample, any Error> {
        let folder = try TemporaryFolder()
        defer { folder.remove() }
        return try await EtcdFixture.with(binary: EtcdTools.etcd) { etcd in
            for _ in 0..<40 { _ = try await EtcdTools.etcdctl(etcd.cluster.members[0], "lease", "grant", "3600") }
            return try await etcd.client { client in
                for size in [5000, 20_000, 70_000] {
                    try await client.put("/registry/configmaps/shop/of-\(size)", [UInt8](repeating: 65, count: size))
                }
                for round in 0..<500 {
                    let value = (0..<(round % 3 == 0 ? 9000 : 900)).map { UInt8(truncatingIfNeeded: $0 &* round) }
                    try await client.put("/registry/pods/shop/web-\(round % 300)", value)
                }
                try await client.compact(at: Int64(Sample.compacted))
                for round in 0..<100 { _ = try await client.delete(.key("/registry/pods/shop/web-\(round * 3)")) }
                let path = folder.path + "/db"
                _ = try await client.snapshot(to: path)
                return Sample(Array(try Data(contentsOf: URL(filePath: path))))
            }
        }
    }

    private struct Sample: Sendable {
        let file: [UInt8]
        let database: [UInt8]
        let map: PageMap
        static let compacted = 250

        init(_ file: [UInt8]) {
            self.file = file
            database = Array(file.dropLast(32))
            map = PageMap(of: database, compacted: Sample.compacted)
        }

        var pages: Int { database.count / map.pageSize }
    }

    /// A database as it is, with the SHA-256 of what it has become.
    private static func resealed(_ database: [UInt8]) -> [UInt8] { database + Array(SHA256.hash(data: database)) }

    private static func verified(_ bytes: [UInt8]) async -> DatabaseVerification {
        let source = CountingSource(bytes)
        let found = await DatabaseVerification(source, path: "db")
        // Each page once in a window of at most 64, the meta bucket before, the SHA-256 beside.
        #expect(source.reads < bytes.count / 1024 + 200)
        #expect(source.bytesRead < 70 * (bytes.count + 1 << 16))
        return found
    }

    /// A page is named, or a bucket whose name is no longer there.
    private static func isPlaced(_ damage: DatabaseDamage) -> Bool {
        if case .missingBucket = damage { return true }
        return damage.page != nil
    }

    /// Runs cases on all processors.
    private static func each<Case: Sendable>(_ cases: [Case], _ body: @escaping @Sendable (Case) async -> Void) async {
        await withTaskGroup { group in
            for slice in 0..<4 {
                group.addTask { for index in stride(from: slice, to: cases.count, by: 4) { await body(cases[index]) } }
            }
        }
    }

    @Test func `is whole before it is damaged, with every kind of page`() async throws {
        let sample = try await Self.sample.value
        let found = await Self.verified(sample.file)
        #expect(found.damages == [] && found.kind == .snapshot)
        #expect(sample.database.count > 2_000_000 && found.check.freePages > 10)
        #expect(found.contents.leases == 40 && found.contents.tombstones == 100)
        // Leases in a tree of their own; a leaf with overflow; a branch.
        #expect(Set(sample.map.parts).count == 5)
    }

    @Test func `with one byte of any page changed is refused by its SHA-256`() async throws {
        let sample = try await Self.sample.value
        var random = SeededRandom(seed: 1)
        var cases = (0..<sample.pages).map { page in
            page * sample.map.pageSize + Int.random(in: 0..<sample.map.pageSize, using: &random)
        }
        cases += sample.database.count..<sample.file.count
        await Self.each(cases) { offset in
            var bytes = sample.file
            bytes[offset] ^= 0x40
            let found = await Self.verified(bytes)
            #expect(!found.isSound, "byte \(offset)")
        }
    }

    @Test func `cut anywhere is refused`() async throws {
        let sample = try await Self.sample.value
        var random = SeededRandom(seed: 2)
        let pageSize = sample.map.pageSize
        var cases = (0..<1000).map { _ in Int.random(in: 0..<sample.file.count, using: &random) }
        cases += (0..<sample.pages).map { $0 * pageSize } + (1..<32).map { sample.file.count - $0 }
        await Self.each(cases) { length in
            let found = await Self.verified(Array(sample.file.prefix(length)))
            #expect(!found.isSound, "\(length) bytes left")
        }
    }

    @Test func `spliced anywhere is refused`() async throws {
        let sample = try await Self.sample.value
        var random = SeededRandom(seed: 3)
        let cases = (0..<1000).map { _ in Splice(in: sample.file.count, &random) }
        await Self.each(cases) { splice in
            let bytes = splice.applied(to: sample.file)
            guard bytes != sample.file else { return }
            let found = await Self.verified(bytes)
            #expect(!found.isSound, "\(splice)")
        }
    }

    @Test func `and given a new SHA-256 is told of by page, or nothing of it has changed`() async throws {
        let sample = try await Self.sample.value
        let whole = await Self.verified(sample.file)
        var random = SeededRandom(seed: 4)
        var cases: [(offset: Int, part: PageMap.Part)] = []
        for page in 0..<sample.pages {
            for part in [PageMap.Part.unused, .structure, .row, .oldRow, .item] {
                let offsets = sample.map.offsets(of: part, in: page)
                for _ in 0..<(part == .structure ? 4 : 1) {
                    guard let offset = offsets.randomElement(using: &random) else { continue }
                    cases.append((offset, part))
                }
            }
        }
        let told = Mutex(0)
        let bits = cases.map { _ in UInt8(1) << UInt8.random(in: 0..<8, using: &random) }
        let flips = zip(cases, bits).map { (offset: $0.offset, part: $0.part, bit: $1) }
        await Self.each(flips) { offset, part, bit in
            var bytes = sample.database
            bytes[offset] ^= bit
            let found = await Self.verified(Self.resealed(bytes))
            let place = "byte \(offset) of page \(offset / sample.map.pageSize), bit \(bit)"
            if !found.isSound {
                told.withLock { $0 += 1 }
                #expect(found.damages.contains(where: Self.isPlaced), "\(place): \(found.damages)")
            }
            switch part {
            case .unused: #expect(found.isSound && found.contents == whole.contents, "\(place): \(found.damages)")
            case .structure: #expect(!found.isSound || found.contents == whole.contents, "\(place)")
            case .row: #expect(!found.isSound || found.contents.hashKV != whole.contents.hashKV, "\(place)")
            case .item, .oldRow: #expect(!found.isSound || found.contents.hash != whole.contents.hash, "\(place)")
            }
        }
        #expect(told.withLock { $0 } > flips.count / 4)
    }

    @Test func `cut or spliced, and given a new SHA-256, ends within its budget of reads`() async throws {
        let sample = try await Self.sample.value
        var random = SeededRandom(seed: 5)
        let cases: [[Splice]] = (0..<1000).map { _ in [Splice(in: sample.database.count, &random)] }
        await Self.each(cases) { splices in
            let bytes = splices.reduce(sample.database) { $1.applied(to: $0) }
            let found = await Self.verified(Self.resealed(bytes))
            if !found.isSound { #expect(found.damages.contains(where: Self.isPlaced), "\(splices): \(found.damages)") }
        }
        let cuts = (0..<1000).map { _ in Int.random(in: 0..<sample.database.count, using: &random) }
        await Self.each(cuts) { length in
            let found = await Self.verified(Self.resealed(Array(sample.database.prefix(length))))
            #expect(!found.isSound, "\(length) bytes left")
        }
    }

    /// A piece of the file written over another.
    private struct Splice: CustomStringConvertible {
        let from: Int
        let to: Int
        let count: Int

        init(in size: Int, _ random: inout SeededRandom) {
            count = Bool.random(using: &random) ? Int.random(in: 1...64, using: &random) : 4096
            let unit = count == 4096 ? 4096 : 1
            from = Int.random(in: 0...(size - count) / unit, using: &random) * unit
            to = Int.random(in: 0...(size - count) / unit, using: &random) * unit
        }

        func applied(to bytes: [UInt8]) -> [UInt8] {
            var bytes = bytes
            bytes.replaceSubrange(to..<to + count, with: bytes[from..<from + count])
            return bytes
        }

        var description: String { "\(count) bytes from \(from) to \(to)" }
    }
}

/// Counts what is read of bytes in memory.
private final class CountingSource: PageSource {
    private let bytes: MemorySource
    private let state = Mutex((reads: 0, bytes: 0))

    init(_ bytes: [UInt8]) { self.bytes = MemorySource(bytes) }

    var byteCount: UInt64 { bytes.byteCount }
    var reads: Int { state.withLock { $0.reads } }
    var bytesRead: Int { state.withLock { $0.bytes } }

    func read(_ count: Int, at offset: UInt64, into buffer: inout [UInt8]) throws(PageSourceFailure) {
        state.withLock { $0 = ($0.reads + 1, $0.bytes + count) }
        try bytes.read(count, at: offset, into: &buffer)
    }
}

/// SplitMix64: the same cases each time.
struct SeededRandom: RandomNumberGenerator {
    private var state: UInt64
    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var value = (state ^ state >> 30) &* 0xBF58_476D_1CE4_E5B9
        value = (value ^ value >> 27) &* 0x94D0_49BB_1331_11EB
        return value ^ value >> 31
    }
}
