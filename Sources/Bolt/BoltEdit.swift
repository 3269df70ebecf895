/// New contents for a few small buckets of a sound file, laid out as bytes to be written behind its last page.
///
/// Nothing that is in use is written over, so that the file stays what it was until a meta page is written. First the
/// pages, then a flush, then the two metas, and a flush: cut off anywhere, the file is the old database or the new one.
/// Both metas then say the same, so that no reader can fall back to what was before. Pages that are no longer in use
/// become free, as bbolt finds out for itself when it opens the file.
package struct BoltEdit: Sendable, Hashable {
    /// Bytes, and the place in the file that they belong to.
    package struct Piece: Sendable, Hashable {
        package var offset: UInt64
        package var bytes: [UInt8]
    }

    /// Behind the last page of the database; the file ends with it.
    package let pages: Piece
    /// One a meta page, the older first.
    package let metas: [Piece]

    /// The file's length once it is done.
    package var byteCount: UInt64 { pages.offset + UInt64(pages.bytes.count) }

    /// - Parameters:
    ///   - file: what is to be changed. Of it the root is read, not the rest.
    ///   - contents: by name, all keys and values that a bucket is to have; a bucket that is not there is added.
    /// - Throws: ``BoltError/unfit(_:)`` for keys or buckets that no page can hold, and what is damaged in the root.
    package init(_ file: BoltFile, contents: [[UInt8]: [[UInt8]: [UInt8]]]) throws(BoltError) {
        var layout = Layout(pageSize: file.pageSize, next: file.pageCount)
        var root: [[UInt8]: Layout.Value] = [:]
        var cursor = file.root()
        var item = try cursor.first()
        while let found = item {
            root[Array(found.key)] = Layout.Value(bytes: Array(found.value), isBucket: found.isBucket)
            item = try cursor.next()
        }
        for (name, items) in contents {
            // A sequence number outlives its bucket's contents.
            let sequence = root[name].map { Array($0.bytes.dropFirst(8).prefix(8)) } ?? [UInt8](repeating: 0, count: 8)
            let values = items.mapValues { Layout.Value(bytes: $0, isBucket: false) }
            root[name] = Layout.Value(bytes: try layout.bucket(values, sequence: sequence), isBucket: true)
        }
        let rootPage = try layout.page(root)
        pages = Piece(offset: file.byteCount, bytes: layout.bytes)
        var meta = file.meta
        meta.root = rootPage
        meta.pageCount = layout.next
        meta.freelist = nil
        var metas: [Piece] = []
        for _ in 0..<2 {
            let (transaction, isLast) = meta.transaction.addingReportingOverflow(1)
            guard !isLast else { throw .unfit("its last transaction is the last that there can be") }
            meta.transaction = transaction
            let page = transaction % 2
            metas.append(Piece(offset: page * UInt64(file.pageSize), bytes: meta.pageBytes(id: page)))
        }
        self.metas = metas
    }
}

/// Leaf pages as bytes, one after another.
private struct Layout {
    struct Value {
        var bytes: [UInt8]
        var isBucket: Bool
    }

    let pageSize: Int
    private(set) var next: PageID
    private(set) var bytes: [UInt8] = []

    /// The counts and lengths that a page has room for.
    private static let mostItems = 0xFFFE
    private static let longestKey = 32768

    init(pageSize: Int, next: PageID) {
        self.pageSize = pageSize
        self.next = next
    }

    /// A bucket's value: its items within it where they are small, else on pages.
    mutating func bucket(_ items: [[UInt8]: Value], sequence: [UInt8]) throws(BoltError) -> [UInt8] {
        let image = try Self.leaf(items, id: 0, overflow: 0)
        if image.count <= pageSize / 4 { return Self.bytes(UInt64(0)) + sequence + image }
        return Self.bytes(try page(items)) + sequence
    }

    /// Puts a leaf on the next pages, however many it takes.
    mutating func page(_ items: [[UInt8]: Value]) throws(BoltError) -> PageID {
        let id = next
        let count = (try Self.leaf(items, id: id, overflow: 0).count + pageSize - 1) / pageSize
        guard let overflow = UInt32(exactly: count - 1) else { throw .unfit("a bucket takes \(count) pages") }
        let image = try Self.leaf(items, id: id, overflow: overflow)
        bytes += image + [UInt8](repeating: 0, count: count * pageSize - image.count)
        next += UInt64(count)
        return id
    }

    private static func leaf(_ items: [[UInt8]: Value], id: PageID, overflow: UInt32) throws(BoltError) -> [UInt8] {
        guard items.count <= mostItems else {
            throw .unfit("a bucket has \(items.count) items, more than one page can")
        }
        var table = bytes(id) + bytes(PageKind.leaf.rawValue) + bytes(UInt16(items.count)) + bytes(overflow)
        var content: [UInt8] = []
        let sorted = items.sorted { $0.key[...].precedes($1.key[...]) }
        for (index, item) in sorted.enumerated() {
            guard (1...longestKey).contains(item.key.count) else {
                throw .unfit("a key has \(item.key.count) bytes; there can be 1 to \(longestKey)")
            }
            guard let position = UInt32(exactly: 16 * (items.count - index) + content.count),
                let length = UInt32(exactly: item.value.bytes.count)
            else { throw .unfit("a bucket of more than 4 GiB") }
            table += bytes(item.value.isBucket ? 1 : 0 as UInt32) + bytes(position) + bytes(UInt32(item.key.count))
            table += bytes(length)
            content += item.key + item.value.bytes
        }
        return table + content
    }

    private static func bytes<Value: FixedWidthInteger>(_ value: Value) -> [UInt8] { value.littleEndianBytes }
}
