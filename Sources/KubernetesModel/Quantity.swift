/// An amount of a resource as the API writes it: `500m`, `2`, `1.5Gi`, `3e6`.
///
/// Held exactly, in billionths; what is finer is rounded up, and what is larger than a 64-bit whole number is cut to
/// it, as the API does.
package struct Quantity: Sendable, Hashable {
    /// How it was written, which is how a sum that starts with it is written.
    package enum Format: Sendable, Hashable {
        case decimal, binary, exponent
    }

    /// The amount times 10⁹.
    package private(set) var nano: Int128
    package private(set) var format: Format

    private static let unit: Int128 = 1_000_000_000
    private static let largest = Int128(Int64.max) * unit

    package init(nano: Int128, format: Format = .decimal) {
        self.nano = min(max(nano, -Self.largest), Self.largest)
        self.format = format
    }

    package init(_ value: Int64, format: Format = .decimal) {
        self.init(nano: Int128(value) * Self.unit, format: format)
    }
    package init(milliValue: Int64) { self.init(nano: Int128(milliValue) * 1_000_000) }

    package static let zero = Quantity(0)

    /// The amount rounded up to a whole number.
    package var value: Int64 { Self.ceiling(nano, Self.unit) }
    /// The amount in thousandths, rounded up; the largest 64-bit number where it does not fit.
    package var milliValue: Int64 { Self.ceiling(nano, 1_000_000) }
    package var isZero: Bool { nano == 0 }

    private static func ceiling(_ amount: Int128, _ divisor: Int128) -> Int64 {
        let (quotient, remainder) = amount.quotientAndRemainder(dividingBy: divisor)
        return Int64(clamping: remainder > 0 ? quotient + 1 : quotient)
    }
}

/// Two quantities are equal when they are the same amount, however written.
extension Quantity: Comparable {
    package static func == (lhs: Self, rhs: Self) -> Bool { lhs.nano == rhs.nano }
    package static func < (lhs: Self, rhs: Self) -> Bool { lhs.nano < rhs.nano }
    package func hash(into hasher: inout Hasher) { hasher.combine(nano) }
}

extension Quantity: AdditiveArithmetic {
    package static func + (lhs: Self, rhs: Self) -> Self {
        Quantity(nano: lhs.nano + rhs.nano, format: lhs.isZero ? rhs.format : lhs.format)
    }
    package static func - (lhs: Self, rhs: Self) -> Self {
        Quantity(nano: lhs.nano - rhs.nano, format: lhs.isZero ? rhs.format : lhs.format)
    }
}

extension Quantity {
    private static let suffixes: [String: (scale: Int128, format: Format)] = [
        "n": (1, .decimal), "u": (1000, .decimal), "m": (1_000_000, .decimal), "": (unit, .decimal),
        "k": (unit * 1000, .decimal), "M": (unit * 1_000_000, .decimal), "G": (unit * 1_000_000_000, .decimal),
        "T": (unit * 1_000_000_000_000, .decimal), "P": (unit * 1_000_000_000_000_000, .decimal),
        "E": (unit * 1_000_000_000_000_000_000, .decimal), "Ki": (unit << 10, .binary), "Mi": (unit << 20, .binary),
        "Gi": (unit << 30, .binary), "Ti": (unit << 40, .binary), "Pi": (unit << 50, .binary),
        "Ei": (unit << 60, .binary),
    ]

    /// - Throws: ``ModelError/malformedQuantity(_:)`` for anything the API would not take.
    package init(parsing text: String) throws(ModelError) {
        var rest = text.utf8[...]
        let isNegative = rest.first == UInt8(ascii: "-")
        if isNegative || rest.first == UInt8(ascii: "+") { rest = rest.dropFirst() }
        let whole = rest.prefix { (0x30...0x39).contains($0) }
        rest = rest[whole.endIndex...]
        var fraction = rest.prefix(0)
        if rest.first == UInt8(ascii: ".") {
            fraction = rest.dropFirst().prefix { (0x30...0x39).contains($0) }
            rest = rest[fraction.endIndex...]
        }
        guard !whole.isEmpty || !fraction.isEmpty, let suffix = Self.suffix(rest) else {
            throw .malformedQuantity(text)
        }
        let amount = Self.amount(whole: whole, fraction: fraction, scale: suffix.scale, exponent: suffix.exponent)
        self.init(nano: isNegative ? -amount : amount, format: suffix.format)
    }

    private static func suffix(_ bytes: Substring.UTF8View) -> (scale: Int128, exponent: Int, format: Format)? {
        let text = String(Substring(bytes))
        if let known = suffixes[text] { return (known.scale, 0, known.format) }
        guard bytes.first == UInt8(ascii: "e") || bytes.first == UInt8(ascii: "E"), text.utf8.count <= 8,
            let exponent = Int(text.dropFirst())
        else { return nil }
        return (unit, exponent, .exponent)
    }

    /// Digits times scale times a power of ten, rounded up; beyond any limit it stops growing.
    private static func amount(
        whole: Substring.UTF8View,
        fraction: Substring.UTF8View,
        scale: Int128,
        exponent: Int
    ) -> Int128 {
        let ceiling = Int128.max / 16
        var amount: Int128 = 0
        func times(_ value: Int128, _ factor: Int128) -> Int128 {
            let (product, overflow) = value.multipliedReportingOverflow(by: factor)
            return overflow || product > ceiling ? ceiling : product
        }
        for digit in whole { amount = times(amount, 10) + (amount < ceiling / 10 ? Int128(digit - 0x30) : 0) }
        amount = times(amount, scale)
        // A fraction's digit is worth a tenth of the one before; what falls below the last place rounds up.
        var place = scale
        var lost = false
        for digit in fraction {
            let (quotient, remainder) = place.quotientAndRemainder(dividingBy: 10)
            if remainder != 0, digit != 0x30 { lost = lost || quotient == 0 }
            amount = min(ceiling, amount + Int128(digit - 0x30) * place / 10)
            place = quotient
        }
        if lost { amount = min(ceiling, amount + 1) }
        for _ in 0..<min(max(exponent, 0), 60) { amount = times(amount, 10) }
        if exponent < 0 {
            for _ in 0..<min(-exponent, 60) {
                let (quotient, remainder) = amount.quotientAndRemainder(dividingBy: 10)
                amount = remainder > 0 ? quotient + 1 : quotient
            }
        }
        return amount
    }
}

extension Quantity: CustomStringConvertible {
    /// The shortest way to write the same amount with a suffix of its own family and no fraction.
    package var description: String {
        guard nano != 0 else { return "0" }
        if format == .binary, nano.magnitude >= (Self.unit << 10).magnitude {
            let binary = ["Ei", "Pi", "Ti", "Gi", "Mi", "Ki", ""]
            for (suffix, shift) in zip(binary, stride(from: 60, through: 0, by: -10)) where shift >= 0 {
                let scale = Self.unit << Int128(shift)
                if nano % scale == 0 { return "\(nano / scale)\(suffix)" }
            }
        }
        let decimal: [(String, String, Int128)] = [
            ("E", "e18", Self.unit * 1_000_000_000_000_000_000), ("P", "e15", Self.unit * 1_000_000_000_000_000),
            ("T", "e12", Self.unit * 1_000_000_000_000), ("G", "e9", Self.unit * 1_000_000_000),
            ("M", "e6", Self.unit * 1_000_000), ("k", "e3", Self.unit * 1000), ("", "", Self.unit),
            ("m", "e-3", 1_000_000), ("u", "e-6", 1000), ("n", "e-9", 1),
        ]
        for (suffix, exponent, scale) in decimal where nano % scale == 0 {
            return "\(nano / scale)\(format == .exponent ? exponent : suffix)"
        }
        return "\(nano)n"
    }
}

extension Quantity {
    /// Reads a member that holds a quantity as text or as a plain number; nil when absent or malformed.
    package init?(_ value: JSONValue?) {
        switch value {
        case .string(let text):
            guard let quantity = try? Quantity(parsing: text) else { return nil }
            self = quantity
        case .integer(let whole): self.init(whole)
        case .number(let number):
            guard let quantity = try? Quantity(parsing: "\(number)") else { return nil }
            self = quantity
        default: return nil
        }
    }
}
