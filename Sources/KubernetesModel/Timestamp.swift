#if canImport(FoundationEssentials)
    package import FoundationEssentials
#else
    package import Foundation
#endif

/// Times as the API writes them (RFC 3339, UTC), converted without Foundation's formatters.
package enum Timestamp {
    /// `2026-07-24T04:09:49Z`: metadata and conditions, to the second.
    package static func string(from date: Date) -> String {
        let time = date.timeIntervalSince1970
        return string(seconds: wholeSeconds(time))
    }

    /// `2026-07-24T04:09:49.123456Z`: Leases and events, to the microsecond.
    package static func microString(from date: Date) -> String {
        let time = date.timeIntervalSince1970
        var seconds = wholeSeconds(time)
        var micro = Int(((time - time.rounded(.down)) * 1_000_000).rounded())
        if micro >= 1_000_000 {
            micro = 0
            seconds += 1
        }
        return string(seconds: seconds, fraction: "." + padded(micro, 6))
    }

    /// Reads RFC 3339 with an optional fraction and any offset; nil for anything else.
    package static func date(from text: String) -> Date? {
        guard let (seconds, nanoseconds) = parse(text) else { return nil }
        return Date(timeIntervalSince1970: Double(seconds) + Double(nanoseconds) / 1_000_000_000)
    }

    package static func date(from value: JSONValue?) -> Date? { value?.string.flatMap { date(from: $0) } }

    /// Text of a count of seconds since 1970, with `fraction` (`.123`) before the zone. Years before 0 and after 9999,
    /// which the form cannot write, are cut to its ends.
    package static func string(seconds: Int64, fraction: String = "") -> String {
        let bounded = min(max(seconds, -62_167_219_200), 253_402_300_799)
        let days = bounded >= 0 ? bounded / 86_400 : (bounded - 86_399) / 86_400
        let second = Int(bounded - days * 86_400)
        let (year, month, day) = civil(days: days)
        return "\(padded(year, 4))-\(padded(month, 2))-\(padded(day, 2))T\(padded(second / 3600, 2)):"
            + "\(padded(second / 60 % 60, 2)):\(padded(second % 60, 2))\(fraction)Z"
    }

    private static func wholeSeconds(_ time: Double) -> Int64 {
        guard time.isFinite else { return 0 }
        return Int64(exactly: min(max(time.rounded(.down), -1e15), 1e15)) ?? 0
    }

    private static func padded(_ number: Int, _ width: Int) -> String {
        let digits = String(number)
        return String(repeating: "0", count: max(0, width - digits.utf8.count)) + digits
    }

    /// Days since 1970-01-01 to a date of the Gregorian calendar, counted in eras of 400 years that begin in March.
    private static func civil(days: Int64) -> (year: Int, month: Int, day: Int) {
        let shifted = Int(days) + 719_468
        let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shiftedMonth = (5 * dayOfYear + 2) / 153
        let month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
        return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, dayOfYear - (153 * shiftedMonth + 2) / 5 + 1)
    }

    private static func days(year: Int, month: Int, day: Int) -> Int64 {
        let shifted = month <= 2 ? year - 1 : year
        let era = (shifted >= 0 ? shifted : shifted - 399) / 400
        let yearOfEra = shifted - era * 400
        let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
        return Int64(era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468)
    }
}

extension Timestamp {
    /// Seconds since 1970 and the nanoseconds above them.
    private static func parse(_ text: String) -> (seconds: Int64, nanoseconds: Int)? {
        let bytes = Array(text.utf8)
        func number(_ range: Range<Int>) -> Int? {
            guard range.upperBound <= bytes.count else { return nil }
            var value = 0
            for byte in bytes[range] {
                guard (0x30...0x39).contains(byte) else { return nil }
                value = value * 10 + Int(byte - 0x30)
            }
            return value
        }
        func isByte(_ index: Int, _ character: Unicode.Scalar) -> Bool {
            index < bytes.count && bytes[index] == UInt8(ascii: character)
        }
        guard let year = number(0..<4), isByte(4, "-"), let month = number(5..<7), isByte(7, "-"),
            let day = number(8..<10), isByte(10, "T") || isByte(10, "t"), let hour = number(11..<13), isByte(13, ":"),
            let minute = number(14..<16), isByte(16, ":"), let second = number(17..<19)
        else { return nil }
        guard (1...12).contains(month), (1...length(ofMonth: month, year: year)).contains(day), hour < 24,
            minute < 60, second < 60
        else { return nil }
        var index = 19
        var nanoseconds = 0
        if isByte(index, ".") {
            index += 1
            let start = index
            var scale = 100_000_000
            while index < bytes.count, (0x30...0x39).contains(bytes[index]) {
                nanoseconds += Int(bytes[index] - 0x30) * scale
                scale /= 10
                index += 1
            }
            guard index > start else { return nil }
        }
        var offset = 0
        if isByte(index, "Z") || isByte(index, "z") {
            index += 1
        } else {
            guard isByte(index, "+") || isByte(index, "-"), let hours = number(index + 1..<index + 3),
                isByte(index + 3, ":"), let minutes = number(index + 4..<index + 6), hours < 24, minutes < 60
            else { return nil }
            offset = (hours * 3600 + minutes * 60) * (isByte(index, "-") ? -1 : 1)
            index += 6
        }
        guard index == bytes.count else { return nil }
        let time = hour * 3600 + minute * 60 + second - offset
        return (days(year: year, month: month, day: day) * 86_400 + Int64(time), nanoseconds)
    }

    private static func length(ofMonth month: Int, year: Int) -> Int {
        switch month {
        case 2: year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28
        case 4, 6, 9, 11: 30
        default: 31
        }
    }
}
