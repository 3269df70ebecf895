/// A count, or a share of one: `1` or `"25%"`.
package enum IntOrPercent: Sendable, Hashable, CustomStringConvertible {
    case count(Int)
    case percent(Int)

    /// Reads `1`, `"1"` or `"25%"`; nil for anything else.
    package init?(_ value: JSONValue?) {
        switch value {
        case .string(let text): self.init(text)
        case .integer, .number:
            guard let count = value?.int else { return nil }
            self = .count(count)
        default: return nil
        }
    }

    package init?(_ text: String) {
        let digits = text.hasSuffix("%") ? text.dropLast() : text[...]
        guard let number = Int(digits) else { return nil }
        self = text.hasSuffix("%") ? .percent(number) : .count(number)
    }

    /// The count meant when the whole is `total`; a share is rounded up or down to a whole number.
    package func scaled(to total: Int, roundingUp: Bool = true) -> Int {
        switch self {
        case .count(let count): return count
        case .percent(let percent):
            let (product, overflow) = percent.multipliedReportingOverflow(by: total)
            guard !overflow else { return (percent < 0) == (total < 0) ? Int.max : Int.min }
            let (quotient, remainder) = product.quotientAndRemainder(dividingBy: 100)
            if roundingUp { return remainder > 0 ? quotient + 1 : quotient }
            return remainder < 0 ? quotient - 1 : quotient
        }
    }

    package var description: String {
        switch self {
        case .count(let count): "\(count)"
        case .percent(let percent): "\(percent)%"
        }
    }

    package var value: JSONValue {
        switch self {
        case .count(let count): .integer(Int64(count))
        case .percent: .string(description)
        }
    }
}
