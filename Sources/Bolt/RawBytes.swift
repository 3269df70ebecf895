/// The one place where bytes become integers without a loop. Every access is checked against the span's own bounds,
/// so that a mistake elsewhere stops the program rather than reading what is not its own; callers compare offsets
/// with lengths first, and throw.
extension RawSpan {
    /// The little-endian integer whose first byte is at `offset`.
    func littleEndian<Value: FixedWidthInteger & BitwiseCopyable>(_ offset: Int, as type: Value.Type) -> Value {
        unsafe Value(littleEndian: unsafeLoadUnaligned(fromByteOffset: offset, as: type))
    }

    /// The order of two pieces, byte by byte: negative, zero or positive as the first is before, equal to or after
    /// the second.
    func order(_ first: Range<Int>, _ second: Range<Int>) -> Int {
        let shared = Swift.min(first.count, second.count)
        var index = 0
        while index + 8 <= shared {
            let one = unsafe unsafeLoadUnaligned(fromByteOffset: first.lowerBound + index, as: UInt64.self)
            let other = unsafe unsafeLoadUnaligned(fromByteOffset: second.lowerBound + index, as: UInt64.self)
            if one != other { return one.bigEndian < other.bigEndian ? -1 : 1 }
            index += 8
        }
        while index < shared {
            let one = unsafe unsafeLoad(fromByteOffset: first.lowerBound + index, as: UInt8.self)
            let other = unsafe unsafeLoad(fromByteOffset: second.lowerBound + index, as: UInt8.self)
            if one != other { return one < other ? -1 : 1 }
            index += 1
        }
        return first.count - second.count
    }
}

extension ArraySlice<UInt8> {
    /// The little-endian integer at `offset` from the slice's start; nil if it does not lie within the slice.
    func littleEndian<Value: FixedWidthInteger & BitwiseCopyable>(_ offset: Int, as type: Value.Type) -> Value? {
        guard offset >= 0, offset <= count - MemoryLayout<Value>.size else { return nil }
        return unsafe span.bytes.littleEndian(offset, as: type)
    }

    /// The part `range`, counted from the slice's start.
    func part(_ range: Range<Int>) -> ArraySlice<UInt8> {
        self[startIndex + range.lowerBound..<startIndex + range.upperBound]
    }

    /// Whether this key comes before `other`, byte by byte.
    package func precedes(_ other: ArraySlice<UInt8>) -> Bool {
        for (one, two) in zip(self, other) where one != two { return one < two }
        return count < other.count
    }
}

extension FixedWidthInteger {
    /// The lowest byte first.
    var littleEndianBytes: [UInt8] {
        (0..<Self.bitWidth / 8).map { UInt8(truncatingIfNeeded: self >> Self($0 * 8)) }
    }
}
