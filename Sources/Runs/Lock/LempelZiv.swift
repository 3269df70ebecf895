/// A small dictionary compression (after Ziv and Lempel, 1977), for plans inside a ConfigMap.
///
///     total length │ literal count │ literals │ match length │ distance back │ literal count │ …
///
/// All numbers are little-endian base-128 varints. The last match may be missing; a match may overlap what it makes.
package enum LempelZiv {
    private static let shortestMatch = 6
    private static let longestText = 64 << 20

    package static func compress(_ input: [UInt8]) -> [UInt8] {
        var output: [UInt8] = []
        append(input.count, to: &output)
        var last: [UInt64: Int] = [:]
        var position = 0
        var literals = 0
        while position + shortestMatch <= input.count {
            let key = input[position..<(position + shortestMatch)].reduce(0) { $0 << 8 | UInt64($1) }
            let candidate = last.updateValue(position, forKey: key)
            guard let candidate else {
                position += 1
                continue
            }
            var length = shortestMatch
            while position + length < input.count && input[candidate + length] == input[position + length] {
                length += 1
            }
            append(position - literals, to: &output)
            output += input[literals..<position]
            append(length, to: &output)
            append(position - candidate, to: &output)
            position += length
            literals = position
        }
        append(input.count - literals, to: &output)
        output += input[literals...]
        return output
    }

    /// Nil for bytes that ``compress(_:)`` did not write.
    package static func expand(_ bytes: [UInt8]) -> [UInt8]? {
        var reader = bytes[...]
        guard let total = number(&reader), total <= longestText else { return nil }
        var output: [UInt8] = []
        while let count = number(&reader) {
            guard count <= reader.count, output.count + count <= total else { return nil }
            output += reader.prefix(count)
            reader = reader.dropFirst(count)
            if reader.isEmpty { break }
            guard let length = number(&reader), let distance = number(&reader), distance > 0,
                distance <= output.count, length <= total - output.count
            else { return nil }
            for _ in 0..<length { output.append(output[output.count - distance]) }
        }
        return output.count == total ? output : nil
    }

    private static func append(_ number: Int, to output: inout [UInt8]) {
        var rest = UInt(number)
        while rest > 127 {
            output.append(UInt8(rest & 127) | 128)
            rest >>= 7
        }
        output.append(UInt8(rest))
    }

    private static func number(_ reader: inout ArraySlice<UInt8>) -> Int? {
        var value = 0
        for shift in stride(from: 0, to: 35, by: 7) {
            guard let byte = reader.popFirst() else { return nil }
            value |= Int(byte & 127) << shift
            if byte < 128 { return value }
        }
        return nil
    }
}
