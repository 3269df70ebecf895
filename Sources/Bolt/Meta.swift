/// What one of the two meta pages says, once its checksum was found right.
///
///     0   magic     u32   0xED0CDAED             32  freelist  u64   its page; all ones: not stored
///     4   version   u32   2                      40  pages     u64   number of pages that were ever allocated
///     8   pageSize  u32                          48  txid      u64   the transaction that wrote it
///     12  flags     u32                          56  checksum  u64   FNV-1a of the 56 bytes before it
///     16  root      u64   page of the root bucket
///     24  sequence  u64   of the root bucket
package struct Meta: Sendable, Hashable {
    package var pageSize: Int
    package var root: PageID
    package var sequence: UInt64
    /// Nil: the list of free pages is not stored, as etcd has it.
    package var freelist: PageID?
    package var pageCount: UInt64
    package var transaction: UInt64

    /// Bytes from the start of its page to the end of its fields.
    static let pageLength = Page.headerSize + length
    private static let length = 64
    private static let magic: UInt32 = 0xED0C_DAED
    private static let none: UInt64 = .max
    package static let pageSizes = 1024...(16 << 20)

    /// How many bytes of the file its pages take.
    var byteCount: UInt64? {
        let (bytes, overflow) = pageCount.multipliedReportingOverflow(by: UInt64(pageSize))
        return overflow ? nil : bytes
    }

    /// Reads the meta of page `id` (0 or 1) from the page's first bytes.
    init(page bytes: ArraySlice<UInt8>, id: PageID) throws(MetaFault) {
        guard bytes.count >= Self.pageLength else { throw .cutOff }
        let body = bytes.part(Page.headerSize..<Self.pageLength)
        func word(_ offset: Int) -> UInt64 { body.littleEndian(offset, as: UInt64.self) ?? 0 }
        func half(_ offset: Int) -> UInt32 { body.littleEndian(offset, as: UInt32.self) ?? 0 }
        guard half(0) == Self.magic else { throw .magic(half(0)) }
        guard half(4) == 2 else { throw .version(half(4)) }
        let computed = Self.checksum(body.prefix(56))
        guard word(56) == computed else { throw .checksum(stored: word(56), computed: computed) }
        guard let size = Int(exactly: half(8)), Self.pageSizes.contains(size), size & (size - 1) == 0 else {
            throw .pageSize(half(8))
        }
        pageSize = size
        root = word(16)
        sequence = word(24)
        freelist = word(32) == Self.none ? nil : word(32)
        pageCount = word(40)
        transaction = word(48)
        let header = (bytes.littleEndian(0, as: UInt64.self), bytes.littleEndian(8, as: UInt64.self))
        guard header == (id, UInt64(PageKind.meta.rawValue)) else { throw .notMeta }
    }

    /// - Throws: what of its numbers no database can have.
    func validate() throws(MetaFault) {
        guard byteCount != nil else { throw .impossible("\(pageCount) pages of \(pageSize) bytes") }
        guard pageCount > 2 else { throw .impossible("a database of \(pageCount) pages") }
        guard (2..<pageCount).contains(root) else {
            throw .impossible("its root is page \(root), and it has \(pageCount) pages")
        }
        if let freelist, !(2..<pageCount).contains(freelist) {
            throw .impossible("its list of free pages is page \(freelist), and it has \(pageCount) pages")
        }
    }

    /// FNV-1a, 64 bits.
    private static func checksum(_ bytes: ArraySlice<UInt8>) -> UInt64 {
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        for byte in bytes { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
        return hash
    }
}

extension Meta {
    /// Its page's first bytes, header and checksum included.
    func pageBytes(id: PageID) -> [UInt8] {
        var body = Self.magic.littleEndianBytes + UInt32(2).littleEndianBytes + UInt32(pageSize).littleEndianBytes
        body += UInt32(0).littleEndianBytes + root.littleEndianBytes + sequence.littleEndianBytes
        body += (freelist ?? Self.none).littleEndianBytes + pageCount.littleEndianBytes
        body += transaction.littleEndianBytes
        let header = id.littleEndianBytes + UInt64(PageKind.meta.rawValue).littleEndianBytes
        return header + body + Self.checksum(body[...]).littleEndianBytes
    }
}
