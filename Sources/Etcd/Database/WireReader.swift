/// Reads the fields of a protobuf message from a piece of a page. Every length is compared with what is left.
struct WireReader {
    enum Value {
        case varint(UInt64)
        case bytes(ArraySlice<UInt8>)
        /// 4 or 8 bytes, which no message that we read has.
        case fixed
    }

    /// What is wrong with the bytes.
    struct Fault: Error, Hashable {
        var why: String
        init(_ why: String) { self.why = why }
    }

    private let bytes: ArraySlice<UInt8>
    private var offset: Int

    init(_ bytes: ArraySlice<UInt8>) {
        self.bytes = bytes
        offset = bytes.startIndex
    }

    /// The next field's number and value; nil at the end.
    mutating func next() throws(Fault) -> (number: UInt64, value: Value)? {
        guard offset < bytes.endIndex else { return nil }
        let key = try varint()
        let number = key >> 3
        guard (1...536_870_911).contains(number) else { throw Fault("a field has the number \(number)") }
        switch key & 7 {
        case 0: return (number, .varint(try varint()))
        case 1: return (number, try skip(8))
        case 2:
            let length = try varint()
            guard length <= UInt64(bytes.endIndex - offset) else {
                throw Fault("field \(number) goes beyond the message's end")
            }
            let start = offset
            offset += Int(length)
            return (number, .bytes(bytes[start..<offset]))
        case 5: return (number, try skip(4))
        default: throw Fault("field \(number) has the wire type \(key & 7)")
        }
    }

    private mutating func skip(_ count: Int) throws(Fault) -> Value {
        guard count <= bytes.endIndex - offset else { throw Fault("a number is cut off") }
        offset += count
        return .fixed
    }

    private mutating func varint() throws(Fault) -> UInt64 {
        var value: UInt64 = 0
        for index in 0..<10 {
            guard offset < bytes.endIndex else { throw Fault("a number is cut off") }
            let byte = bytes[offset]
            offset += 1
            if index == 9, byte > 1 { break }
            value |= UInt64(byte & 0x7F) << UInt64(index * 7)
            if byte < 0x80 { return value }
        }
        throw Fault("a number is longer than 64 bits")
    }
}
