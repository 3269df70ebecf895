import Bolt
import Testing

@Suite struct `a database file` {
    private static func listing(_ bytes: [UInt8]) throws -> (lines: [String], check: BoltCheck) {
        let listing = Listing()
        let check = try BoltFile(MemorySource(bytes)).check(listing)
        return (listing.lines, check)
    }

    @Test(arguments: [1024, 4096, 16384, 65536], [false, true])
    func `is read whole, whatever its page size, with and without a list of free pages`(
        pageSize: Int,
        storesFreelist: Bool
    ) throws {
        let bytes = Sample.file(pageSize: pageSize, storesFreelist: storesFreelist)
        let (lines, check) = try Self.listing(bytes)
        #expect(check.damages == [])
        #expect(lines == Sample.contents)
        #expect(check.pageCount == UInt64(bytes.count / pageSize))
        #expect(check.freePages == 3)
        #expect(check.listedFree == (storesFreelist ? 3 : nil))
    }

    @Test func `begins with the meta page that was written down from a real one`() throws {
        let golden: [UInt8] = [
            0, 0, 0, 0, 0, 0, 0, 0, 4, 0, 0, 0, 0, 0, 0, 0, 0xED, 0xDA, 0x0C, 0xED, 2, 0, 0, 0, 0, 0x10, 0, 0, 0, 0, 0,
            0,
            2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 255, 255, 255, 255, 255, 255, 255, 255, 5, 0, 0, 0, 0, 0, 0,
            0,
            11, 0, 0, 0, 0, 0, 0, 0, 0x6F, 0x5B, 0, 0xB9, 0xA5, 0xF8, 0x20, 0x14,
        ]
        let file = try BoltFile(MemorySource(golden + [UInt8](repeating: 0, count: 5 * 4096 - golden.count)))
        #expect(file.meta.root == 2 && file.meta.pageCount == 5 && file.meta.transaction == 11)
        #expect(file.meta.freelist == nil && file.pageSize == 4096)
        #expect(file.metaDamage == .badMeta(page: 1, .magic(0)))
    }

    @Test func `is read by the newer meta page`() throws {
        var builder = DatabaseBuilder()
        let bytes = builder.file(Sample.root)
        let newer = builder.meta(1, bytes.integer(32, as: UInt64.self), .max, 99)
        var changed = bytes
        changed.replaceSubrange(4096..<4096 + newer.count, with: newer)
        #expect(try BoltFile(MemorySource(changed)).meta.transaction == 99)
    }

    @Test(arguments: [1024, 4096, 65536]) func `is read by the second meta page when the first is lost, and says so`(
        pageSize: Int
    ) throws {
        let bytes = Sample.file(pageSize: pageSize).patched(16, UInt32(0))
        let file = try BoltFile(MemorySource(bytes))
        #expect(file.pageSize == pageSize)
        #expect(file.metaDamage == .badMeta(page: 0, .magic(0)))
        let (lines, check) = try Self.listing(bytes)
        #expect(lines == Sample.contents)
        #expect(check.damages == [.badMeta(page: 0, .magic(0))])
    }

    @Test func `is refused without a good meta page`() throws {
        #expect(throws: BoltError.noMeta(first: .cutOff, second: .cutOff)) { try BoltFile(MemorySource([])) }
        let zeros = [UInt8](repeating: 0, count: 1 << 16)
        #expect(throws: BoltError.noMeta(first: .magic(0), second: .magic(0))) { try BoltFile(MemorySource(zeros)) }
    }

    @Test func `is refused when it is shorter than its database`() throws {
        let bytes = Sample.file()
        let needed = UInt64(bytes.count)
        #expect(throws: BoltError.tooShort(bytes: needed - 1, needed: needed)) {
            try BoltFile(MemorySource(bytes.dropLast()))
        }
    }

    @Test func `that fails under its reader ends in that error`() throws {
        let bytes = Sample.file()
        let whole = CountingSource(bytes)
        _ = try BoltFile(whole).check()
        for reads in 0..<whole.reads {
            let error = #expect(throws: BoltError.self) {
                try BoltFile(CountingSource(bytes, failsAfter: reads)).check()
            }
            guard case .unreadable(_, _, PageSourceFailure("the disk is gone")) = error else {
                Issue.record("read \(reads): \(String(describing: error))")
                continue
            }
        }
    }

    @Test func `is read within a bound of memory`() throws {
        var builder = DatabaseBuilder()
        let bytes = builder.file(
            .leaf([.init("b", .bucket(.leaf([.init("big", [UInt8](repeating: 7, count: 1 << 20))])))])
        )
        let limit = 1 << 19
        let check = try BoltFile(MemorySource(bytes), limit: limit).check()
        #expect(check.damages == [.tooLarge(page: 2, bytes: 257 * 4096, limit: limit)])
        #expect(try BoltFile(MemorySource(bytes)).check().isSound)
    }
}

@Suite struct `a cursor` {
    private static func rows(_ pageSize: Int = 1024) throws -> BoltCursor {
        try BoltFile(MemorySource(Sample.file(pageSize: pageSize))).bucket(Array("rows".utf8))
    }

    private static func text(_ item: BoltCursor.Item?) -> String? {
        item.map { String(decoding: $0.key, as: UTF8.self) }
    }

    @Test(arguments: [1024, 4096]) func `shows every item in order`(pageSize: Int) throws {
        var cursor = try Self.rows(pageSize)
        var item = try cursor.first()
        for number in 0..<120 {
            #expect(Self.text(item) == Sample.name(number))
            #expect(item.map { Array($0.value) } == Sample.value(number))
            item = try cursor.next()
        }
        #expect(item == nil)
        #expect(try cursor.next() == nil)
    }

    @Test func `finds each key, and the next one where there is none`() throws {
        var cursor = try Self.rows()
        for number in 0..<120 {
            let name = Sample.name(number)
            #expect(Self.text(try cursor.seek(Array(name.utf8))) == name)
            let after = number == 119 ? nil : Sample.name(number + 1)
            #expect(Self.text(try cursor.seek(Array((name + "!").utf8))) == after)
            #expect(Self.text(try cursor.seek(Array(name.utf8))) == name)
            #expect(Self.text(try cursor.next()) == after)
        }
        #expect(Self.text(try cursor.seek(Array("a".utf8))) == Sample.name(0))
        #expect(Self.text(try cursor.end()) == Sample.name(119))
        #expect(try cursor.next() == nil)
    }

    @Test func `reads only the pages on its way`() throws {
        var cursor = try Self.rows()
        let before = cursor.pagesRead
        _ = try cursor.seek(Array("k050".utf8))
        #expect(cursor.pagesRead - before == 3)
    }

    @Test func `goes into inline, nested and empty buckets`() throws {
        let file = try BoltFile(MemorySource(Sample.file()))
        func names(_ path: String...) throws -> [String] {
            var cursor = file.root()
            switch path.count {
            case 0: break
            case 1: cursor = try file.bucket(Array(path[0].utf8))
            case 2: cursor = try file.bucket(Array(path[0].utf8), Array(path[1].utf8))
            default: cursor = try file.bucket(Array(path[0].utf8), Array(path[1].utf8), Array(path[2].utf8))
            }
            var names: [String] = []
            var item = try cursor.first()
            while let found = item {
                names.append((found.isBucket ? "+" : "") + String(decoding: found.key, as: UTF8.self))
                item = try cursor.next()
            }
            return names
        }
        #expect(try names() == ["+empty", "+inline", "+nested", "+rows"])
        #expect(try names("empty") == [])
        #expect(try names("inline") == ["a", "b", "c"])
        #expect(try names("nested") == ["+deep", "plain"])
        #expect(try names("nested", "deep") == ["+in", "z"])
        #expect(try names("nested", "deep", "in") == ["x"])
        #expect(throws: BoltError.noBucket(Array("absent".utf8))) { try names("absent") }
        #expect(throws: BoltError.noBucket(Array("plain".utf8))) { try names("nested", "plain") }
    }

    @Test func `keeps what it gave out right, whatever is read after it`() throws {
        var cursor = try Self.rows()
        var items: [BoltCursor.Item] = []
        var item = try cursor.first()
        while let found = item {
            items.append(found)
            item = try cursor.next()
        }
        for (number, item) in items.enumerated() {
            #expect(Self.text(item) == Sample.name(number) && Array(item.value) == Sample.value(number))
        }
    }
}
