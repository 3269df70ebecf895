/// What each byte of a sound database is, found without the code under test: by following the file's own numbers.
struct PageMap {
    enum Part: Hashable, Sendable {
        /// Not in use: free pages, and what is left of a page behind its last element.
        case unused
        /// Meta pages, headers, tables of elements, bucket headers, and the keys that branches and the root hold.
        case structure
        /// A row's revision and its content.
        case row
        /// The same of a row that was compacted, or will be: HashKV may pass over it.
        case oldRow
        /// Keys and values of the small buckets.
        case item
    }

    private(set) var parts: [Part]
    let pageSize: Int
    private let bytes: [UInt8]
    private let compacted: Int

    init(of bytes: [UInt8], compacted: Int) {
        self.bytes = bytes
        self.compacted = compacted
        pageSize = Self.number(bytes, 24, 4)
        parts = [Part](repeating: .unused, count: bytes.count)
        for page in 0..<2 { mark(page * pageSize..<page * pageSize + 80, .structure) }
        root(Self.number(bytes, 32, 8) * pageSize)
    }

    /// Offsets of bytes that are `part`, by page.
    func offsets(of part: Part, in page: Int) -> [Int] {
        (page * pageSize..<(page + 1) * pageSize).filter { $0 < parts.count && parts[$0] == part }
    }

    private static func number(_ bytes: [UInt8], _ offset: Int, _ size: Int) -> Int {
        (0..<size).reduce(0) { $0 | Int(bytes[offset + $1]) << ($1 * 8) }
    }

    private func number(_ offset: Int, _ size: Int) -> Int { Self.number(bytes, offset, size) }

    private mutating func mark(_ range: Range<Int>, _ part: Part) {
        for offset in range { parts[offset] = part }
    }

    /// Marks a page's header and table.
    /// - Returns: where the key and the value of each element lie, and each element itself.
    private mutating func table(_ page: Int) -> [(element: Int, key: Range<Int>, value: Range<Int>)] {
        let count = number(page + 10, 2)
        let isLeaf = number(page + 8, 2) == 2
        mark(page..<page + 16 + 16 * count, .structure)
        return (0..<count).map { index in
            let element = page + 16 + 16 * index
            let start = element + number(element + (isLeaf ? 4 : 0), 4)
            let end = start + number(element + (isLeaf ? 8 : 4), 4)
            return (element, start..<end, end..<end + (isLeaf ? number(element + 12, 4) : 0))
        }
    }

    private mutating func root(_ page: Int) {
        for (element, key, value) in table(page) {
            mark(key, .structure)
            if number(page + 8, 2) == 1 {
                root(number(element + 8, 8) * pageSize)
                continue
            }
            let isRows = bytes[key].elementsEqual("key".utf8)
            mark(value.prefix(16), .structure)
            let child = number(value.lowerBound, 8)
            tree(child == 0 ? value.lowerBound + 16 : child * pageSize, isRows: isRows)
        }
    }

    private mutating func tree(_ page: Int, isRows: Bool) {
        for (element, key, value) in table(page) {
            if number(page + 8, 2) == 1 {
                mark(key, .structure)
                tree(number(element + 8, 8) * pageSize, isRows: isRows)
            } else {
                let revision = bytes[key].prefix(8).reduce(0) { $0 << 8 | Int($1) }
                let part: Part = isRows ? revision <= compacted ? .oldRow : .row : .item
                mark(key, part)
                mark(value, part)
            }
        }
    }
}
