import CRC32C

/// CRC-32C (Castagnoli) of bytes that come piece by piece: etcd's own checksum.
package struct Checksum: Sendable, Hashable {
    package private(set) var value: UInt32
    package private(set) var count: UInt64 = 0

    /// - Parameter value: the CRC of what came before, to go on from.
    package init(_ value: UInt32 = 0) { self.value = value }

    package mutating func add(_ bytes: ArraySlice<UInt8>) {
        value = unsafe bytes.withUnsafeBufferPointer { unsafe keelstep_crc32c(value, $0.baseAddress, $0.count) }
        count += UInt64(bytes.count)
    }

    package mutating func add(_ bytes: [UInt8]) { add(bytes[...]) }

    /// Adds bytes of which only the CRC and the number are known.
    package mutating func add(_ checksum: UInt32, count: UInt64) {
        value = keelstep_crc32c_combine(value, checksum, count)
        self.count += count
    }
}
