/// Reads pages into one window of memory, further ahead as long as they are asked for one after another.
///
/// What a page of it holds stays right however long it is held; but who holds one while the next is read makes the
/// window be copied. Memory is bounded: the window is never larger than `limit`.
struct PageReader {
    let source: any PageSource
    let pageSize: Int
    let pageCount: UInt64
    let limit: Int
    /// Pages asked for.
    private(set) var pagesRead: UInt64 = 0

    private var window: [UInt8] = []
    private var first: PageID = 0
    private var held: UInt64 = 0
    private var ahead = 0

    private static let leastAhead = 16 << 10
    private static let mostAhead = 256 << 10

    init(_ source: any PageSource, _ meta: Meta, limit: Int) {
        self.source = source
        pageSize = meta.pageSize
        pageCount = meta.pageCount
        self.limit = limit
    }

    /// The page `id` with its overflow.
    mutating func page(_ id: PageID) throws(BoltError) -> Page {
        guard id < pageCount else { throw .damaged(page: id, .outOfFile(id, pages: pageCount)) }
        pagesRead += 1
        if !holds(id, 1) { try fill(from: id, pages: 1) }
        let header = try Page(header: area(id, 1), at: id)
        guard header.span <= pageCount - id else {
            throw .damaged(page: id, .overflow(header.overflow, pages: pageCount))
        }
        let (size, tooLong) = header.span.multipliedReportingOverflow(by: UInt64(pageSize))
        guard !tooLong, size <= UInt64(limit) else { throw .tooLarge(page: id, bytes: size, limit: limit) }
        if !holds(id, header.span) { try fill(from: id, pages: header.span) }
        let bytes = area(id, Int(header.span))
        return Page(id: id, kind: header.kind, count: header.count, overflow: header.overflow, bytes: bytes)
    }

    private func holds(_ id: PageID, _ pages: UInt64) -> Bool {
        id >= first && id - first < held && pages <= held - (id - first)
    }

    /// Pages that the window holds.
    private func area(_ id: PageID, _ pages: Int) -> ArraySlice<UInt8> {
        let start = Int(id - first) * pageSize
        return window[start..<start + pages * pageSize]
    }

    /// Makes the window begin with page `id` and hold at least `pages`.
    private mutating func fill(from id: PageID, pages: UInt64) throws(BoltError) {
        let end = first + held
        let isNext = id >= first && id <= end + 4
        ahead = isNext ? min(Self.mostAhead, ahead * 2) : Self.leastAhead
        ahead = max(ahead, Self.leastAhead)
        let wanted = min(max(pages, UInt64(ahead / pageSize)), pageCount - id)
        let count = Int(wanted) * pageSize
        held = 0
        if window.count < count { window = [UInt8](repeating: 0, count: count) }
        let offset = id * UInt64(pageSize)
        do { try source.read(count, at: offset, into: &window) } catch {
            throw .unreadable(offset: offset, count: count, error)
        }
        first = id
        held = wanted
    }
}
