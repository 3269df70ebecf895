import Bolt
import Foundation
import Testing

/// Files made of a sound one by seeded changes, as many as `KEELSTEP_FUZZ_CASES` says (`make fuzz`); a few otherwise.
@Suite(.timeLimit(.minutes(60))) struct `a mutated file` {
    private static let cases = ProcessInfo.processInfo.environment["KEELSTEP_FUZZ_CASES"].flatMap(Int.init) ?? 4000
    private static let pageSize = 1024

    private static let whole: [UInt8] = {
        var builder = DatabaseBuilder(pageSize: pageSize)
        let leaves = (0..<3).map { leaf in
            DatabaseBuilder.Tree.leaf(
                (0..<4).map { .init("k\(leaf)\($0)", [UInt8](repeating: 1, count: 20 + 300 * $0)) }
            )
        }
        return builder.file(
            .leaf([
                .init("inline", .inline([.init("a", [1]), .init("b", [])])),
                .init("nested", .bucket(.leaf([.init("in", .inline([.init("x", [9])])), .init("plain", [1])]))),
                .init("rows", .bucket(.branch(leaves))),
            ]),
            freePages: 2,
            storesFreelist: true
        )
    }()

    /// Offsets of the numbers that steer a reader: metas, headers, tables.
    private static let steering: [Int] = (0..<whole.count / pageSize).flatMap { page in
        (0..<96).map { page * pageSize + $0 }
    }

    private static func mutated(_ random: inout SeededRandom) -> [UInt8] {
        var bytes = whole
        for _ in 0..<Int.random(in: 1...6, using: &random) {
            let offset =
                Bool.random(using: &random)
                ? steering[Int.random(in: 0..<steering.count, using: &random)]
                : Int.random(in: 0..<bytes.count, using: &random)
            switch Int.random(in: 0..<6, using: &random) {
            case 0: bytes[offset] ^= 1 << UInt8.random(in: 0..<8, using: &random)
            case 1: bytes[offset] = [0, 1, 0x7F, 0x80, 0xFF][Int.random(in: 0..<5, using: &random)]
            case 2:
                let value = [0, 1, 0xFFFF, UInt32(bytes.count), .max, .max - 15][Int.random(in: 0..<6, using: &random)]
                bytes.replaceSubrange(
                    offset..<min(offset + 4, bytes.count),
                    with: DatabaseBuilder.bytes(value).prefix(bytes.count - offset)
                )
            case 3:
                let page = UInt64.random(in: 0...UInt64(bytes.count / pageSize), using: &random)
                let at = offset & ~7
                bytes.replaceSubrange(at..<at + 8, with: DatabaseBuilder.bytes(page))
            case 4:
                let from = Int.random(in: 0..<bytes.count / pageSize, using: &random) * pageSize
                let to = offset / pageSize * pageSize
                bytes.replaceSubrange(to..<to + pageSize, with: Array(bytes[from..<from + pageSize]))
            default:
                let from = Int.random(in: 0..<bytes.count - 16, using: &random)
                let to = min(offset, bytes.count - 16)
                bytes.replaceSubrange(to..<to + 16, with: Array(bytes[from..<from + 16]))
            }
        }
        // Mostly with right checksums, since a reader stops at a wrong one.
        if Int.random(in: 0..<8, using: &random) > 0 {
            for meta in [0, pageSize] {
                let sum = DatabaseBuilder.checksum(bytes[meta + 16..<meta + 72])
                bytes.replaceSubrange(meta + 72..<meta + 80, with: DatabaseBuilder.bytes(sum))
            }
        }
        if Int.random(in: 0..<16, using: &random) == 0 {
            bytes.removeLast(Int.random(in: 0..<bytes.count, using: &random))
        }
        return bytes
    }

    @Test func `ends each time within its budget of reads and memory`() throws {
        var random = SeededRandom(seed: 20_261_127)
        var (sound, told, refused) = (0, 0, 0)
        let limit = 1 << 16
        for number in 0..<Self.cases {
            let bytes = Self.mutated(&random)
            let source = CountingSource(bytes)
            do {
                let file = try BoltFile(source, limit: limit)
                let check = try file.check(Listing())
                if check.isSound { sound += 1 } else { told += 1 }
                for name in ["inline", "nested", "rows"] { try? Self.readThrough(file, name) }
                // What is sound can be edited, and stays so.
                if check.isSound, number % 16 == 0 {
                    let edit = try BoltEdit(file, contents: [Array("inline".utf8): [[1]: [2]]])
                    var edited = Array(bytes.prefix(Int(edit.pages.offset))) + edit.pages.bytes
                    for meta in edit.metas {
                        edited.replaceSubrange(Int(meta.offset)..<Int(meta.offset) + meta.bytes.count, with: meta.bytes)
                    }
                    #expect(try BoltFile(MemorySource(edited)).check().isSound, "case \(number)")
                }
            } catch { refused += 1 }
            #expect(source.reads <= 20 * bytes.count / Self.pageSize + 40, "case \(number)")
            #expect(source.bytesRead <= 20 * bytes.count + (1 << 20), "case \(number)")
        }
        // The mutations reach all three outcomes.
        #expect(sound > Self.cases / 100 && told > Self.cases / 10 && refused > Self.cases / 100)
    }

    private static func readThrough(_ file: BoltFile, _ name: String) throws {
        var cursor = try file.bucket(Array(name.utf8))
        var last: [UInt8] = []
        var item = try cursor.first()
        while let found = item {
            #expect(last.isEmpty || last[...].precedes(found.key))
            last = Array(found.key)
            item = try cursor.next()
        }
        _ = try cursor.end()
        _ = try cursor.seek(Array("k12".utf8))
    }
}
