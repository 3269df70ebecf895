/// A set of pages, a bit each.
struct PageSet {
    private var words: [UInt64]
    private(set) var count: UInt64 = 0
    let pageCount: UInt64

    init(pageCount: UInt64) {
        self.pageCount = pageCount
        words = [UInt64](repeating: 0, count: Int(pageCount / 64) + 1)
    }

    /// A page past the last is in no set.
    func contains(_ page: PageID) -> Bool {
        page < pageCount && words[Int(page / 64)] & (1 << (page % 64)) != 0
    }

    /// Adds one page of the database.
    mutating func insert(_ page: PageID) {
        guard page < pageCount, !contains(page) else { return }
        words[Int(page / 64)] |= 1 << (page % 64)
        count += 1
    }

    /// Adds `span` pages of the database from `page` on, or none if one of them is in the set.
    /// - Returns: the first that is.
    mutating func claim(_ page: PageID, span: UInt64) -> PageID? {
        for page in page..<page + span where contains(page) { return page }
        for page in page..<page + span { insert(page) }
        return nil
    }
}
