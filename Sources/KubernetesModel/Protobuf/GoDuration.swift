/// A duration as Go writes it: `1h0m5s`, `1.5s`, `250ms`.
enum GoDuration {
    static func text(nanoseconds: Int64) -> String {
        guard nanoseconds != 0 else { return "0s" }
        let sign = nanoseconds < 0 ? "-" : ""
        let amount = nanoseconds.magnitude
        switch amount {
        case ..<1000: return "\(sign)\(amount)ns"
        case ..<1_000_000: return sign + decimal(amount, 1000) + "µs"
        case ..<1_000_000_000: return sign + decimal(amount, 1_000_000) + "ms"
        default: break
        }
        let seconds = decimal(amount % 60_000_000_000, 1_000_000_000) + "s"
        let minutes = amount / 60_000_000_000
        if minutes == 0 { return sign + seconds }
        if minutes < 60 { return "\(sign)\(minutes)m\(seconds)" }
        return "\(sign)\(minutes / 60)h\(minutes % 60)m\(seconds)"
    }

    private static func decimal(_ amount: UInt64, _ unit: UInt64) -> String {
        let (whole, rest) = amount.quotientAndRemainder(dividingBy: unit)
        guard rest > 0 else { return "\(whole)" }
        var digits = String(rest + unit).dropFirst()
        while digits.last == "0" { digits.removeLast() }
        return "\(whole).\(digits)"
    }
}
