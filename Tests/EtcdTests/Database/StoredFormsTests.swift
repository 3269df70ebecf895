import Foundation
import Testing

@testable import Etcd

private func bytes(_ hex: String) -> ArraySlice<UInt8> {
    let digits = Array(hex.utf8.filter { $0 != UInt8(ascii: " ") })
    return stride(from: 0, to: digits.count, by: 2).map { index in
        UInt8(String(decoding: digits[index..<index + 2], as: UTF8.self), radix: 16) ?? 0
    }[...]
}

@Suite struct `a row of the store` {
    @Test func `is read as a member wrote it`() throws {
        let (revision, isTombstone) = try #require(Revision.row(bytes("0000000000000002 5f 0000000000000000")))
        #expect(revision == Revision(main: 2) && !isTombstone)
        let put = try StoredKeyValue(bytes("0a042f6b2f61 1002 1802 2001 2a0131"))
        #expect(String(decoding: put.key, as: UTF8.self) == "/k/a" && Array(put.value) == [UInt8(ascii: "1")])
        #expect(put.createRevision == 2 && put.modRevision == 2 && put.version == 1 && put.lease == 0)
        try put.validate(at: revision, isTombstone: false)
    }

    @Test func `says that a key was deleted`() throws {
        let (revision, isTombstone) = try #require(Revision.row(bytes("000000000000000a 5f 0000000000000000 74")))
        #expect(revision.main == 10 && isTombstone)
        let deleted = try StoredKeyValue(bytes("0a042f6b2f64"))
        #expect(String(decoding: deleted.key, as: UTF8.self) == "/k/d")
        try deleted.validate(at: revision, isTombstone: true)
    }

    @Test(arguments: [
        "", "00", "00000000000000025f00000000000000", "000000000000000260 0000000000000000",
        "00000000000000025f000000000000000075", "80000000000000025f0000000000000000",
        "00000000000000025f0000000000000000 7474",
    ]) func `has no revision if its key is anything else`(key: String) {
        #expect(Revision.row(bytes(key)) == nil)
    }

    @Test func `keeps its revision in bytes`() {
        #expect(Revision(main: 258, sub: 3).bytes[...] == bytes("0000000000000102 5f 0000000000000003"))
        #expect(Revision(Revision(main: .max, sub: 7).bytes[...]) == Revision(main: .max, sub: 7))
    }

    @Test(arguments: [
        "0a", "0aff", "0affffffffffffffffff01", "0a05 2f6b", "1080", "10ffffffffffffffffffff01", "0801", "1200", "07",
        "00", "3a00",
        "0d00000000",
    ]) func `that cannot be decoded is refused`(row: String) {
        #expect(throws: StoredKeyValue.Fault.self) { try StoredKeyValue(bytes(row)) }
    }

    @Test func `that contradicts its revision is refused`() throws {
        let put = try StoredKeyValue(bytes("0a042f6b2f61 1002 1802 2001 2a0131"))
        #expect(throws: StoredKeyValue.Fault.self) { try put.validate(at: Revision(main: 3), isTombstone: false) }
        #expect(throws: StoredKeyValue.Fault.self) { try put.validate(at: Revision(main: 2), isTombstone: true) }
        let young = try StoredKeyValue(bytes("0a042f6b2f61 1003 1802 2001"))
        #expect(throws: StoredKeyValue.Fault.self) { try young.validate(at: Revision(main: 2), isTombstone: false) }
    }
}

@Suite struct `a key of the API server` {
    @Test(
        arguments: [
            ("/registry/pods/shop/web-0", "pods", "shop", "web-0"),
            ("/registry/minions/cp-1", "nodes", nil, "cp-1"),
            ("/registry/namespaces/shop", "namespaces", nil, "shop"),
            ("/registry/services/specs/shop/web", "services", "shop", "web"),
            ("/registry/services/endpoints/shop/web", "endpoints", "shop", "web"),
            ("/registry/controllers/shop/old", "replicationcontrollers", "shop", "old"),
            ("/registry/ingress/shop/web", "ingresses", "shop", "web"),
            ("/registry/ranges/serviceips", "ranges", nil, "serviceips"),
            ("/registry/example.com/widgets/shop/a", "widgets.example.com", "shop", "a"),
            ("/registry/example.com/gadgets/b", "gadgets.example.com", nil, "b"),
            (
                "/registry/apiextensions.k8s.io/customresourcedefinitions/widgets.example.com",
                "customresourcedefinitions.apiextensions.k8s.io", nil, "widgets.example.com"
            ),
            ("/registry/clusterroles/system:node", "clusterroles", nil, "system:node"),
        ] as [(String, String, String?, String)]
    )
    func `names its object`(key: String, resource: String, namespace: String?, name: String) throws {
        let object = try #require(KubernetesKey(Array(key.utf8)[...]))
        #expect(object.resource == resource && object.namespace == namespace && object.name == name)
    }

    @Test(arguments: ["", "compact_rev_key", "/registry", "/registry/", "/registry/pods", "/other/pods/a/b"])
    func `is none if it lies elsewhere`(key: String) {
        #expect(KubernetesKey(Array(key.utf8)[...]) == nil)
    }
}

@Suite struct `a stored object` {
    @Test(
        arguments: [
            ("k8s\0\n", .protobuf),
            (#"{"kind":"Widget"}"#, .json),
            ("k8s:enc:aescbc:v1:key1:\u{1}\u{2}", .encrypted(provider: "aescbc", key: "key1")),
            ("k8s:enc:secretbox:v1:k:x", .encrypted(provider: "secretbox", key: "k")),
            ("k8s:enc:kms:v2:vault:x:y:z", .encrypted(provider: "kms v2", key: "vault")),
            ("k8s:enc:aescbc", .other),
            ("", .other),
            ("plain", .other),
        ] as [(String, StoredForm)]
    )
    func `shows its form`(value: String, form: StoredForm) {
        #expect(StoredForm(Array(value.utf8)[...]) == form)
    }

    @Test func `in CBOR is known by its tag`() {
        #expect(StoredForm([0xD9, 0xD9, 0xF7, 0xA0]) == .cbor)
    }
}

@Suite struct `a stored member` {
    @Test func `has an id of 64 bits`() throws {
        let json = #"{"id":18446744073709551615,"peerURLs":["http://a:2380"],"isLearner":true,"name":"m1"}"#
        let member = try #require(
            StoredMember(key: Array("ffffffffffffffff".utf8)[...], value: Array(json.utf8)[...])
        )
        #expect(member.id == .max && member.name == "m1" && member.isLearner && member.peerURLs == ["http://a:2380"])
    }

    @Test(arguments: [
        ("01", #"{"id":1}"#), ("FF", #"{"id":255}"#), ("2", #"{"id":1}"#), ("1", "{"), ("", #"{"id":0}"#),
    ])
    func `is none where key and value do not agree`(key: String, value: String) {
        #expect(StoredMember(key: Array(key.utf8)[...], value: Array(value.utf8)[...]) == nil)
    }

    @Test func `raises alarms by its id`() {
        #expect(StoredAlarm(key: [0x08, 0x05, 0x10, 0x01]) == StoredAlarm(key: [0x10, 0x01, 0x08, 0x05]))
        #expect(StoredAlarm(key: [0x08, 0x05, 0x10, 0x01])?.kind == "NOSPACE")
        #expect(StoredAlarm(key: [0x08, 0x05, 0x10, 0x09]) == nil && StoredAlarm(key: [0x08]) == nil)
    }
}

@Suite struct `the checksum` {
    /// Bit by bit, as the polynomial says.
    private static func slow(_ bytes: some Sequence<UInt8>) -> UInt32 {
        ~bytes.reduce(UInt32.max) { crc, byte in
            (0..<8).reduce(crc ^ UInt32(byte)) { crc, _ in crc & 1 == 1 ? crc >> 1 ^ 0x82F6_3B78 : crc >> 1 }
        }
    }

    @Test func `is CRC-32C`() {
        var checksum = Checksum()
        checksum.add(Array("123456789".utf8))
        #expect(checksum.value == 0xE306_9283)
    }

    @Test(arguments: [0, 1, 7, 8, 9, 383, 384, 385, 1000, 3071, 3072, 3073, 3456, 10_000])
    func `is the same at any length and place, and put together`(count: Int) {
        let all = (0..<count + 5).map { UInt8(truncatingIfNeeded: $0 &* 37 ^ $0 >> 3) }
        for start in 0..<5 {
            let bytes = all[start..<start + count]
            var whole = Checksum()
            whole.add(bytes)
            #expect(whole.value == Self.slow(bytes))
            var (first, second) = (Checksum(), Checksum())
            first.add(bytes.prefix(count / 3))
            second.add(bytes.dropFirst(count / 3))
            var together = first
            together.add(second.value, count: second.count)
            #expect(together == whole)
            first.add(bytes.dropFirst(count / 3))
            #expect(first == whole)
        }
    }
}

@Suite struct `the rows of a store` {
    private static func row(_ revision: UInt8, _ key: String, _ value: [UInt8]) -> (key: [UInt8], value: [UInt8]) {
        var bytes = [0x0A, UInt8(key.utf8.count)] + Array(key.utf8)
        bytes += [0x10, revision, 0x18, revision, 0x20, 1, 0x2A, UInt8(value.count)] + value
        return (Revision(main: Int64(revision)).bytes, bytes)
    }

    private static let unknown: [UInt8] =
        [0x6B, 0x38, 0x73, 0, 0x0A, 12, 0x0A, 4] + Array("x/v1".utf8) + [0x12, 4] + Array("Kind".utf8)
    private static let rows = [
        row(2, "/registry/pods/shop/a", Array("k8s\0\u{7F}".utf8)),
        row(3, "/registry/x.io/kinds/shop/a", Array("{]".utf8)),
        row(4, "/registry/kinds/shop/a", unknown), row(5, "/registry/x.io/kinds/shop/b", Array("{}".utf8)),
        row(6, "plain", Array("{]".utf8)),
    ]

    private static func read(isDeep: Bool) -> (contents: DatabaseContents, damages: [DatabaseDamage]) {
        var reading = RowReading(compacted: nil, isDeep: isDeep)
        var contents = DatabaseContents()
        let damages = rows.compactMap { reading.add(key: $0.key[...], value: $0.value[...], page: 9) }
        reading.finish(&contents)
        return (contents, damages)
    }

    @Test func `are decoded down to their objects only if that is asked for`() throws {
        let (contents, damages) = Self.read(isDeep: false)
        #expect(damages == [] && contents.unknownTypes == [:])
        #expect(contents.liveKeys == 5 && contents.otherKeys.keys == 1)
        #expect(contents.forms == [.protobuf: 2, .json: 2])
        let deep = Self.read(isDeep: true)
        #expect(deep.contents.unknownTypes.map { "\($0) \($1)" } == ["x/v1, Kind=Kind 1"])
        #expect(deep.damages.count == 2)
        for (damage, key) in zip(deep.damages, ["/registry/pods/shop/a", "/registry/x.io/kinds/shop/a"]) {
            #expect("\(damage)".hasPrefix("page 9: \(key) at revision "), "\(damage)")
            #expect(damage.page == 9)
        }
    }

    @Test func `are counted by resource and namespace, live and in all their revisions`() {
        var reading = RowReading(compacted: nil, isDeep: false)
        var contents = DatabaseContents()
        let pod = "/registry/pods/shop/a"
        let size = UInt64(pod.utf8.count)
        for (revision, value) in [(2, [UInt8](repeating: 1, count: 10)), (3, [1, 2])] as [(UInt8, [UInt8])] {
            let row = Self.row(revision, pod, value)
            let damage = reading.add(key: row.key[...], value: row.value[...], page: 9)
            // It says that it was made at its own revision, as if it were new; nothing else is wrong with it.
            #expect(damage == nil)
        }
        let deleted = "/registry/pods/shop/b"
        let row = Self.row(4, deleted, [])
        _ = reading.add(key: row.key[...], value: row.value[...], page: 9)
        let tombstone = Revision(main: 5).bytes + [UInt8(ascii: "t")]
        #expect(
            reading.add(key: tombstone[...], value: ([0x0A, UInt8(size)] + Array(deleted.utf8))[...], page: 9) == nil
        )
        reading.finish(&contents)
        let count = contents.objects[ObjectGroup(resource: "pods", namespace: "shop")]
        #expect(count?.keys == 1 && count?.bytes == size + 2)
        #expect(count?.allRows == 4 && count?.allBytes == 4 * size + 12)
        #expect(contents.tombstones == 1 && contents.liveKeys == 1 && contents.rows == 4)
    }
}
