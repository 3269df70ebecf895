import Foundation
import KubernetesModel
import Testing

@Suite struct `a timestamp` {
    @Test(arguments: [
        ("1970-01-01T00:00:00Z", 0), ("2026-07-24T04:09:49Z", 1_784_866_189), ("2026-07-24t04:09:49z", 1_784_866_189),
        ("2000-02-29T23:59:59Z", 951_868_799), ("1969-12-31T23:59:59Z", -1), ("1600-02-29T00:00:00Z", -11_670_998_400),
        ("2026-07-24T06:09:49+02:00", 1_784_866_189), ("2026-07-23T23:39:49-04:30", 1_784_866_189),
        ("9999-12-31T23:59:59Z", 253_402_300_799), ("0000-01-01T00:00:00Z", -62_167_219_200),
        ("2026-07-24T04:09:49.5Z", 1_784_866_189.5), ("2026-07-24T04:09:49.123456789Z", 1_784_866_189.123456789),
        ("2026-07-24T04:09:49.1234567890123Z", 1_784_866_189.123456789),
    ])
    func `is read`(text: String, seconds: Double) throws {
        #expect(try #require(Timestamp.date(from: text)).timeIntervalSince1970 == seconds)
    }

    @Test(arguments: [
        "", "2026-07-24", "2026-07-24T04:09:49", "2026-07-24 04:09:49Z", "2026-13-01T00:00:00Z", "2026-00-01T00:00:00Z",
        "2026-02-29T00:00:00Z", "1900-02-29T00:00:00Z", "2026-04-31T00:00:00Z", "2026-01-00T00:00:00Z",
        "2026-01-01T24:00:00Z", "2026-01-01T00:60:00Z", "2026-01-01T00:00:61Z", "2026-01-01T00:00:00.Z",
        "2026-01-01T00:00:00Zx", "2026-01-01T00:00:00+0200", "2026-01-01T00:00:00+25:00", "+026-01-01T00:00:00Z",
        "26-01-01T00:00:00Z", "2026-1-1T0:0:0Z", "２026-01-01T00:00:00Z",
    ])
    func `is refused when malformed`(text: String) {
        #expect(Timestamp.date(from: text) == nil)
    }

    @Test func `agrees with Foundation on every day of four centuries`() throws {
        var calendar = Calendar(identifier: .gregorian)
        calendar.timeZone = try #require(TimeZone(secondsFromGMT: 0))
        for day in stride(from: -62_000, to: 84_000, by: 7) {
            let date = Date(timeIntervalSince1970: Double(day) * 86_400 + 12_345)
            let parts = calendar.dateComponents([.year, .month, .day, .hour, .minute, .second], from: date)
            let expected = [parts.year, parts.month, parts.day].map { $0 ?? -1 }
            let text = Timestamp.string(from: date)
            #expect(text.prefix(10).split(separator: "-").map { Int($0) ?? -2 } == expected)
            #expect(Timestamp.date(from: text) == date)
        }
    }

    @Test func `is written to the second or the microsecond`() {
        let date = Date(timeIntervalSince1970: 1_784_866_189.25)
        #expect(Timestamp.string(from: date) == "2026-07-24T04:09:49Z")
        #expect(Timestamp.microString(from: date) == "2026-07-24T04:09:49.250000Z")
        #expect(Timestamp.microString(from: Date(timeIntervalSince1970: 0.9999999)) == "1970-01-01T00:00:01.000000Z")
        #expect(Timestamp.string(from: Date(timeIntervalSince1970: -0.5)) == "1969-12-31T23:59:59Z")
        #expect(Timestamp.string(from: Date(timeIntervalSince1970: 1e300)) == "9999-12-31T23:59:59Z")
        #expect(Timestamp.string(from: .distantPast).hasSuffix("Z"))
    }
}
