import KubernetesModel
import Testing

@Suite struct `a quantity` {
    @Test(arguments: [
        ("0", 0, "0"), ("1", 1000, "1"), ("500m", 500, "500m"), ("0.5", 500, "500m"), ("1.5", 1500, "1500m"),
        (".5", 500, "500m"), ("5.", 5000, "5"), ("+2", 2000, "2"), ("-1", -1000, "-1"), ("1k", 1_000_000, "1k"),
        ("1500", 1_500_000, "1500"), ("2000", 2_000_000, "2k"), ("1M", 1_000_000_000, "1M"),
        ("1Ki", 1_024_000, "1Ki"), ("1.5Gi", 1_610_612_736_000, "1536Mi"), ("1024Mi", 1_073_741_824_000, "1Gi"),
        ("1025Mi", 1_074_790_400_000, "1025Mi"), ("0.5Ki", 512_000, "512"), ("3e6", 3_000_000_000, "3e6"),
        ("1E3", 1_000_000, "1e3"), ("1E", .max, "1E"), ("25e-2", 250, "250e-3"), ("1u", 1, "1u"), ("1n", 1, "1n"),
        ("0.1n", 1, "1n"), ("0.0000000001", 1, "1n"), ("100u", 1, "100u"), ("-1m", -1, "-1m"),
        ("123456789012345678901234567890", .max, "9223372036854775807"), ("1e9999", .max, "9223372036854775807e0"),
    ])
    func `is read, and written in its shortest form`(text: String, milli: Int64, written: String) throws {
        let quantity = try Quantity(parsing: text)
        #expect(quantity.milliValue == milli)
        #expect(quantity.description == written.replacing("e0", with: ""))
        #expect(try Quantity(parsing: quantity.description) == quantity)
    }

    @Test(arguments: [
        "", " ", "m", "1 ", " 1", "1x", "1ki", "1KI", "1kib", "1.2.3", "--1", "1e", "e3", "1e1.5", ".", "-", "1,5",
        "0x10", "1Kib", "NaN", "½", "1e+-3",
    ])
    func `is refused when malformed`(text: String) {
        #expect(throws: ModelError.malformedQuantity(text)) { try Quantity(parsing: text) }
    }

    @Test func `is rounded up to whole numbers`() throws {
        #expect(try Quantity(parsing: "1100m").value == 2)
        #expect(try Quantity(parsing: "-1100m").value == -1)
        #expect(try Quantity(parsing: "8Ei").value == .max)
    }

    @Test func `is added, taken away and compared by amount`() throws {
        let gibibyte = try Quantity(parsing: "1Gi")
        let mebibytes = try Quantity(parsing: "512Mi")
        #expect((gibibyte + mebibytes).description == "1536Mi")
        #expect((gibibyte - mebibytes).description == "512Mi")
        #expect((Quantity.zero + mebibytes).description == "512Mi")
        #expect(mebibytes < gibibyte)
        #expect(try Quantity(parsing: "1024Mi") == gibibyte)
        #expect(Set([gibibyte, try Quantity(parsing: "1073741824")]).count == 1)
        let largest = Quantity(.max)
        #expect(largest + largest == largest)
    }

    @Test(
        arguments: [
            ("2" as JSONValue, 2000), (2, 2000), (0.25, 250), (nil, nil), (true, nil), ("x", nil),
        ] as [(JSONValue, Int64?)]
    )
    func `is read from JSON`(value: JSONValue, milli: Int64?) {
        #expect(Quantity(value)?.milliValue == milli)
    }
}

@Suite struct `a count or percentage` {
    @Test(
        arguments: [
            (1 as JSONValue, 10, 1), ("2", 10, 2), ("50%", 1, 1), ("30%", 1, 1), ("0%", 10, 0), ("100%", 7, 7),
            ("25%", 10, 3), ("-1", 4, -1),
        ] as [(JSONValue, Int, Int)]
    )
    func `is scaled, rounding up`(value: JSONValue, total: Int, expected: Int) throws {
        #expect(try #require(IntOrPercent(value)).scaled(to: total) == expected)
    }

    @Test func `is scaled, rounding down where asked`() {
        #expect(IntOrPercent.percent(25).scaled(to: 10, roundingUp: false) == 2)
        #expect(IntOrPercent.percent(.max).scaled(to: .max) == .max)
    }

    @Test(arguments: ["", "%", "x%", "1.5", "5 %", nil, true] as [JSONValue])
    func `is refused when malformed`(value: JSONValue) {
        #expect(IntOrPercent(value) == nil)
    }
}
