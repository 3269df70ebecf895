/// A version of a Debian package, ordered as dpkg orders them (deb-version(7)).
package struct DebianVersion: Sendable, Hashable, Comparable, CustomStringConvertible {
    package let description: String

    package init(_ text: String) { description = text }

    private var parts: (epoch: Int, upstream: [UInt8], revision: [UInt8]) {
        let halves = description.split(separator: ":", maxSplits: 1)
        let epoch = halves.count == 2 ? Int(halves[0]) ?? 0 : 0
        let rest = halves.last ?? ""
        guard let hyphen = rest.lastIndex(of: "-") else { return (epoch, Array(rest.utf8), []) }
        return (epoch, Array(rest[..<hyphen].utf8), Array(rest[rest.index(after: hyphen)...].utf8))
    }

    package static func < (lhs: Self, rhs: Self) -> Bool {
        let (left, right) = (lhs.parts, rhs.parts)
        if left.epoch != right.epoch { return left.epoch < right.epoch }
        let upstream = compare(left.upstream, right.upstream)
        return upstream != 0 ? upstream < 0 : compare(left.revision, right.revision) < 0
    }

    /// Runs of non-digits by rank, then runs of digits by value, in turn; negative when `left` is older.
    private static func compare(_ left: [UInt8], _ right: [UInt8]) -> Int {
        var (i, j) = (0, 0)
        while i < left.count || j < right.count {
            while (i < left.count && !isDigit(left[i])) || (j < right.count && !isDigit(right[j])) {
                let difference = rank(left, i) - rank(right, j)
                if difference != 0 { return difference }
                i += 1
                j += 1
            }
            while i < left.count, left[i] == 0x30 { i += 1 }
            while j < right.count, right[j] == 0x30 { j += 1 }
            var first = 0
            while i < left.count, j < right.count, isDigit(left[i]), isDigit(right[j]) {
                if first == 0 { first = Int(left[i]) - Int(right[j]) }
                i += 1
                j += 1
            }
            if i < left.count, isDigit(left[i]) { return 1 }
            if j < right.count, isDigit(right[j]) { return -1 }
            if first != 0 { return first }
        }
        return 0
    }

    private static func isDigit(_ byte: UInt8) -> Bool { (0x30...0x39).contains(byte) }

    /// A tilde sorts before the end, the end before letters, letters before everything else.
    private static func rank(_ bytes: [UInt8], _ index: Int) -> Int {
        guard index < bytes.count else { return 0 }
        switch bytes[index] {
        case UInt8(ascii: "~"): return -1
        case 0x30...0x39: return 0
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"): return Int(bytes[index])
        default: return Int(bytes[index]) + 256
        }
    }
}
