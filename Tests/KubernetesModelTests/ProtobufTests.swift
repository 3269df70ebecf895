import KubernetesModel
import Testing

@Suite struct `a protobuf body` {
    /// The same object, as the same kubectl sends it and as it prints it.
    @Test(arguments: [
        "deployment", "namespace", "budget-percent", "budget-count", "job", "cronjob", "secret", "configmap", "service",
        "ingress", "quota", "priorityclass",
    ])
    func `of kubectl reads as kubectl's own JSON`(name: String) throws {
        #expect(try KubernetesProtobuf.decode(Fixture.protobuf(name)).value == Fixture.json(name))
    }

    @Test func `keeps every field of a rich pod`() throws {
        let pod = try KubernetesProtobuf.decode(Fixture.protobuf("rich-pod"))
        let source = KubernetesObject(try Fixture.json("rich-pod"))
        #expect(pod.kind == "Pod")
        #expect(pod.name == "copy")
        #expect(pod.labels == source.labels)
        #expect(pod.annotations == source.annotations)
        for (member, value) in source.spec.object ?? [:] where member != "containers" && member != "volumes" {
            #expect(pod["spec", member] == value, "\(member)")
        }
        #expect(pod["spec", "volumes"]?.array?.prefix(7).map(Self.withoutStatus) == source["spec", "volumes"]?.array)
        let container = try #require(pod["spec", "containers"]?[0])
        for (member, value) in source["spec", "containers"]?[0]?.object ?? [:] {
            #expect(container[member] == value, "\(member)")
        }
        #expect(pod["spec", "containers"]?[1]?["name"] == "debugger")
    }

    /// kubectl fills in what Go never leaves out: the status of a claim's template.
    private static func withoutStatus(_ volume: JSONValue) -> JSONValue {
        var volume = volume
        if volume["ephemeral"] != nil { volume["ephemeral", "volumeClaimTemplate", "spec", "status"] = nil }
        return volume
    }

    @Test(
        arguments: [
            (
                "delete-options",
                ["apiVersion": "v1", "kind": "DeleteOptions", "gracePeriodSeconds": 7] as JSONValue
            ),
            (
                "role",
                [
                    "apiVersion": "rbac.authorization.k8s.io/v1", "kind": "Role",
                    "metadata": ["name": "reader", "namespace": "shop"],
                    "rules": [["apiGroups": [""], "resources": ["pods"], "verbs": ["get", "list"]]],
                ]
            ),
            (
                "can-i",
                [
                    "apiVersion": "authorization.k8s.io/v1", "kind": "SelfSubjectAccessReview", "metadata": [:],
                    "spec": [
                        "resourceAttributes": [
                            "namespace": "default", "verb": "patch", "resource": "nodes", "name": "n1",
                        ]
                    ], "status": ["allowed": false],
                ]
            ),
            (
                "whoami",
                [
                    "apiVersion": "authentication.k8s.io/v1", "kind": "SelfSubjectReview", "metadata": [:],
                    "status": ["userInfo": [:]],
                ]
            ),
            (
                "token",
                [
                    "apiVersion": "authentication.k8s.io/v1", "kind": "TokenRequest", "metadata": [:],
                    "spec": ["audiences": nil, "expirationSeconds": 600, "boundObjectRef": nil],
                    "status": ["token": "", "expirationTimestamp": nil],
                ]
            ),
        ] as [(String, JSONValue)]
    )
    func `of a request reads as it was meant`(name: String, expected: JSONValue) throws {
        #expect(try KubernetesProtobuf.decode(Fixture.protobuf(name)).value == expected)
    }

    @Test func `without fields is an empty object`() throws {
        // The whole body of an empty DeleteOptions.
        let bytes: [UInt8] =
            [0x6B, 0x38, 0x73, 0, 0x0A, 0x13, 0x0A, 0x02] + Array("v1".utf8) + [0x12, 0x0D]
            + Array("DeleteOptions".utf8) + [0x12, 0, 0x1A, 0, 0x22, 0]
        #expect(try KubernetesProtobuf.decode(bytes).value == ["apiVersion": "v1", "kind": "DeleteOptions"])
    }

    @Test func `of an unknown type is refused by name`() throws {
        let type = GroupVersionKind(apiVersion: "example.com/v1", kind: "Widget")
        #expect(throws: ModelError.unknownProtobufType(type)) {
            try KubernetesProtobuf.decode(body(type, message: []))
        }
        #expect(!KubernetesProtobuf.knows(type))
        #expect(KubernetesProtobuf.knows(GroupVersionKind(apiVersion: "policy/v1", kind: "DeleteOptions")))
    }

    @Test func `of every special type is read`() throws {
        // A Lease: times to the microsecond. 1 metadata { 8 creationTimestamp }, 2 spec { 1, 2, 4 renewTime }.
        let lease = GroupVersionKind(apiVersion: "coordination.k8s.io/v1", kind: "Lease")
        let metadata = field(1, field(8, varint(1, 1_784_866_189)))
        let spec = field(2, field(1, Array("me".utf8)) + varint(2, 15) + field(4, varint(1, 5) + varint(2, 1_500_999)))
        #expect(
            try KubernetesProtobuf.decode(body(lease, message: metadata + spec)).value == [
                "apiVersion": "coordination.k8s.io/v1", "kind": "Lease",
                "metadata": ["creationTimestamp": "2026-07-24T04:09:49Z"],
                "spec": [
                    "holderIdentity": "me", "leaseDurationSeconds": 15, "renewTime": "1970-01-01T00:00:05.001500Z",
                ],
            ]
        )
        // A List of one embedded JSON object and one embedded protobuf object.
        let list = GroupVersionKind(apiVersion: "v1", kind: "List")
        let json = field(2, field(1, Array(#"{"kind":"X","n":1}"#.utf8)))
        let options = GroupVersionKind(apiVersion: "v1", kind: "DeleteOptions")
        let nested = field(2, field(1, body(options, message: varint(1, 3))))
        #expect(
            try KubernetesProtobuf.decode(body(list, message: json + nested))["items"] == [
                ["kind": "X", "n": 1], ["apiVersion": "v1", "kind": "DeleteOptions", "gracePeriodSeconds": 3],
            ]
        )
        // A negative number of 32 bits takes ten bytes; a list of numbers may be packed; unknown fields are passed over.
        let group = field(2, field(14, [0x0A, 0x02, 0x01, 0x02])) + field(1000, [1, 2, 3])
        let pod = GroupVersionKind(apiVersion: "v1", kind: "Pod")
        let security = field(2, field(14, field(4, [1, 2]) + varint(2, 0)) + varint(25, UInt64(bitPattern: -5)))
        let decoded = try KubernetesProtobuf.decode(body(pod, message: security))
        #expect(decoded["spec", "priority"] == -5)
        #expect(decoded["spec", "securityContext", "supplementalGroups"] == [1, 2])
        #expect(throws: ModelError.self) { try KubernetesProtobuf.decode(body(pod, message: group)) }
    }

    @Test(
        arguments: [
            [], [0x6B, 0x38, 0x73], [0x6B, 0x38, 0x73, 1], Array("{}".utf8), [0x6B, 0x38, 0x73, 0],
            [0x6B, 0x38, 0x73, 0, 0x0A], [0x6B, 0x38, 0x73, 0, 0x0A, 0x7F], [0x6B, 0x38, 0x73, 0, 0x0B],
            [0x6B, 0x38, 0x73, 0, 0x00, 0x00],
            [0x6B, 0x38, 0x73, 0, 0x12, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x01],
            [0x6B, 0x38, 0x73, 0] + [UInt8](repeating: 0xFF, count: 40),
        ] as [[UInt8]]
    )
    func `that is malformed is refused`(bytes: [UInt8]) {
        #expect(throws: ModelError.self) { try KubernetesProtobuf.decode(bytes) }
    }

    @Test func `nested without end is refused`() {
        let list = GroupVersionKind(apiVersion: "v1", kind: "List")
        var bytes = body(list, message: [])
        for _ in 0..<300 { bytes = body(list, message: field(2, field(1, bytes))) }
        #expect(throws: ModelError.self) { try KubernetesProtobuf.decode(bytes) }
    }

    @Test(arguments: [
        "deployment", "rich-pod", "service", "quota", "can-i", "budget-count", "delete-options", "ingress",
    ])
    func `of hostile bytes ends in an object or an error`(name: String) throws {
        let source = try Fixture.protobuf(name)
        var numbers = SeededNumbers(seed: UInt64(source.count))
        for length in 0..<source.count { _ = try? KubernetesProtobuf.decode(Array(source.prefix(length))) }
        var read = 0
        for _ in 0..<1500 {
            guard let object = try? KubernetesProtobuf.decode(numbers.mutated(source)) else { continue }
            read += 1
            #expect(try JSONValue(parsing: object.value.bytes) == object.value)
        }
        #expect(read > 0)
    }

    // MARK: Writing bodies

    private func body(_ type: GroupVersionKind, message: [UInt8]) -> [UInt8] {
        let meta = field(1, Array(type.groupVersion.description.utf8)) + field(2, Array(type.kind.utf8))
        return KubernetesProtobuf.magic + field(1, meta) + field(2, message) + field(3, []) + field(4, [])
    }

    private func field(_ number: Int, _ bytes: [UInt8]) -> [UInt8] {
        self.number(UInt64(number) << 3 | 2) + self.number(UInt64(bytes.count)) + bytes
    }

    private func varint(_ number: Int, _ value: UInt64) -> [UInt8] {
        self.number(UInt64(number) << 3) + self.number(value)
    }

    private func number(_ value: UInt64) -> [UInt8] {
        var value = value
        var bytes: [UInt8] = []
        while value >= 0x80 {
            bytes.append(UInt8(truncatingIfNeeded: value) | 0x80)
            value >>= 7
        }
        return bytes + [UInt8(value)]
    }
}
