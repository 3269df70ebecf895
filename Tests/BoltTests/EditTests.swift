import Bolt
import Testing

@Suite struct `an edit of a database` {
    private static func applied(_ pieces: [BoltEdit.Piece], to bytes: [UInt8]) -> [UInt8] {
        var bytes = bytes
        for piece in pieces {
            let (start, end) = (Int(piece.offset), Int(piece.offset) + piece.bytes.count)
            if bytes.count < end { bytes += [UInt8](repeating: 0, count: end - bytes.count) }
            bytes.replaceSubrange(start..<end, with: piece.bytes)
        }
        return bytes
    }

    private static func items(_ file: BoltFile, _ name: String) throws -> [[UInt8]: [UInt8]] {
        var cursor = try file.bucket(Array(name.utf8))
        var items: [[UInt8]: [UInt8]] = [:]
        var item = try cursor.first()
        while let found = item {
            items[Array(found.key)] = Array(found.value)
            item = try cursor.next()
        }
        return items
    }

    private static func many(_ count: Int, of size: Int) -> [[UInt8]: [UInt8]] {
        Dictionary(
            uniqueKeysWithValues: (0..<count).map { (Array("key-\($0)".utf8), [UInt8](repeating: 3, count: size)) }
        )
    }

    /// Small and large contents, emptied, replaced and added buckets.
    private static let contents: [String: [[UInt8]: [UInt8]]] = [
        "inline": [Array("b".utf8): [7], Array("a".utf8): []],
        "rows": many(3, of: 10),
        "nested": [:],
        "added": many(400, of: 60),
    ]

    @Test(arguments: [1024, 4096, 16384]) func `gives the buckets their new contents and leaves the others`(
        pageSize: Int
    ) throws {
        let bytes = Sample.file(pageSize: pageSize, storesFreelist: true)
        let file = try BoltFile(MemorySource(bytes))
        let changes = Dictionary(uniqueKeysWithValues: Self.contents.map { (Array($0.key.utf8), $0.value) })
        let edit = try BoltEdit(file, contents: changes)
        let edited = Self.applied([edit.pages] + edit.metas, to: bytes)
        #expect(UInt64(edited.count) == edit.byteCount && edited.count % pageSize == 0)
        let found = try BoltFile(MemorySource(edited))
        #expect(try found.check().damages == [])
        #expect(found.metas.allSatisfy { (try? $0.get().root) == found.meta.root })
        #expect(found.meta.transaction == file.meta.transaction + 2 && found.meta.freelist == nil)
        for (name, items) in Self.contents { #expect(try Self.items(found, name) == items, "\(name)") }
        #expect(try Self.items(found, "empty") == [:])
        // Once more, on what it has made.
        let again = try BoltEdit(found, contents: [Array("rows".utf8): Self.many(2000, of: 1)])
        let twice = try BoltFile(MemorySource(Self.applied([again.pages] + again.metas, to: edited)))
        #expect(try twice.check().damages == [])
        #expect(try Self.items(twice, "rows").count == 2000)
        #expect(try Self.items(twice, "added") == Self.contents["added"])
    }

    @Test func `cut off anywhere leaves the old database or the new one`() throws {
        let bytes = Sample.file(pageSize: 1024)
        let file = try BoltFile(MemorySource(bytes))
        let edit = try BoltEdit(file, contents: [Array("rows".utf8): Self.many(50, of: 50)])
        let old = try Self.items(file, "rows")
        func contents(_ pieces: [BoltEdit.Piece]) throws -> [[UInt8]: [UInt8]] {
            let file = try BoltFile(MemorySource(Self.applied(pieces, to: bytes)))
            #expect(try file.check().damages == [])
            return try Self.items(file, "rows")
        }
        var part = edit.pages
        part.bytes.removeLast(part.bytes.count / 2)
        #expect(try contents([part]) == old)
        #expect(try contents([edit.pages]) == old)
        #expect(try contents([edit.pages, edit.metas[0]]) == Self.many(50, of: 50))
        #expect(try contents([edit.pages] + edit.metas) == Self.many(50, of: 50))
        // A meta page that was torn is no meta; the other one is read, which is told.
        var torn = edit.metas[0]
        torn.bytes.removeLast(20)
        let file2 = try BoltFile(MemorySource(Self.applied([edit.pages, torn], to: bytes)))
        #expect(file2.metaDamage != nil)
        #expect(try Self.items(file2, "rows") == old)
    }

    @Test func `refuses what no page can hold`() throws {
        let file = try BoltFile(MemorySource(Sample.file()))
        #expect(throws: BoltError.self) { try BoltEdit(file, contents: [Array("a".utf8): [[]: []]]) }
        #expect(throws: BoltError.self) {
            try BoltEdit(file, contents: [Array("a".utf8): [[UInt8](repeating: 1, count: 40_000): []]])
        }
        #expect(throws: BoltError.self) { try BoltEdit(file, contents: [Array("a".utf8): Self.many(70_000, of: 0)]) }
    }
}
