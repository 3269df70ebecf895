/// A revision as etcd's store writes it: 8 bytes of main, `_`, 8 bytes of sub, all big-endian. A row of the bucket `key`
/// has a `t` behind it where the key was deleted.
package struct Revision: Sendable, Hashable, Comparable {
    /// The transaction. The first that a user makes is 2.
    package var main: Int64
    /// Which of the transaction's changes, from 0 on.
    package var sub: Int64

    package init(main: Int64, sub: Int64 = 0) {
        self.main = main
        self.sub = sub
    }

    /// Nil unless these are exactly the 17 bytes of a revision.
    package init?(_ bytes: ArraySlice<UInt8>) {
        guard bytes.count == 17, bytes[bytes.startIndex + 8] == UInt8(ascii: "_") else { return nil }
        main = Self.integer(bytes.prefix(8))
        sub = Self.integer(bytes.suffix(8))
        guard main >= 0, sub >= 0 else { return nil }
    }

    /// A row's key: its revision, and whether the row says that a key was deleted.
    package static func row(_ bytes: ArraySlice<UInt8>) -> (revision: Revision, isTombstone: Bool)? {
        let isTombstone = bytes.count == 18 && bytes.last == UInt8(ascii: "t")
        guard let revision = Revision(isTombstone ? bytes.dropLast() : bytes) else { return nil }
        return (revision, isTombstone)
    }

    package var bytes: [UInt8] { Self.bytes(main) + [UInt8(ascii: "_")] + Self.bytes(sub) }

    package static func < (one: Self, other: Self) -> Bool { (one.main, one.sub) < (other.main, other.sub) }

    private static func integer(_ bytes: ArraySlice<UInt8>) -> Int64 {
        var value: UInt64 = 0
        for byte in bytes { value = value << 8 | UInt64(byte) }
        return Int64(bitPattern: value)
    }

    private static func bytes(_ value: Int64) -> [UInt8] {
        (0..<8).map { UInt8(truncatingIfNeeded: value >> (56 - 8 * $0)) }
    }
}

extension Revision: CustomStringConvertible {
    package var description: String { "\(main)_\(sub)" }
}
