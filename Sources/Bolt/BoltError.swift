/// Why a file is not a database that can be read, or not wholly.
package enum BoltError: Error, Hashable {
    /// Neither of the two meta pages is good.
    case noMeta(first: MetaFault, second: MetaFault)
    /// One of the two meta pages is not good; the file is read by the other, which may be older.
    case badMeta(page: PageID, MetaFault)
    /// The file ends before its database does.
    case tooShort(bytes: UInt64, needed: UInt64)
    /// The file could not be read there.
    case unreadable(offset: UInt64, count: Int, PageSourceFailure)
    /// A page is not what it should be.
    case damaged(page: PageID, PageFault)
    /// A page with its overflow, or the pages on the way to it, would take more memory than the reader may use.
    case tooLarge(page: PageID, bytes: UInt64, limit: Int)
    /// No bucket of this name.
    case noBucket([UInt8])
    /// What was to be written is more than the format holds.
    case unfit(String)
}

/// What is wrong with a meta page.
package enum MetaFault: Error, Hashable {
    case cutOff
    case notMeta
    case magic(UInt32)
    case version(UInt32)
    case checksum(stored: UInt64, computed: UInt64)
    case pageSize(UInt32)
    /// The checksum is right, but a number in it cannot be.
    case impossible(String)
}

/// What is wrong with a page.
package enum PageFault: Error, Hashable {
    case cutOff
    /// The header holds another page's number.
    case otherNumber(UInt64)
    case unknownKind(UInt16)
    /// A page of this kind has no place here.
    case wrongKind(PageKind)
    /// It refers to a page that a database of so many pages does not have.
    case outOfFile(PageID, pages: UInt64)
    /// Its overflow reaches past the last page.
    case overflow(UInt32, pages: UInt64)
    /// It, or a page of its overflow, is also another's.
    case usedTwice(PageID)
    /// A way from the root leads here that is longer than any real one.
    case tooDeep
    case emptyBranch
    case emptyLeaf
    /// So many elements do not fit.
    case elements(Int, bytes: Int)
    /// Its key and value do not lie right behind those of the element before.
    case misplaced(element: Int)
    /// Its key or value goes beyond the page's end.
    case beyondEnd(element: Int)
    case keyLength(element: Int, Int)
    case elementFlags(element: Int, UInt32)
    /// The key does not come after the one before it.
    case order(element: Int)
    /// The key is not within what the branch above says of this page.
    case outOfBounds(element: Int)
    /// What should be a bucket is too short for one, or longer than its content.
    case bucketLength(element: Int, Int)
    /// A bucket within a page holds buckets, or its page's header is not right.
    case inlineBucket(element: Int, String)
    /// The bucket inside this element has this fault.
    indirect case inside(element: Int, PageFault)
    /// The list of free pages has no order, or names what cannot be free.
    case freeList(String)
    /// Free by the list, and yet in use.
    case freeAndUsed
    /// Neither in use nor in the list of free pages; so many from this one on.
    case lost(UInt64)
}

extension BoltError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .noMeta(let first, let second):
            "this is no bbolt database: page 0 \(first), and the second meta page \(second)"
        case .badMeta(let page, let fault):
            "page \(page), one of the two meta pages, \(fault); the database is read by the other one"
        case .tooShort(let bytes, let needed):
            "the file ends at byte \(bytes), its database at byte \(needed): \(needed - bytes) bytes were cut off"
        case .unreadable(let offset, let count, let failure):
            "\(count) bytes at byte \(offset) cannot be read: \(failure)"
        case .damaged(let page, let fault): "page \(page) \(fault)"
        case .tooLarge(let page, let bytes, let limit):
            "page \(page) would need \(bytes) bytes of memory, and \(limit) are allowed"
        case .unfit(let what): "this cannot be written to a bbolt database: \(what)"
        case .noBucket(let name): "there is no bucket '\(String(decoding: name, as: UTF8.self))'"
        }
    }
}

extension MetaFault: CustomStringConvertible {
    package var description: String {
        switch self {
        case .cutOff: "is cut off"
        case .notMeta: "does not say that it is a meta page"
        case .magic(let found): "does not begin with bbolt's mark (it has \(Self.hex(found)))"
        case .version(let found): "has the format version \(found), not 2"
        case .checksum(let stored, let computed):
            "has the checksum \(Self.hex(stored)), but its content has \(Self.hex(computed))"
        case .pageSize(let size): "has the page size \(size), which it cannot have"
        case .impossible(let what): "says the impossible: \(what)"
        }
    }

    private static func hex(_ value: some BinaryInteger) -> String { "0x" + String(value, radix: 16) }
}

extension PageFault: CustomStringConvertible {
    package var description: String {
        switch self {
        case .cutOff: "is cut off"
        case .otherNumber(let number): "says that it is page \(number)"
        case .unknownKind(let flags): "is of no known kind (flags 0x\(String(flags, radix: 16)))"
        case .wrongKind(let kind): "is a \(kind) page, which has no place here"
        case .outOfFile(let page, let pages): "refers to page \(page), and the database has \(pages) pages"
        case .overflow(let count, let pages):
            "claims \(count) more pages, past the end of a database of \(pages) pages"
        case .usedTwice(let page): "is used twice: page \(page) belongs to something else already"
        case .tooDeep: "is deeper in the tree than any real one"
        case .emptyBranch: "is a branch without a child"
        case .emptyLeaf: "is an empty leaf below a branch"
        case .elements(let count, let bytes): "claims \(count) elements in \(bytes) bytes"
        case .misplaced(let element): "has the bytes of element \(element) at a wrong place"
        case .beyondEnd(let element): "has an element \(element) that goes beyond its end"
        case .keyLength(let element, let length): "has a key of \(length) bytes in element \(element)"
        case .elementFlags(let element, let flags):
            "has the unknown flags 0x\(String(flags, radix: 16)) in element \(element)"
        case .order(let element): "has the key of element \(element) out of order"
        case .outOfBounds(let element):
            "has a key in element \(element) that the branch above it does not lead to"
        case .bucketLength(let element, let length):
            "has a bucket in element \(element) whose length of \(length) bytes cannot be"
        case .inlineBucket(let element, let why): "has a bucket in element \(element) that \(why)"
        case .inside(let element, let fault): "holds a bucket in element \(element) that \(fault)"
        case .freeList(let why): "is a list of free pages that \(why)"
        case .freeAndUsed: "is in the list of free pages, and in use"
        case .lost(let count):
            count == 1
                ? "is neither in use nor in the list of free pages"
                : "and the \(count - 1) after it are neither in use nor in the list of free pages"
        }
    }
}
