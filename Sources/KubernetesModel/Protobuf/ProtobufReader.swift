/// One field as it stands on the wire.
struct ProtobufField {
    enum Value {
        case varint(UInt64)
        case fixed(UInt64)
        /// Where the bytes of text, bytes or a message lie.
        case bytes(Range<Int>)
    }

    var number: Int
    var value: Value
    /// Where the field begins, for messages.
    var offset: Int
}

/// Reads fields one after another from a part of a body. Every length is compared with what is left before it is used.
struct ProtobufReader {
    private let bytes: [UInt8]
    private var offset: Int
    private let end: Int

    /// `range` must lie within `bytes`; it is cut to it.
    init(_ bytes: [UInt8], in range: Range<Int>) {
        self.bytes = bytes
        let range = range.clamped(to: 0..<bytes.count)
        offset = range.lowerBound
        end = range.upperBound
    }

    /// The next field; nil at the end.
    mutating func next() throws(ModelError) -> ProtobufField? {
        guard offset < end else { return nil }
        let start = offset
        let key = try varint()
        guard let number = Int(exactly: key >> 3), (1...536_870_911).contains(number) else {
            throw .malformedProtobuf(offset: start, why: "no field can have this number")
        }
        switch key & 7 {
        case 0: return ProtobufField(number: number, value: .varint(try varint()), offset: start)
        case 1: return ProtobufField(number: number, value: .fixed(try fixed(8)), offset: start)
        case 2: return ProtobufField(number: number, value: .bytes(try lengthAndBytes()), offset: start)
        case 5: return ProtobufField(number: number, value: .fixed(try fixed(4)), offset: start)
        default: throw .malformedProtobuf(offset: start, why: "wire type \(key & 7) is not used by Kubernetes")
        }
    }

    /// All numbers of a packed list.
    mutating func packed() throws(ModelError) -> [UInt64] {
        var numbers: [UInt64] = []
        while offset < end { numbers.append(try varint()) }
        return numbers
    }

    private mutating func varint() throws(ModelError) -> UInt64 {
        let start = offset
        var value: UInt64 = 0
        for index in 0..<10 {
            guard offset < end else { throw .malformedProtobuf(offset: start, why: "a number is cut off") }
            let byte = bytes[offset]
            offset += 1
            if index == 9, byte > 1 { break }
            value |= UInt64(byte & 0x7F) << UInt64(index * 7)
            if byte < 0x80 { return value }
        }
        throw .malformedProtobuf(offset: start, why: "a number is longer than 64 bits")
    }

    private mutating func fixed(_ count: Int) throws(ModelError) -> UInt64 {
        guard count <= end - offset else { throw .malformedProtobuf(offset: offset, why: "a number is cut off") }
        var value: UInt64 = 0
        for index in 0..<count { value |= UInt64(bytes[offset + index]) << UInt64(index * 8) }
        offset += count
        return value
    }

    private mutating func lengthAndBytes() throws(ModelError) -> Range<Int> {
        let start = offset
        guard let length = Int(exactly: try varint()), length <= end - offset else {
            throw .malformedProtobuf(offset: start, why: "a length goes beyond the end of what holds it")
        }
        defer { offset += length }
        return offset..<(offset + length)
    }
}
