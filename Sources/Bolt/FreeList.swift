/// The stored list of free pages: u64 numbers after the page's header, as many as its count says; a count of 0xFFFF
/// means that the first of them is the true count.
struct FreeList {
    /// Ascending.
    let pages: [PageID]

    init(_ page: Page, pageCount: UInt64) throws(BoltError) {
        func fault(_ why: String) -> BoltError { .damaged(page: page.id, .freeList(why)) }
        guard page.kind == .freelist else { throw .damaged(page: page.id, .wrongKind(page.kind)) }
        let room = (page.bytes.count - Page.headerSize) / 8
        func word(_ index: Int) -> UInt64 {
            page.bytes.littleEndian(Page.headerSize + 8 * index, as: UInt64.self) ?? 0
        }
        let isLong = page.count == 0xFFFF
        let count = isLong ? word(0) : UInt64(page.count)
        let start = isLong ? 1 : 0
        guard count <= UInt64(room - start) else { throw fault("claims \(count) pages and has room for \(room)") }
        var pages: [PageID] = []
        pages.reserveCapacity(Int(count))
        for index in start..<start + Int(count) {
            let free = word(index)
            guard (2..<pageCount).contains(free) else { throw fault("names page \(free) of \(pageCount)") }
            guard free > pages.last ?? 0 else { throw fault("has no order at page \(free)") }
            pages.append(free)
        }
        self.pages = pages
    }

    /// Runs of pages that are neither here nor in `used`.
    func missing(from used: PageSet) -> [Range<PageID>] {
        var runs: [Range<PageID>] = []
        var next = pages[...]
        for page in 2..<used.pageCount {
            if next.first == page {
                next.removeFirst()
            } else if !used.contains(page) {
                if let last = runs.last, last.upperBound == page {
                    runs[runs.count - 1] = last.lowerBound..<page + 1
                } else {
                    runs.append(page..<page + 1)
                }
            }
        }
        return runs
    }
}
