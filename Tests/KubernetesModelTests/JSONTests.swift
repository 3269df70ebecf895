import KubernetesModel
import Testing

@Suite struct `a JSON text` {
    @Test(
        arguments: [
            ("null", JSONValue.null), ("true", true), (" false ", false), ("0", 0), ("-0", 0), ("42", 42),
            ("9223372036854775807", .integer(.max)), ("-9223372036854775808", .integer(.min)),
            ("9223372036854775808", .number(9_223_372_036_854_775_808)), ("1.5", 1.5), ("-2.5e-3", -0.0025),
            ("1E2", .number(100)), ("\"\"", ""), (#""a\"b\\c\/d\b\f\n\r\t""#, "a\"b\\c/d\u{8}\u{C}\n\r\t"),
            (#""\u00e9\u4e2d""#, "é中"), (#""\ud83d\ude00""#, "😀"), (#""\ud83d""#, "\u{FFFD}"),
            (#""\ud83d\u0041""#, "\u{FFFD}A"), (#""\ude00""#, "\u{FFFD}"), ("\"é中😀\"", "é中😀"), ("[]", []),
            ("[ ]", []), ("[1,\"a\",null]", [1, "a", nil]), ("{}", [:]), ("{ }", [:]),
            (#"{"a":{"b":[{}]}}"#, ["a": ["b": [[:]]]]), (#"{"a":1,"a":2}"#, ["a": 2]),
        ] as [(String, JSONValue)]
    )
    func `is read`(text: String, value: JSONValue) throws {
        #expect(try JSONValue(parsing: text) == value)
    }

    @Test(arguments: [
        "", " ", "nul", "nulll", "tru", "+1", "01", "-", "-01", "1.", ".5", "1e", "1e+", "1e999", "0x1", "NaN", "\"",
        "\"\\\"", "\"\\x\"", "\"\\u12\"", "\"\\u12g4\"", "\"\n\"", "[", "[1", "[1,", "[1,]", "[,1]", "[1 2]", "]", "{",
        "{\"a\"", "{\"a\":", "{\"a\":1", "{\"a\":1,", "{\"a\":1,}", "{a:1}", "{1:1}", "{\"a\" 1}", "{\"a\":1]", "1 2",
        "{} x", "'a'", "// c\n1",
    ])
    func `is refused when malformed`(text: String) {
        #expect(throws: JSONError.self) { try JSONValue(parsing: text) }
    }

    @Test(arguments: [
        [0x22, 0xFF, 0x22], [0x22, 0xC3, 0x22], [0x22, 0xED, 0xA0, 0x80, 0x22], [0x22, 0xC0, 0x80, 0x22],
    ])
    func `is refused when its text is not UTF-8`(bytes: [UInt8]) {
        #expect(throws: JSONError.self) { try JSONValue(parsing: bytes) }
    }

    @Test func `nests to its limit and no deeper`() throws {
        let deep = String(repeating: "[", count: 512) + String(repeating: "]", count: 512)
        #expect(try JSONValue(parsing: deep).array?.count == 1)
        #expect(throws: JSONError.tooDeep(limit: 512, offset: 512)) { try JSONValue(parsing: "[" + deep + "]") }
        #expect(throws: JSONError.self) { try JSONValue(parsing: String(repeating: "{\"a\":", count: 100_000)) }
    }

    @Test(
        arguments: [
            (JSONValue.null, "null"), (["b": 1, "a": [true, nil]], #"{"a":[true,null],"b":1}"#),
            ("\u{1}\u{1F}\"\\\n\r\té/", #""\u0001\u001f\"\\\n\r\té/""#), (1.5, "1.5"), (.number(100), "100"),
            (.number(.infinity), "null"), (.number(1e21), "1e+21"), (.integer(.min), "-9223372036854775808"),
            ([], "[]"),
            ([:], "{}"),
        ] as [(JSONValue, String)]
    )
    func `is written with sorted members`(value: JSONValue, text: String) {
        #expect(value.text == text)
    }

    @Test func `is written over several lines when asked`() {
        let value: JSONValue = ["b": [1, [:]], "a": []]
        #expect(value.prettyText == "{\n  \"a\": [],\n  \"b\": [\n    1,\n    {}\n  ]\n}")
    }

    @Test(arguments: ["deployment", "cronjob", "ingress", "rich-pod"])
    func `survives a round trip`(name: String) throws {
        let value = try Fixture.json(name)
        #expect(try JSONValue(parsing: value.bytes) == value)
        #expect(try JSONValue(parsing: value.prettyText) == value)
    }

    /// What is read from mutated bytes must also survive a round trip; what is not read must say so.
    @Test(arguments: 0..<8) func `of hostile bytes ends in a value or an error`(seed: UInt64) throws {
        var numbers = SeededNumbers(seed: seed)
        let source = try Fixture.json(seed % 2 == 0 ? "rich-pod" : "ingress").bytes
        var read = 0
        for _ in 0..<400 {
            guard let value = try? JSONValue(parsing: numbers.mutated(source)) else { continue }
            read += 1
            #expect(try JSONValue(parsing: value.bytes) == value)
        }
        #expect(read > 0)
    }

    @Test func `is changed in place by its members' names`() {
        var value: JSONValue = ["spec": ["replicas": 1]]
        value["spec", "replicas"] = 2
        value["spec", "template", "metadata"] = [:]
        value["status"] = nil
        #expect(value == ["spec": ["replicas": 2, "template": ["metadata": [:]]]])
        value["spec", "template"] = nil
        #expect(value == ["spec": ["replicas": 2]])
        #expect(value["spec", "replicas", "x"] == nil)
        #expect(value[0] == nil)
    }
}
