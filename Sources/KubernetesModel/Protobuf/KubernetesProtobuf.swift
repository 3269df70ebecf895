/// Kubernetes' protobuf form of an object, as clients send it (`application/vnd.kubernetes.protobuf`) and as it stands
/// in etcd:
///
///     6b 38 73 00   "k8s" and a zero byte
///     Unknown       1 TypeMeta { 1 apiVersion, 2 kind }
///                   2 raw: the object's own message
///                   3 contentEncoding   (empty)
///                   4 contentType       (empty)
///
/// What comes out is what Go's JSON encoder makes of the same object. See `docs/formats/kubernetes-protobuf.md`.
package enum KubernetesProtobuf {
    /// The four bytes that every body begins with.
    package static let magic: [UInt8] = [0x6B, 0x38, 0x73, 0x00]

    package static func isProtobuf(_ bytes: [UInt8]) -> Bool { bytes.starts(with: magic) }

    /// - Throws: ``ModelError``; nothing that can be in `bytes` traps.
    package static func decode(_ bytes: [UInt8]) throws(ModelError) -> KubernetesObject {
        KubernetesObject(try decode(bytes, in: 0..<bytes.count, depth: 0))
    }

    /// Whether objects of this type can be decoded.
    package static func knows(_ type: GroupVersionKind) -> Bool { ProtobufSchema.known.message(for: type) != nil }

    static func decode(_ bytes: [UInt8], in range: Range<Int>, depth: Int) throws(ModelError) -> JSONValue {
        guard range.count >= magic.count, bytes[range].starts(with: magic) else {
            throw .malformedProtobuf(offset: range.lowerBound, why: "it does not begin with \"k8s\" and a zero byte")
        }
        let envelope = try Envelope(bytes, in: range.lowerBound + magic.count..<range.upperBound)
        guard envelope.encoding.isEmpty else {
            throw .malformedProtobuf(
                offset: range.lowerBound,
                why: "content encoding '\(envelope.encoding)' is not known"
            )
        }
        guard let message = ProtobufSchema.known.message(for: envelope.type) else {
            throw .unknownProtobufType(envelope.type)
        }
        var members = try ProtobufDecoder(bytes: bytes).members(of: message, in: envelope.raw, depth: depth + 1)
        members["apiVersion"] = .string(envelope.type.groupVersion.description)
        members["kind"] = .string(envelope.type.kind)
        return .object(members)
    }
}

/// The message around every object: what it is, and where its bytes lie.
private struct Envelope {
    var type: GroupVersionKind
    var raw: Range<Int>
    var encoding = ""

    init(_ bytes: [UInt8], in range: Range<Int>) throws(ModelError) {
        var reader = ProtobufReader(bytes, in: range)
        var apiVersion = ""
        var kind = ""
        raw = range.upperBound..<range.upperBound
        type = GroupVersionKind(apiVersion: "", kind: "")
        while let field = try reader.next() {
            guard case .bytes(let part) = field.value else { continue }
            switch field.number {
            case 1:
                var meta = ProtobufReader(bytes, in: part)
                while let field = try meta.next() {
                    guard case .bytes(let text) = field.value else { continue }
                    if field.number == 1 { apiVersion = String(decoding: bytes[text], as: UTF8.self) }
                    if field.number == 2 { kind = String(decoding: bytes[text], as: UTF8.self) }
                }
            case 2: raw = part
            case 3: encoding = String(decoding: bytes[part], as: UTF8.self)
            default: break
            }
        }
        type = GroupVersionKind(apiVersion: apiVersion, kind: kind)
    }
}
