import Bolt
import Synchronization

/// A database with every kind of page: branches over two levels, leaves, overflow, inline and nested buckets, an empty
/// bucket, free pages.
enum Sample {
    static func name(_ number: Int) -> String { "k" + String(String(1000 + number).dropFirst()) }

    static func value(_ number: Int) -> [UInt8] {
        [UInt8](repeating: UInt8(number % 251), count: number % 10 == 7 ? 5000 : number % 40)
    }

    /// Keys k000 to k119 in a tree of three levels.
    static let rows: DatabaseBuilder.Tree = .branch(
        (0..<3).map { part in
            .branch(
                (0..<4).map { leaf in
                    .leaf(
                        (0..<10).map {
                            let number = part * 40 + leaf * 10 + $0
                            return .init(name(number), value(number))
                        }
                    )
                }
            )
        }
    )

    static let root: DatabaseBuilder.Tree = .leaf([
        .init("empty", .bucket(.leaf([]))),
        .init("inline", .inline([.init("a", [1]), .init("b", []), .init("c", [3, 3])])),
        .init(
            "nested",
            .bucket(
                .leaf([
                    .init("deep", .bucket(.leaf([.init("in", .inline([.init("x", [9])])), .init("z", [26])]))),
                    .init("plain", [1, 2, 3]),
                ])
            )
        ),
        .init("rows", .bucket(rows)),
    ])

    static func file(pageSize: Int = 4096, storesFreelist: Bool = false) -> [UInt8] {
        var builder = DatabaseBuilder(pageSize: pageSize)
        return builder.file(root, freePages: 3, storesFreelist: storesFreelist)
    }

    /// Everything that a walk over the sample shows, in order.
    static let contents: [String] = {
        var lines = ["+empty", "-", "+inline", "a=1", "b=0", "c=2", "-", "+nested", "+deep", "+in", "x=1", "-", "z=1"]
        lines += ["-", "plain=3", "-", "+rows"]
        lines += (0..<120).map { "\(name($0))=\(value($0).count)" }
        return lines + ["-"]
    }()
}

/// Writes down what a walk shows it.
final class Listing: BoltVisitor {
    private(set) var lines: [String] = []
    /// Keys and values as they are.
    private(set) var bytes: [[UInt8]] = []

    func enter(_ bucket: BoltBucketEntry) { lines.append("+" + String(decoding: bucket.name, as: UTF8.self)) }
    func leave() { lines.append("-") }

    func item(key: ArraySlice<UInt8>, value: ArraySlice<UInt8>, page: PageID) {
        lines.append("\(String(decoding: key, as: UTF8.self))=\(value.count)")
        bytes.append(Array(key) + Array(value))
    }
}

/// Counts what is read, and fails from some read on.
final class CountingSource: PageSource {
    private let bytes: MemorySource
    private let failsAfter: Int
    private let state = Mutex((reads: 0, bytes: 0))

    init(_ bytes: [UInt8], failsAfter: Int = .max) {
        self.bytes = MemorySource(bytes)
        self.failsAfter = failsAfter
    }

    var byteCount: UInt64 { bytes.byteCount }
    var reads: Int { state.withLock { $0.reads } }
    var bytesRead: Int { state.withLock { $0.bytes } }

    func read(_ count: Int, at offset: UInt64, into buffer: inout [UInt8]) throws(PageSourceFailure) {
        let reads = state.withLock {
            $0.reads += 1
            $0.bytes += count
            return $0.reads
        }
        if reads > failsAfter { throw PageSourceFailure("the disk is gone") }
        try bytes.read(count, at: offset, into: &buffer)
    }
}
