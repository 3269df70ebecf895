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
