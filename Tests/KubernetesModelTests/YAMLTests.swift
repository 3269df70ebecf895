import KubernetesModel
import Testing

@Suite struct `a YAML text` {
    @Test(
        arguments: [
            ("a", "a" as JSONValue), ("1", 1), ("-7", -7), ("+7", 7), ("0x1F", 31), ("010", 8), ("0o17", 15),
            ("0b101", 5),
            ("1_000", 1000), ("08", 8.0), ("1.5", 1.5), ("1e3", 1000.0), (".5", 0.5), ("5.", 5.0), ("true", true),
            ("Yes", true), ("on", true), ("y", true), ("off", false), ("N", false), ("~", nil), ("null", nil),
            ("", nil),
            ("2026-07-24", "2026-07-24"), ("2026-07-24T04:09:49Z", "2026-07-24T04:09:49Z"), ("1.31.4", "1.31.4"),
            ("12:30:45", "12:30:45"), ("100m", "100m"), ("1Gi", "1Gi"), ("'1'", "1"), ("\"true\"", "true"),
            ("!!str 1", "1"), ("!!int \"1\"", 1), ("|\n  a\n  b\n", "a\nb\n"), (">-\n  a\n  b\n", "a b"),
            ("9223372036854775808", .number(9_223_372_036_854_775_808)), ("trUe", "trUe"), ("-", [nil]), ("0", 0),
            ("- a\n- {b: 1}", ["a", ["b": 1]]), ("1: a\ntrue: b\n~: c", ["1": "a", "true": "b", "null": "c"]),
            ("{\"a\": [1, 2]}", ["a": [1, 2]]), ("a: &x [1]\nb: *x", ["a": [1], "b": [1]]),
            ("base: &b {x: 1, z: 2}\nuse:\n  <<: *b\n  z: 3", ["base": ["x": 1, "z": 2], "use": ["x": 1, "z": 3]]),
        ] as [(String, JSONValue)]
    )
    func `is typed as Kubernetes types it`(text: String, value: JSONValue) throws {
        #expect(try YAML.value(in: text) == value)
    }

    @Test(arguments: [
        "a: b: c", "[1", "{a", "\"a", "a: *nothing", "a: 1\na: 2", "\t- a", "? [1]\n: 2", "!!int x", "!!null x",
        "<<: 1",
        "%YAML x\n---\na", "a: \u{1}",
        "1: a\n\"1\": b",
    ])
    func `is refused with a reason when malformed`(text: String) throws {
        let error = #expect(throws: ModelError.self) { try YAML.values(in: text) }
        #expect(try #require(error).description.contains("document 1"))
    }

    @Test func `gives every object of every document, lists expanded`() throws {
        let text = """
            # a comment
            ---
            apiVersion: v1
            kind: Namespace
            metadata: {name: shop}
            ---
            ---
            apiVersion: v1
            kind: List
            items:
            - {apiVersion: v1, kind: Secret, metadata: {name: a}}
            - {apiVersion: v1, kind: List, items: [{apiVersion: v1, kind: Pod, metadata: {name: b}}]}
            ---
            apiVersion: apps/v1
            kind: DeploymentList
            items:
            - metadata: {name: c}
            """
        let objects = try YAML.objects(in: text)
        #expect(objects.map(\.kind) == ["Namespace", "Secret", "Pod", "Deployment"])
        #expect(objects.map(\.name) == ["shop", "a", "b", "c"])
        #expect(objects.last?.apiVersion == "apps/v1")
        #expect(try YAML.objects(in: "").isEmpty)
        #expect(try YAML.objects(in: "# nothing\n---\n").isEmpty)
    }

    @Test(arguments: [
        "a", "- a", "kind: Pod", "apiVersion: v1", "apiVersion: 1\nkind: Pod", "apiVersion: v1\nkind: ''",
    ])
    func `that is no object is refused`(text: String) {
        #expect(throws: ModelError.self) { try YAML.objects(in: text) }
    }

    @Test func `names the document and line of a mistake`() {
        #expect(
            throws: ModelError.malformedYAML(
                document: 2,
                line: 4,
                why: "mapping values are not allowed in this context"
            )
        ) { try YAML.values(in: "a: 1\n---\nb: 2\nc: d: e\n") }
    }

    @Test func `does not expand a bomb of aliases`() {
        var text = "a0: &a0 [x,x,x,x,x,x,x,x,x,x]\n"
        for level in 1...12 {
            let references = Array(repeating: "*a\(level - 1)", count: 10).joined(separator: ",")
            text += "a\(level): &a\(level) [\(references)]\n"
        }
        let error = #expect(throws: ModelError.self) { try YAML.values(in: text) }
        #expect(error?.description.contains("aliases") ?? false)
    }

    @Test(arguments: ["[", "{a: ", "- ", "? "])
    func `nested too deeply ends in an error`(opening: String) {
        #expect(throws: ModelError.self) { try YAML.values(in: String(repeating: opening, count: 50_000)) }
        #expect(throws: ModelError.self) { try YAML.values(in: String(repeating: opening, count: 900)) }
    }

    @Test(arguments: 0..<4) func `of hostile bytes ends in values or an error`(seed: UInt64) throws {
        var numbers = SeededNumbers(seed: seed)
        let source = Array(YAML.text(try Fixture.json("rich-pod")).utf8)
        for _ in 0..<60 {
            let text = String(decoding: numbers.mutated(source), as: UTF8.self)
            guard let values = try? YAML.values(in: text) else { continue }
            for value in values { #expect(try YAML.value(in: YAML.text(value)) == value) }
        }
    }
}

@Suite struct `YAML that is written` {
    @Test func `looks as kubectl prints it`() {
        let value: JSONValue = [
            "kind": "Pod", "apiVersion": "v1",
            "metadata": ["name": "web", "labels": [:], "annotations": ["note": "two\nlines\n"]],
            "spec": [
                "containers": [
                    ["name": "c", "image": "nginx:1.27", "args": ["-v", "1"], "ports": [], "env": [["name": "A"]]],
                    ["name": "d"],
                ],
                "nested": [[1, 2], []],
            ],
            "status": nil,
        ]
        #expect(
            YAML.text(value) == """
                apiVersion: v1
                kind: Pod
                metadata:
                  annotations:
                    note: |
                      two
                      lines
                  labels: {}
                  name: web
                spec:
                  containers:
                  - args:
                    - -v
                    - "1"
                    env:
                    - name: A
                    image: nginx:1.27
                    name: c
                    ports: []
                  - name: d
                  nested:
                  - - 1
                    - 2
                  - []
                status: null

                """
        )
    }

    @Test(arguments: [
        ("plain", "plain"), ("two words", "two words"), ("", "\"\""), ("1", "\"1\""), ("1.5", "\"1.5\""),
        ("true", "\"true\""), ("y", "\"y\""), ("null", "\"null\""), ("~", "\"~\""), ("010", "\"010\""),
        ("12:30:45", "\"12:30:45\""), ("2026-07-24T04:09:49Z", "\"2026-07-24T04:09:49Z\""), ("1.31.4", "1.31.4"),
        ("a: b", "'a: b'"), ("a #b", "'a #b'"), ("a:", "'a:'"), ("*a", "'*a'"), ("- a", "'- a'"), ("-a", "-a"),
        ("it's", "it's"), ("'q'", "'''q'''"), (" a", "' a'"), ("{}", "'{}'"), ("[a]", "'[a]'"), ("---", "'---'"),
        ("a\tb", "\"a\\tb\""), ("a\u{7}", "\"a\\u0007\""), ("é😀", "é😀"), ("100m", "100m"), ("@x", "'@x'"),
        ("a\nb", "|-\n  a\n  b"), ("a\n\n", "|+\n  a\n\n"), ("\n a", "\"\\n a\""), (".inf", "\".inf\""), ("=", "\"=\""),
    ])
    func `quotes only what would read as something else`(text: String, written: String) throws {
        #expect(YAML.text(.string(text)) == written + "\n" || YAML.text(.string(text)) == written)
        #expect(try YAML.value(in: YAML.text(["k": .string(text)])) == ["k": .string(text)])
        let nested: JSONValue = [.string(text), [[.string(text)]], .object([text: .string(text)])]
        #expect(try YAML.value(in: YAML.text(nested)) == nested)
    }

    @Test(arguments: ["deployment", "cronjob", "ingress", "rich-pod"])
    func `reads back as the same value`(name: String) throws {
        let value = try Fixture.json(name)
        #expect(try YAML.value(in: YAML.text(value)) == value)
    }
}
