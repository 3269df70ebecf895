/// Lengths of time as people write them in options and settings: `90s`, `15m`, `1h30m`, `500ms`, `0`.
package enum DurationText {
    /// Reads `text`: whole or decimal numbers with `h`, `m`, `s` or `ms`, largest unit first; a bare number is seconds.
    /// - Throws: ``DurationError/malformed(_:)`` for anything else, negative lengths included.
    package static func duration(parsing text: String) throws(DurationError) -> Duration {
        if let seconds = decimal(text[...]) { return try length(seconds, in: 1, of: text) }
        var rest = text[...]
        var total = Duration.zero
        var smallest = Double.infinity
        while !rest.isEmpty {
            let digits = rest.prefix { $0.isASCII && ($0.isNumber || $0 == ".") }
            let unitText = rest.dropFirst(digits.count).prefix { $0.isASCII && $0.isLetter }
            guard let number = decimal(digits), let unit = units[String(unitText)], unit < smallest else {
                throw .malformed(text)
            }
            total += try length(number, in: unit, of: text)
            smallest = unit
            rest = rest.dropFirst(digits.count + unitText.count)
        }
        guard smallest.isFinite else { throw .malformed(text) }
        return total
    }

    /// `1h30m`, `45s`, `0s`: what ``duration(parsing:)`` reads back.
    package static func text(_ duration: Duration) -> String {
        let (seconds, attoseconds) = duration.components
        let milliseconds = attoseconds / 1_000_000_000_000_000
        var parts = ""
        if seconds >= 3600 { parts += "\(seconds / 3600)h" }
        if seconds % 3600 >= 60 { parts += "\(seconds % 3600 / 60)m" }
        if seconds % 60 > 0 { parts += "\(seconds % 60)s" }
        if milliseconds > 0 { parts += "\(milliseconds)ms" }
        return parts.isEmpty ? "0s" : parts
    }

    private static let units: [String: Double] = ["h": 3600, "m": 60, "s": 1, "ms": 0.001]

    private static func decimal(_ text: Substring) -> Double? {
        guard let first = text.first, first.isASCII, first.isNumber,
            text.allSatisfy({ $0.isASCII && ($0.isNumber || $0 == ".") }), let value = Double(text)
        else { return nil }
        return value
    }

    private static func length(_ number: Double, in unit: Double, of text: String) throws(DurationError) -> Duration {
        let seconds = number * unit
        guard seconds <= 1e9 else { throw .malformed(text) }
        return .milliseconds(Int64((seconds * 1000).rounded()))
    }
}

/// Why a text is no length of time.
package enum DurationError: Error, Hashable, CustomStringConvertible {
    case malformed(String)

    package var description: String {
        switch self {
        case .malformed(let text): "'\(text)' is not a length of time; write it as 90s, 15m or 1h30m"
        }
    }
}
