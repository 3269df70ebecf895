/// Lays out database files for the tests, byte by byte from the format's description and none of the reader's code.
struct DatabaseBuilder {
    struct Item: Sendable {
        var key: [UInt8]
        var content: Content

        init(_ key: String, _ value: [UInt8]) { (self.key, content) = (Array(key.utf8), .value(value)) }
        init(_ key: String, _ content: Content) { (self.key, self.content) = (Array(key.utf8), content) }
    }

    indirect enum Content: Sendable {
        case value([UInt8])
        /// A bucket with pages of its own.
        case bucket(Tree)
        case inline([Item])
    }

    indirect enum Tree: Sendable {
        case leaf([Item])
        case branch([Tree])
    }

    var pageSize = 4096
    /// Pages after the metas; each a whole area with its overflow.
    private(set) var pages: [UInt8] = []
    private var next: UInt64 = 2
    var transaction: UInt64 = 10

    init(pageSize: Int = 4096) { self.pageSize = pageSize }

    /// A file with this root and, if asked for, a stored list of free pages.
    mutating func file(_ root: Tree, freePages: Int = 0, storesFreelist: Bool = false) -> [UInt8] {
        let free = (0..<freePages).map { _ in place(Array(repeating: 0xEE, count: 100)) }
        let rootPage = write(root).id
        var freelist = UInt64.max
        if storesFreelist {
            freelist = next
            place(
                Self.header(next, flags: 0x10, count: free.count, overflow: 0) + free.flatMap { Self.bytes($0) }
            )
        }
        return metas(root: rootPage, freelist: freelist) + pages
    }

    func metas(root: UInt64, freelist: UInt64 = .max) -> [UInt8] {
        padded(meta(0, root, freelist, transaction)) + padded(meta(1, root, freelist, transaction - 1))
    }

    func meta(_ page: UInt64, _ root: UInt64, _ freelist: UInt64, _ transaction: UInt64) -> [UInt8] {
        var body = Self.bytes(UInt32(0xED0C_DAED)) + Self.bytes(UInt32(2)) + Self.bytes(UInt32(pageSize))
        body += Self.bytes(UInt32(0)) + Self.bytes(root) + Self.bytes(UInt64(0)) + Self.bytes(freelist)
        body += Self.bytes(next) + Self.bytes(transaction)
        return Self.header(page, flags: 4, count: 0, overflow: 0) + body + Self.bytes(Self.checksum(body))
    }

    static func checksum(_ body: some Sequence<UInt8>) -> UInt64 {
        body.reduce(0xCBF2_9CE4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01B3 }
    }

    private mutating func write(_ tree: Tree) -> (id: UInt64, first: [UInt8]) {
        switch tree {
        case .leaf(let items):
            let content = leaf(items)
            return (
                place(content) { Self.header($0, flags: 2, count: items.count, overflow: $1) }, items.first?.key ?? []
            )
        case .branch(let children):
            let written = children.map { write($0) }
            var table: [UInt8] = []
            var keys: [UInt8] = []
            for (index, child) in written.enumerated() {
                table += Self.bytes(UInt32(16 * (written.count - index) + keys.count))
                table += Self.bytes(UInt32(child.first.count)) + Self.bytes(child.id)
                keys += child.first
            }
            let content = table + keys
            return (
                place(content) { Self.header($0, flags: 1, count: written.count, overflow: $1) },
                written.first?.first ?? []
            )
        }
    }

    private mutating func leaf(_ items: [Item]) -> [UInt8] {
        var table: [UInt8] = []
        var content: [UInt8] = []
        for (index, item) in items.enumerated() {
            let (flags, value) = written(item.content)
            table += Self.bytes(flags) + Self.bytes(UInt32(16 * (items.count - index) + content.count))
            table += Self.bytes(UInt32(item.key.count)) + Self.bytes(UInt32(value.count))
            content += item.key + value
        }
        return table + content
    }

    private mutating func written(_ content: Content) -> (flags: UInt32, value: [UInt8]) {
        switch content {
        case .value(let value): return (0, value)
        case .bucket(let tree): return (1, Self.bytes(write(tree).id) + Self.bytes(UInt64(0)))
        case .inline(let items):
            let image = Self.header(0, flags: 2, count: items.count, overflow: 0) + leaf(items)
            return (1, Self.bytes(UInt64(0)) + Self.bytes(UInt64(0)) + image)
        }
    }

    /// Puts a page's content on the next pages, behind the header that `header` makes of its number and overflow.
    @discardableResult
    private mutating func place(_ content: [UInt8], _ header: (UInt64, Int) -> [UInt8] = { _, _ in [] }) -> UInt64 {
        let id = next
        let overflow = (content.count + 16) / pageSize
        pages += padded(header(id, overflow) + content)
        next = UInt64(pages.count / pageSize) + 2
        return id
    }

    private func padded(_ bytes: [UInt8]) -> [UInt8] {
        let pages = max(1, (bytes.count + pageSize - 1) / pageSize)
        return bytes + [UInt8](repeating: 0, count: pages * pageSize - bytes.count)
    }

    static func header(_ id: UInt64, flags: Int, count: Int, overflow: Int) -> [UInt8] {
        bytes(id) + bytes(UInt16(flags)) + bytes(UInt16(count)) + bytes(UInt32(overflow))
    }

    static func bytes<Value: FixedWidthInteger>(_ value: Value) -> [UInt8] {
        (0..<Value.bitWidth / 8).map { UInt8(truncatingIfNeeded: value >> Value($0 * 8)) }
    }
}

extension [UInt8] {
    /// The same bytes with some changed from `offset` on.
    func patched<Value: FixedWidthInteger>(_ offset: Int, _ value: Value) -> [UInt8] {
        var bytes = self
        bytes.replaceSubrange(offset..<offset + Value.bitWidth / 8, with: DatabaseBuilder.bytes(value))
        return bytes
    }

    func integer<Value: FixedWidthInteger>(_ offset: Int, as type: Value.Type) -> Value {
        (0..<Value.bitWidth / 8).reduce(0) { $0 | Value(self[offset + $1]) << Value($1 * 8) }
    }
}
