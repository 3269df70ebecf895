extension BoltFile {
    /// Reads every page that is in use, and binds each page of the file exactly once: it is a meta page, the root leads
    /// to it, or it is free. Shows `visitor` every item of every good page.
    ///
    /// A damaged page is noted and passed over with all that only it leads to; the check goes on beside it. Each page
    /// is read at most once, whatever the file says, so that the check ends.
    /// - Throws: ``BoltError/unreadable(offset:count:_:)`` when the file itself fails, and
    ///   ``BoltError/tooLarge(page:bytes:limit:)``.
    package func check(_ visitor: (any BoltVisitor)? = nil) throws(BoltError) -> BoltCheck {
        guard pageCount / 8 <= UInt64(limit) else { throw .tooLarge(page: 0, bytes: pageCount / 8, limit: limit) }
        var walk = TreeWalk(self, visitor)
        try walk.run()
        return walk.check
    }
}

/// The walk over all trees of a file.
private struct TreeWalk {
    var check = BoltCheck()
    private let visitor: (any BoltVisitor)?
    private let meta: Meta
    private let limit: Int
    private let metaDamage: BoltError?
    private var reader: PageReader
    private var used: PageSet
    /// Bytes of the pages on the way from the root to where the walk is.
    private var held = 0

    /// More levels than any real tree has, buckets within buckets included; it bounds the recursion.
    private static let deepest = 100

    /// What a branch says of a child's keys: from the first on, and before the second.
    private struct Bounds {
        var lower: ArraySlice<UInt8>?
        var upper: ArraySlice<UInt8>?
    }

    init(_ file: BoltFile, _ visitor: (any BoltVisitor)?) {
        self.visitor = visitor
        meta = file.meta
        limit = file.limit
        metaDamage = file.metaDamage
        reader = file.reader()
        used = PageSet(pageCount: file.pageCount)
    }

    mutating func run() throws(BoltError) {
        if let metaDamage { check.add(metaDamage) }
        used.insert(0)
        used.insert(1)
        try tree(meta.root, from: 0, Bounds(), depth: 0)
        let isWhole = check.isSound || (check.damageCount == 1 && metaDamage != nil)
        if let page = meta.freelist { try freelist(page, isWhole: isWhole) }
        check.pageCount = reader.pageCount
        check.usedPages = used.count
        check.pagesRead = reader.pagesRead
    }

    /// Runs `body`; what it throws is noted, unless the file itself cannot be read.
    private mutating func noting(_ body: (inout Self) throws(BoltError) -> Void) throws(BoltError) {
        do { try body(&self) } catch {
            switch error {
            case .damaged, .tooLarge: check.add(error)
            default: throw error
            }
        }
    }

    /// Reads a page that `parent` refers to, and makes it and its overflow that reference's own.
    private mutating func claim(_ id: PageID, from parent: PageID) throws(BoltError) -> Page {
        guard id >= 2, id < reader.pageCount else {
            throw .damaged(page: parent, .outOfFile(id, pages: reader.pageCount))
        }
        guard !used.contains(id) else { throw .damaged(page: parent, .usedTwice(id)) }
        let page = try reader.page(id)
        if let other = used.claim(id, span: page.span) { throw .damaged(page: id, .usedTwice(other)) }
        return page
    }

    private mutating func tree(_ id: PageID, from parent: PageID, _ bounds: Bounds, depth: Int) throws(BoltError) {
        try noting { walk throws(BoltError) in try walk.subtree(id, from: parent, bounds, depth: depth, isRoot: true) }
    }

    private mutating func subtree(
        _ id: PageID,
        from parent: PageID,
        _ bounds: Bounds,
        depth: Int,
        isRoot: Bool
    ) throws(BoltError) {
        guard depth < Self.deepest else { throw .damaged(page: parent, .tooDeep) }
        let page = try tree(page: id, from: parent)
        defer { held -= page.isOwn ? page.byteCount : 0 }
        guard page.count > 0 || isRoot else { throw .damaged(page: id, .emptyLeaf) }
        if page.count > 0 {
            if let lower = bounds.lower, page.key(0).precedes(lower) {
                throw .damaged(page: id, .outOfBounds(element: 0))
            }
            if let upper = bounds.upper, !page.key(page.count - 1).precedes(upper) {
                throw .damaged(page: id, .outOfBounds(element: page.count - 1))
            }
        }
        if page.isLeaf {
            try items(of: page, depth: depth)
        } else {
            try children(of: page, bounds, depth: depth)
        }
    }

    /// A checked page of a tree. One that others are read beneath is in memory of its own, which is counted as long as
    /// it is on the way.
    private mutating func tree(page id: PageID, from parent: PageID) throws(BoltError) -> TreePage {
        let raw = try claim(id, from: parent)
        let page: TreePage
        do { page = try TreePage(checking: raw) } catch { throw .damaged(page: id, error) }
        guard !page.isLeaf || page.hasBuckets else { return page }
        guard page.byteCount <= limit - held else {
            throw .tooLarge(page: id, bytes: UInt64(held) + UInt64(page.byteCount), limit: limit)
        }
        held += page.byteCount
        return page.detached()
    }

    private mutating func children(of branch: TreePage, _ bounds: Bounds, depth: Int) throws(BoltError) {
        for index in 0..<branch.count {
            let inner = Bounds(
                lower: branch.key(index),
                upper: index + 1 < branch.count ? branch.key(index + 1) : bounds.upper
            )
            let child = branch.child(index)
            try noting { walk throws(BoltError) in
                try walk.subtree(child, from: branch.id, inner, depth: depth + 1, isRoot: false)
            }
        }
    }

    private mutating func items(of leaf: TreePage, depth: Int) throws(BoltError) {
        for index in 0..<leaf.count {
            if leaf.isBucket(index) {
                try noting { walk throws(BoltError) in try walk.bucket(index, of: leaf, depth: depth) }
            } else {
                visitor?.item(key: leaf.key(index), value: leaf.value(index), page: leaf.id)
            }
        }
    }

    private mutating func bucket(_ index: Int, of leaf: TreePage, depth: Int) throws(BoltError) {
        let header: BucketHeader
        do { header = try BucketHeader(leaf.value(index), in: leaf.id, element: index) } catch {
            throw .damaged(page: leaf.id, error)
        }
        var entry = BoltBucketEntry(
            name: Array(leaf.key(index)),
            sequence: header.sequence,
            page: leaf.id,
            isInline: false
        )
        switch header.root {
        case .page(let root):
            visitor?.enter(entry)
            try tree(root, from: leaf.id, Bounds(), depth: depth + 1)
        case .inline(let page):
            entry.isInline = true
            visitor?.enter(entry)
            for index in 0..<page.count {
                visitor?.item(key: page.key(index), value: page.value(index), page: leaf.id)
            }
        }
        visitor?.leave()
    }

    /// The stored list of free pages: sorted, each of them a page that nothing uses, and with the used ones all.
    private mutating func freelist(_ id: PageID, isWhole: Bool) throws(BoltError) {
        try noting { walk throws(BoltError) in
            let page = try walk.claim(id, from: 0)
            let free = try FreeList(page, pageCount: walk.reader.pageCount)
            walk.check.listedFree = UInt64(free.pages.count)
            for page in free.pages where walk.used.contains(page) { walk.check.add(.damaged(page: page, .freeAndUsed)) }
            // Below a page that was passed over nothing is known to be in use.
            guard isWhole else { return }
            for run in free.missing(from: walk.used) {
                walk.check.add(.damaged(page: run.lowerBound, .lost(UInt64(run.count))))
            }
        }
    }
}
