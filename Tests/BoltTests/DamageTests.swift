import Bolt
import Testing

/// Files that lie: each lie is told by page, and none makes the reader stray, loop or stop.
@Suite struct `a damaged file` {
    private static let pageSize = 1024
    private static let whole = Sample.file(pageSize: pageSize)

    /// Where page `id` begins.
    private static func at(_ id: Int) -> Int { id * pageSize }

    /// The pages of a kind, in order.
    private static func pages(_ flags: UInt16) -> [Int] {
        var pages: [Int] = []
        var page = 2
        while page < whole.count / pageSize {
            let found = whole.integer(at(page) + 8, as: UInt16.self)
            let isReal = whole.integer(at(page), as: UInt64.self) == UInt64(page)
            if isReal, found == flags { pages.append(page) }
            page += isReal ? Int(whole.integer(at(page) + 12, as: UInt32.self)) + 1 : 1
        }
        return pages
    }

    private static let leaf = pages(2)[5]
    private static let branch = pages(1)[0]

    private static func damages(_ bytes: [UInt8]) throws -> [BoltError] {
        let source = CountingSource(bytes)
        let file = try BoltFile(source)
        let check = try file.check()
        // Each page is asked for at most once, and takes at most two reads.
        #expect(check.pagesRead <= file.pageCount)
        #expect(source.reads <= 2 * Int(file.pageCount) + 20)
        return check.damages
    }

    @Test func `is told by page, element and reason`() throws {
        let (leaf, branch, whole) = (Self.leaf, Self.branch, Self.whole)
        let (l, b) = (Self.at(leaf), Self.at(branch))
        let count = Int(whole.integer(l + 10, as: UInt16.self))
        let pages = UInt64(whole.count / Self.pageSize)
        let table = 16 + 16 * count
        let area = Self.pageSize * (Int(whole.integer(l + 12, as: UInt32.self)) + 1)
        let cases: [([UInt8], PageFault)] = [
            (whole.patched(l, UInt64(99)), .otherNumber(99)),
            (whole.patched(l + 8, UInt16(0)), .unknownKind(0)),
            (whole.patched(l + 8, UInt16(3)), .unknownKind(3)),
            (whole.patched(l + 8, UInt16(4)), .wrongKind(.meta)),
            (whole.patched(l + 8, UInt16(0x10)), .wrongKind(.freelist)),
            (whole.patched(l + 10, UInt16.max), .elements(65535, bytes: area)),
            (whole.patched(l + 10, UInt16(count - 1)), .misplaced(element: 0)),
            (whole.patched(l + 10, UInt16(0)), .emptyLeaf),
            (whole.patched(l + 12, UInt32.max), .overflow(.max, pages: pages)),
            (whole.patched(l + 16, UInt32(2)), .elementFlags(element: 0, 2)),
            (whole.patched(l + 20, UInt32(0)), .misplaced(element: 0)),
            (whole.patched(l + 20, UInt32.max), .misplaced(element: 0)),
            (whole.patched(l + 24, UInt32(0)), .keyLength(element: 0, 0)),
            (whole.patched(l + 24, UInt32.max), .keyLength(element: 0, Int(UInt32.max))),
            (whole.patched(l + 28, UInt32.max), .beyondEnd(element: 0)),
            (whole.patched(l + 36, whole.integer(l + 36, as: UInt32.self) + 1), .misplaced(element: 1)),
            (whole.patched(l + table, UInt8(0)), .outOfBounds(element: 0)),
            (whole.patched(l + table, UInt8(0xFF)), .order(element: 1)),
        ]
        for (bytes, fault) in cases {
            #expect(try Self.damages(bytes) == [.damaged(page: PageID(leaf), fault)], "\(fault)")
        }
        let branchCases: [([UInt8], PageFault)] = [
            (whole.patched(b + 10, UInt16(0)), .emptyBranch),
            (whole.patched(b + 16, UInt32(0)), .misplaced(element: 0)),
            (whole.patched(b + 20, UInt32(0)), .keyLength(element: 0, 0)),
            (whole.patched(b + 24, UInt64.max), .outOfFile(.max, pages: pages)),
            (whole.patched(b + 24, UInt64(0)), .outOfFile(0, pages: pages)),
            (whole.patched(b + 24, UInt64(branch)), .usedTwice(PageID(branch))),
            (
                whole.patched(b + 40, whole.integer(b + 24, as: UInt64.self)),
                .usedTwice(whole.integer(b + 24, as: UInt64.self))
            ),
        ]
        for (bytes, fault) in branchCases {
            #expect(try Self.damages(bytes) == [.damaged(page: PageID(branch), fault)], "\(fault)")
        }
    }

    @Test func `is read beside its damage`() throws {
        let listing = Listing()
        let bytes = Self.whole.patched(Self.at(Self.leaf), UInt64(99))
        let check = try BoltFile(MemorySource(bytes)).check(listing)
        #expect(check.damageCount == 1)
        #expect(listing.lines.count == Sample.contents.count - 10)
        #expect(Set(listing.lines).isSubset(of: Set(Sample.contents)))
    }

    @Test func `whose inline bucket is wrong is told by the page that holds it`() throws {
        // The last page is the root leaf; its element 1 is the bucket "inline".
        let root = Int(Self.whole.integer(32, as: UInt64.self))
        let element = Self.at(root) + 16 + 16
        let position = Int(Self.whole.integer(element + 4, as: UInt32.self))
        let value = element + position + Int(Self.whole.integer(element + 8, as: UInt32.self))
        let size = Int(Self.whole.integer(element + 12, as: UInt32.self))
        let cases: [([UInt8], PageFault)] = [
            (Self.whole.patched(value + 16, UInt64(5)), .inlineBucket(element: 1, "says that it is page 5")),
            (Self.whole.patched(value + 24, UInt16(1)), .inlineBucket(element: 1, "is no leaf")),
            (Self.whole.patched(value + 28, UInt32(1)), .inlineBucket(element: 1, "claims pages of its own")),
            (Self.whole.patched(value + 26, UInt16(99)), .inside(element: 1, .elements(99, bytes: size - 16))),
            (Self.whole.patched(value + 32, UInt32(1)), .inlineBucket(element: 1, "holds a bucket of its own")),
            (Self.whole.patched(value, UInt64(3)), .bucketLength(element: 1, size)),
        ]
        for (bytes, fault) in cases {
            #expect(try Self.damages(bytes) == [.damaged(page: PageID(root), fault)], "\(fault)")
        }
    }

    @Test func `leads in a circle, and the check and every cursor end`() throws {
        for branch in Self.pages(1) {
            for target in Self.pages(1) + Self.pages(2) {
                for element in 0..<3 {
                    let bytes = Self.whole.patched(Self.at(branch) + 24 + 16 * element, UInt64(target))
                    _ = try Self.damages(bytes)
                    let source = CountingSource(bytes)
                    do {
                        var cursor = try BoltFile(source).bucket(Array("rows".utf8))
                        var item = try cursor.first()
                        while item != nil { item = try cursor.next() }
                    } catch {}
                    #expect(source.reads < 200)
                }
            }
        }
    }

    @Test func `deeper than any real one is told of`() throws {
        var builder = DatabaseBuilder(pageSize: Self.pageSize)
        let chain = (0..<120).reduce(DatabaseBuilder.Tree.leaf([.init("k", [1])])) { tree, _ in .branch([tree]) }
        let bytes = builder.file(.leaf([.init("rows", .bucket(chain))]))
        let damages = try Self.damages(bytes)
        #expect(damages.count == 1)
        guard case .damaged(_, .tooDeep) = damages.first else { throw Unexpected("\(damages)") }
        var cursor = try BoltFile(MemorySource(bytes)).bucket(Array("rows".utf8))
        #expect(throws: BoltError.self) { try cursor.first() }
    }

    @Test func `has a list of free pages that tells the truth, or is told of`() throws {
        let whole = Sample.file(pageSize: Self.pageSize, storesFreelist: true)
        let list = Int(whole.integer(48, as: UInt64.self))
        let at = Self.at(list)
        #expect(whole.integer(at + 16, as: UInt64.self) == 2)
        let used = PageID(Self.leaf)
        let pages = UInt64(whole.count / Self.pageSize)
        let cases: [([UInt8], [BoltError])] = [
            (whole.patched(at + 10, UInt16(2)), [.damaged(page: 4, .lost(1))]),
            (whole.patched(at + 10, UInt16(0)), [.damaged(page: 2, .lost(3))]),
            (
                whole.patched(at + 16, UInt64(4)),
                [.damaged(page: PageID(list), .freeList("has no order at page 3"))]
            ),
            (
                whole.patched(at + 32, pages),
                [.damaged(page: PageID(list), .freeList("names page \(pages) of \(pages)"))]
            ),
            (whole.patched(at + 32, used), [.damaged(page: used, .freeAndUsed), .damaged(page: 4, .lost(1))]),
            (whole.patched(at + 8, UInt16(2)), [.damaged(page: PageID(list), .wrongKind(.leaf))]),
            (
                whole.patched(at + 10, UInt16(999)),
                [
                    .damaged(
                        page: PageID(list),
                        .freeList("claims 999 pages and has room for \((Self.pageSize - 16) / 8)")
                    )
                ]
            ),
        ]
        for (bytes, damages) in cases { #expect(try Self.damages(bytes) == damages) }
        // A count of 0xFFFF means that the first number is the count.
        let long = whole.patched(at + 10, UInt16.max).patched(at + 16, UInt64(3)).patched(at + 24, UInt64(2))
            .patched(at + 32, UInt64(3)).patched(at + 40, UInt64(4))
        #expect(try Self.damages(long) == [])
    }

    @Test func `with any one byte changed is read as before, or told of`() throws {
        let listing = Listing()
        _ = try BoltFile(MemorySource(Self.whole)).check(listing)
        var random = SeededRandom(seed: 20_261_126)
        var told = 0
        for page in 0..<Self.whole.count / Self.pageSize {
            for _ in 0..<12 {
                let offset = Self.at(page) + Int.random(in: 0..<Self.pageSize, using: &random)
                let bytes = Self.whole.patched(
                    offset,
                    Self.whole[offset] ^ (1 << UInt8.random(in: 0..<8, using: &random))
                )
                let found = Listing()
                let source = CountingSource(bytes)
                let check = try BoltFile(source).check(found)
                #expect(source.reads <= 2 * Self.whole.count / Self.pageSize + 20)
                if check.isSound {
                    // What the byte belongs to is a key or value, or nothing: the shape stays.
                    #expect(found.lines.count == listing.lines.count)
                } else {
                    told += 1
                }
            }
        }
        #expect(told > 20)
    }

    @Test func `cut, spliced or made of noise ends in an error or a sound reading, within its budget of reads`() throws
    {
        var random = SeededRandom(seed: 7)
        for _ in 0..<1500 {
            var bytes = Self.whole
            switch Int.random(in: 0..<3, using: &random) {
            case 0: bytes.removeLast(Int.random(in: 0...bytes.count, using: &random))
            case 1:
                let length = Int.random(in: 1...2 * Self.pageSize, using: &random)
                let from = Int.random(in: 0...bytes.count - length, using: &random)
                let to = Int.random(in: 0...bytes.count - length, using: &random)
                bytes.replaceSubrange(to..<to + length, with: bytes[from..<from + length])
            default:
                for _ in 0..<Int.random(in: 1...64, using: &random) {
                    let offset = Int.random(in: 2 * Self.pageSize..<bytes.count, using: &random)
                    bytes[offset] = UInt8.random(in: 0...255, using: &random)
                }
            }
            let source = CountingSource(bytes)
            do {
                let file = try BoltFile(source)
                _ = try file.check(Listing())
                for name in ["rows", "inline", "nested"] {
                    guard var cursor = try? file.bucket(Array(name.utf8)), var item = try? cursor.first() else {
                        continue
                    }
                    while let next = try? cursor.next() { item = next }
                    _ = item.key.count
                }
            } catch {}
            #expect(source.reads <= 12 * Self.whole.count / Self.pageSize)
        }
    }
}

struct Unexpected: Error, CustomStringConvertible {
    let description: String
    init(_ description: String) { self.description = description }
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
