/// Base64 with padding (RFC 4648 §4), as JSON carries bytes.
package enum Base64 {
    private static let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)

    package static func text(_ bytes: some Sequence<UInt8>) -> String {
        var output: [UInt8] = []
        var buffer: UInt32 = 0
        var count = 0
        func emit(_ digits: Int) {
            for index in 0..<4 {
                let digit = Int(buffer >> UInt32(18 - index * 6)) & 63
                output.append(index < digits ? alphabet[digit] : UInt8(ascii: "="))
            }
        }
        for byte in bytes {
            buffer |= UInt32(byte) << UInt32(16 - count * 8)
            count += 1
            if count == 3 {
                emit(4)
                buffer = 0
                count = 0
            }
        }
        if count > 0 { emit(count + 1) }
        return String(decoding: output, as: UTF8.self)
    }

    /// Nil for anything that is not whole groups of four of the alphabet, the last padded. Line ends are passed over.
    package static func bytes(_ text: String) -> [UInt8]? {
        var output: [UInt8] = []
        var buffer: UInt32 = 0
        var count = 0
        var padding = 0
        for byte in text.utf8 where byte != 0x0A && byte != 0x0D {
            if byte == UInt8(ascii: "=") {
                padding += 1
                buffer <<= 6
            } else {
                guard padding == 0, let digit = digit(byte) else { return nil }
                buffer = buffer << 6 | digit
            }
            count += 1
            guard count == 4 else { continue }
            guard padding <= 2 else { return nil }
            for index in 0..<(3 - padding) {
                output.append(UInt8(truncatingIfNeeded: buffer >> UInt32(16 - index * 8)))
            }
            buffer = 0
            count = 0
            if padding > 0 { padding = 3 }  // nothing may follow
        }
        return count == 0 ? output : nil
    }

    private static func digit(_ byte: UInt8) -> UInt32? {
        switch byte {
        case UInt8(ascii: "A")...UInt8(ascii: "Z"): UInt32(byte - UInt8(ascii: "A"))
        case UInt8(ascii: "a")...UInt8(ascii: "z"): UInt32(byte - UInt8(ascii: "a")) + 26
        case UInt8(ascii: "0")...UInt8(ascii: "9"): UInt32(byte - UInt8(ascii: "0")) + 52
        case UInt8(ascii: "+"): 62
        case UInt8(ascii: "/"): 63
        default: nil
        }
    }
}
