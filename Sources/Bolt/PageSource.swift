/// The bytes of a database file, read by position.
///
/// A file that shrinks or fails under its reader throws; that is why no file is mapped into memory here.
package protocol PageSource: Sendable {
    /// How many bytes may be read.
    var byteCount: UInt64 { get }

    /// Fills the first `count` bytes of `buffer`, which has room for them, with those from `offset` on: all or none.
    func read(_ count: Int, at offset: UInt64, into buffer: inout [UInt8]) throws(PageSourceFailure)
}

/// Why bytes could not be read, in the words of whoever should have given them.
package struct PageSourceFailure: Error, Hashable, CustomStringConvertible {
    package var reason: String
    package var description: String { reason }

    package init(_ reason: String) { self.reason = reason }
}

/// A database that is in memory.
package struct MemorySource: PageSource {
    package var bytes: [UInt8]
    package var byteCount: UInt64 { UInt64(bytes.count) }

    package init(_ bytes: [UInt8]) { self.bytes = bytes }

    package func read(_ count: Int, at offset: UInt64, into buffer: inout [UInt8]) throws(PageSourceFailure) {
        guard let start = Int(exactly: offset), start <= bytes.count, count >= 0, count <= bytes.count - start else {
            throw PageSourceFailure("there are only \(bytes.count) bytes")
        }
        buffer.replaceSubrange(0..<count, with: bytes[start..<start + count])
    }
}
