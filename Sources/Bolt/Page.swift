/// A page's number: page `p` begins at byte `p` times the page size.
package typealias PageID = UInt64

/// What a page says that it is. Exactly one of these.
package enum PageKind: UInt16, Sendable {
    case branch = 0x01
    case leaf = 0x02
    case meta = 0x04
    case freelist = 0x10
}

/// A page and the pages of its overflow as one area: read, its header checked, its content not yet.
///
///     0   id        u64   the page's own number
///     8   flags     u16   a ``PageKind``
///     10  count     u16   elements
///     12  overflow  u32   further pages that belong to this one, and have no header of their own
///     16  content
struct Page {
    static let headerSize = 16

    let id: PageID
    let kind: PageKind
    let count: Int
    let overflow: UInt32
    /// The whole area, the header included.
    let bytes: ArraySlice<UInt8>

    /// How many pages it takes.
    var span: UInt64 { UInt64(overflow) + 1 }

    /// The header alone. `bytes` may end with the page; the area is cut out later, when its length is known to be good.
    init(header bytes: ArraySlice<UInt8>, at id: PageID) throws(BoltError) {
        guard let own = bytes.littleEndian(0, as: UInt64.self), let flags = bytes.littleEndian(8, as: UInt16.self),
            let count = bytes.littleEndian(10, as: UInt16.self), let overflow = bytes.littleEndian(12, as: UInt32.self)
        else { throw .damaged(page: id, .cutOff) }
        guard own == id else { throw .damaged(page: id, .otherNumber(own)) }
        guard let kind = PageKind(rawValue: flags) else { throw .damaged(page: id, .unknownKind(flags)) }
        self.init(id: id, kind: kind, count: Int(count), overflow: overflow, bytes: bytes)
    }

    init(id: PageID, kind: PageKind, count: Int, overflow: UInt32, bytes: ArraySlice<UInt8>) {
        self.id = id
        self.kind = kind
        self.count = count
        self.overflow = overflow
        self.bytes = bytes
    }
}
