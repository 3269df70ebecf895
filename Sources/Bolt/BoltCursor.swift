/// Walks one bucket's items in the order of their keys, reading a page when it comes to it.
///
/// Keys must ascend over all pages, so that a file whose pages lead in a circle, or twice to the same, ends with an
/// error like any other damage.
package struct BoltCursor {
    /// An item, or a bucket within the bucket.
    package struct Item {
        package let key: ArraySlice<UInt8>
        /// Of a bucket: its header, and more where it is inline.
        package let value: ArraySlice<UInt8>
        package let isBucket: Bool
        /// The page that it is in.
        package let page: PageID
    }

    private let root: BucketHeader.Root
    private let limit: Int
    /// The page that names the bucket.
    private let parent: PageID
    private var reader: PageReader
    /// The branches on the way to the leaf, and which child of each was taken.
    private var path: [(page: TreePage, index: Int)] = []
    private var leaf: TreePage?
    private var index = 0
    /// The last key of the leaf before this one.
    private var last: [UInt8] = []
    private static let deepest = 100

    init(_ root: BucketHeader.Root, in parent: PageID, _ file: BoltFile) {
        self.root = root
        self.parent = parent
        limit = file.limit
        reader = file.reader()
    }

    /// How many pages it has asked for so far.
    package var pagesRead: UInt64 { reader.pagesRead }

    /// The first item; nil if there is none.
    package mutating func first() throws(BoltError) -> Item? { try seek([]) }

    /// The first item whose key is `key` or comes after it.
    package mutating func seek(_ key: [UInt8]) throws(BoltError) -> Item? {
        path = []
        leaf = nil
        last = []
        switch root {
        case .inline(let page): leaf = page
        case .page(let id): try descend(to: id, from: parent) { $0.index(for: key[...]) }
        }
        guard let leaf else { return nil }
        index = leaf.count == 0 ? 0 : leaf.index(for: key[...])
        if index < leaf.count, leaf.key(index).precedes(key[...]) { index += 1 }
        return try current()
    }

    /// The last item; nil if there is none.
    package mutating func end() throws(BoltError) -> Item? {
        path = []
        leaf = nil
        last = []
        switch root {
        case .inline(let page): leaf = page
        case .page(let id): try descend(to: id, from: parent) { $0.count - 1 }
        }
        index = max(0, (leaf?.count ?? 0) - 1)
        return try current()
    }

    /// The item after the one that was given last; nil at the end, and before the first ``seek(_:)``.
    package mutating func next() throws(BoltError) -> Item? {
        guard leaf != nil else { return nil }
        index += 1
        return try current()
    }

    /// The item that `index` stands at, in the next leaf if it stands at this one's end.
    private mutating func current() throws(BoltError) -> Item? {
        while let leaf {
            if index < leaf.count {
                return Item(
                    key: leaf.key(index),
                    value: leaf.value(index),
                    isBucket: leaf.isBucket(index),
                    page: leaf.id
                )
            }
            if leaf.count > 0 { last = Array(leaf.key(leaf.count - 1)) }
            self.leaf = nil
            index = 0
            while let (branch, taken) = path.popLast() {
                guard taken + 1 < branch.count else { continue }
                path.append((branch, taken + 1))
                try descend(to: branch.child(taken + 1), from: branch.id) { _ in 0 }
                break
            }
        }
        return nil
    }

    /// Goes down from page `id` to a leaf, by the child that `choose` takes of each branch.
    private mutating func descend(
        to id: PageID,
        from parent: PageID,
        choose: (TreePage) -> Int
    ) throws(BoltError) {
        var (id, parent) = (id, parent)
        while true {
            guard path.count < Self.deepest else { throw .damaged(page: parent, .tooDeep) }
            guard id >= 2, id < reader.pageCount else {
                throw .damaged(page: parent, .outOfFile(id, pages: reader.pageCount))
            }
            let raw = try reader.page(id)
            let page: TreePage
            do { page = try TreePage(checking: raw) } catch { throw .damaged(page: id, error) }
            guard page.count > 0 || path.isEmpty else { throw .damaged(page: id, .emptyLeaf) }
            if page.count > 0 { try checkPlace(of: page) }
            if page.isLeaf {
                leaf = page
                return
            }
            let held = path.reduce(page.byteCount) { $0 + $1.page.byteCount }
            guard held <= limit else { throw .tooLarge(page: id, bytes: UInt64(held), limit: limit) }
            let branch = page.detached()
            let taken = choose(branch)
            path.append((branch, taken))
            (id, parent) = (branch.child(taken), branch.id)
        }
    }

    /// A page's keys lie within what the branch above says, and a leaf's come after those of the leaf before it.
    private func checkPlace(of page: TreePage) throws(BoltError) {
        if let (branch, taken) = path.last, page.key(0).precedes(branch.key(taken)) {
            throw .damaged(page: page.id, .outOfBounds(element: 0))
        }
        for (branch, taken) in path where taken + 1 < branch.count {
            guard page.key(page.count - 1).precedes(branch.key(taken + 1)) else {
                throw .damaged(page: page.id, .outOfBounds(element: page.count - 1))
            }
        }
        if page.isLeaf, !last.isEmpty, !last[...].precedes(page.key(0)) {
            throw .damaged(page: page.id, .order(element: 0))
        }
    }
}
