import KubernetesModel

/// How an object's bytes stand in the database.
package enum StoredForm: Sendable, Hashable {
    case protobuf
    case json
    case cbor
    /// Encrypted by the API server: `k8s:enc:PROVIDER:VERSION:KEY:` and what only its key opens.
    case encrypted(provider: String, key: String)
    /// Anything else.
    case other

    private static let encryptedPrefix = Array("k8s:enc:".utf8)
    private static let cborTag: [UInt8] = [0xD9, 0xD9, 0xF7]
    /// Longer than any name of a provider and key that is in use; the rest is cipher text.
    private static let longestName = 512

    package init(_ value: ArraySlice<UInt8>) {
        if value.starts(with: KubernetesProtobuf.magic) {
            self = .protobuf
        } else if value.first == UInt8(ascii: "{") {
            self = .json
        } else if value.starts(with: Self.cborTag) {
            self = .cbor
        } else if value.starts(with: Self.encryptedPrefix) {
            let rest = value.dropFirst(Self.encryptedPrefix.count).prefix(Self.longestName)
            let parts = rest.split(separator: UInt8(ascii: ":"), maxSplits: 3, omittingEmptySubsequences: false)
            guard parts.count == 4 else {
                self = .other
                return
            }
            let (provider, version) = (
                String(decoding: parts[0], as: UTF8.self), String(decoding: parts[1], as: UTF8.self)
            )
            self = .encrypted(
                provider: version == "v1" ? provider : "\(provider) \(version)",
                key: String(decoding: parts[2], as: UTF8.self)
            )
        } else {
            self = .other
        }
    }

    /// Decodes an object wholly.
    /// - Throws: why it cannot be. Forms that are not opened here throw nothing.
    /// - Returns: the object's type, if that is not known, and only its envelope was looked at.
    func decode(_ value: ArraySlice<UInt8>) throws -> GroupVersionKind? {
        switch self {
        case .protobuf:
            do { _ = try KubernetesProtobuf.decode(Array(value)) } catch ModelError.unknownProtobufType(let type) {
                return type
            }
        case .json: _ = try JSONValue(parsing: Array(value))
        case .cbor, .encrypted, .other: break
        }
        return nil
    }
}
