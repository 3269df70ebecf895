/// What stands at the start of a bucket's value: where its items are, and its sequence.
///
///     0   root      u64   page of its tree; 0: a whole leaf page follows ("inline")
///     8   sequence  u64
///     16  the page, if inline: 16 bytes of header with number 0, then elements
struct BucketHeader {
    static let size = 16

    enum Root {
        case page(PageID)
        case inline(TreePage)
    }

    let root: Root
    let sequence: UInt64

    /// Reads the value of an element; `page` is where it stands.
    init(_ value: ArraySlice<UInt8>, in page: PageID, element: Int) throws(PageFault) {
        guard let root = value.littleEndian(0, as: UInt64.self), let sequence = value.littleEndian(8, as: UInt64.self)
        else { throw .bucketLength(element: element, value.count) }
        self.sequence = sequence
        if root != 0 {
            guard value.count == Self.size else { throw .bucketLength(element: element, value.count) }
            self.root = .page(root)
            return
        }
        let image = value.dropFirst(Self.size)
        guard image.count >= Page.headerSize, let number = image.littleEndian(0, as: UInt64.self),
            let flags = image.littleEndian(8, as: UInt16.self), let count = image.littleEndian(10, as: UInt16.self),
            let overflow = image.littleEndian(12, as: UInt32.self)
        else { throw .bucketLength(element: element, value.count) }
        guard number == 0 else { throw .inlineBucket(element: element, "says that it is page \(number)") }
        guard flags == PageKind.leaf.rawValue else { throw .inlineBucket(element: element, "is no leaf") }
        guard overflow == 0 else { throw .inlineBucket(element: element, "claims pages of its own") }
        let inner: TreePage
        do {
            inner = try TreePage(
                checking: Page(id: page, kind: .leaf, count: Int(count), overflow: 0, bytes: image)
            )
        } catch { throw .inside(element: element, error) }
        guard inner.used == image.count else { throw .bucketLength(element: element, value.count) }
        for index in 0..<inner.count where inner.isBucket(index) {
            throw .inlineBucket(element: element, "holds a bucket of its own")
        }
        self.root = .inline(inner)
    }
}
