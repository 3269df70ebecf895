/// A branch or leaf whose every offset was checked when it was made. Reading its elements cannot fail.
///
/// The elements' table comes first, 16 bytes each, then their keys and values without a gap, in the same order; so
/// does every writer lay them, and with that a changed count, offset or length shows.
///
///     leaf    flags u32   pos u32    ksize u32   vsize u32      pos counts from the element's own start
///     branch  pos u32     ksize u32  child u64
struct TreePage {
    let id: PageID
    let isLeaf: Bool
    let count: Int
    private let bytes: ArraySlice<UInt8>
    /// Bytes of the area from its start to the end of the last element.
    let used: Int
    let hasBuckets: Bool
    /// Whether its memory is its own; otherwise it is part of what pages are read into.
    let isOwn: Bool

    private static let elementSize = 16
    /// The longest key that bbolt writes.
    private static let longestKey = 32768
    private static let bucketFlag: UInt32 = 1

    init(checking page: Page) throws(PageFault) {
        guard page.kind == .leaf || page.kind == .branch else { throw .wrongKind(page.kind) }
        id = page.id
        isLeaf = page.kind == .leaf
        count = page.count
        bytes = page.bytes
        guard isLeaf || count > 0 else { throw .emptyBranch }
        (used, hasBuckets) = try Self.check(page)
        isOwn = false
    }

    /// - Returns: where the last element ends, and whether one is a bucket.
    private static func check(_ page: Page) throws(PageFault) -> (used: Int, hasBuckets: Bool) {
        let size = page.bytes.count
        let table = Page.headerSize + elementSize * page.count
        guard table <= size else { throw .elements(page.count, bytes: size) }
        let isLeaf = page.kind == .leaf
        let raw = unsafe page.bytes.span.bytes
        var next = table
        var previous = 0..<0
        var hasBuckets = false
        for index in 0..<page.count {
            let element = Page.headerSize + elementSize * index
            let position = Int(raw.littleEndian(element + (isLeaf ? 4 : 0), as: UInt32.self))
            let keyLength = Int(raw.littleEndian(element + (isLeaf ? 8 : 4), as: UInt32.self))
            let valueLength = isLeaf ? Int(raw.littleEndian(element + 12, as: UInt32.self)) : 0
            guard element + position == next else { throw .misplaced(element: index) }
            guard (1...longestKey).contains(keyLength) else { throw .keyLength(element: index, keyLength) }
            guard keyLength + valueLength <= size - next else { throw .beyondEnd(element: index) }
            if isLeaf {
                let flags = raw.littleEndian(element, as: UInt32.self)
                guard flags <= bucketFlag else { throw .elementFlags(element: index, flags) }
                hasBuckets = hasBuckets || flags == bucketFlag
            }
            let key = next..<next + keyLength
            guard index == 0 || raw.order(previous, key) < 0 else { throw .order(element: index) }
            previous = key
            next = key.upperBound + valueLength
        }
        return (next, hasBuckets)
    }

    /// The same page in memory of its own, so that what it was read into can be read into again.
    func detached() -> TreePage { TreePage(self, ArraySlice(Array(bytes))) }

    private init(_ other: TreePage, _ bytes: ArraySlice<UInt8>) {
        (id, isLeaf, count, used, hasBuckets) = (other.id, other.isLeaf, other.count, other.used, other.hasBuckets)
        self.bytes = bytes
        isOwn = true
    }

    var byteCount: Int { bytes.count }

    private func field(_ index: Int, _ offset: Int) -> Int {
        Int(bytes.littleEndian(Page.headerSize + Self.elementSize * index + offset, as: UInt32.self) ?? 0)
    }

    private func keyRange(_ index: Int) -> Range<Int> {
        let start = Page.headerSize + Self.elementSize * index + field(index, isLeaf ? 4 : 0)
        return start..<start + field(index, isLeaf ? 8 : 4)
    }

    func key(_ index: Int) -> ArraySlice<UInt8> { bytes.part(keyRange(index)) }

    /// A leaf's value.
    func value(_ index: Int) -> ArraySlice<UInt8> {
        let start = keyRange(index).upperBound
        return bytes.part(start..<start + field(index, 12))
    }

    /// A branch's child.
    func child(_ index: Int) -> PageID {
        bytes.littleEndian(Page.headerSize + Self.elementSize * index + 8, as: UInt64.self) ?? 0
    }

    /// Whether a leaf's value is a bucket.
    func isBucket(_ index: Int) -> Bool { isLeaf && field(index, 0) & Int(Self.bucketFlag) != 0 }

    /// The element under which `key` is or would be: the last whose key is not after it; the first if there is none.
    func index(for key: ArraySlice<UInt8>) -> Int {
        var (low, high) = (0, count)
        while low < high {
            let middle = (low + high) / 2
            if key.precedes(self.key(middle)) { high = middle } else { low = middle + 1 }
        }
        return max(0, low - 1)
    }
}
