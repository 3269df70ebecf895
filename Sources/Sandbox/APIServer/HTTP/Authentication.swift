import Foundation
import KubernetesModel
import NIOCore
import NIOSSL
import SwiftASN1
import Synchronization
import X509

/// Tells who a connection or a request belongs to: a client certificate of the cluster's CA (common name is the user,
/// organisations are the groups), a bearer token, or nobody.
final class Authentication: Sendable {
    private let authority: Certificate?
    private let tokens: [String: UserInfo]
    private let now: @Sendable () -> Date
    /// By connection; a connection's certificate does not change.
    private let known = Mutex<[ObjectIdentifier: Identity]>([:])

    private enum Identity: Sendable {
        case none
        case user(UserInfo)
        case refused
    }

    init(authorityPEM: String?, tokens: [String: UserInfo], now: @escaping @Sendable () -> Date) throws {
        authority = try authorityPEM.map { try Certificate(pemEncoded: $0) }
        self.tokens = tokens
        self.now = now
    }

    func user(channel: any Channel, authorization: String?) async throws(APIStatus) -> UserInfo {
        guard let authority else { return .admin }  // plain HTTP, for tests on loopback
        switch await identity(of: channel, authority) {
        case .user(let user): return user
        case .refused: throw .unauthorized
        case .none: break
        }
        guard let authorization else { return .anonymous }
        guard authorization.hasPrefix("Bearer "), let user = tokens[String(authorization.dropFirst(7))] else {
            throw .unauthorized
        }
        return user
    }

    private func identity(of channel: any Channel, _ authority: Certificate) async -> Identity {
        let id = ObjectIdentifier(channel)
        if let identity = known.withLock({ $0[id] }) { return identity }
        let identity = await examine(channel, authority)
        known.withLock { $0[id] = identity }
        channel.closeFuture.whenComplete { [weak self] _ in self?.forget(id) }
        return identity
    }

    private func forget(_ id: ObjectIdentifier) {
        known.withLock { $0[id] = nil }
    }

    private func examine(_ channel: any Channel, _ authority: Certificate) async -> Identity {
        guard let presented = try? await channel.nioSSL_peerCertificate().get() else { return .none }
        guard let bytes = try? presented.toDERBytes(), let certificate = try? Certificate(derEncoded: bytes),
            certificate.issuer == authority.subject,
            authority.publicKey.isValidSignature(certificate.signature, for: certificate),
            (certificate.notValidBefore...certificate.notValidAfter).contains(now())
        else { return .refused }
        var user = UserInfo(name: "", groups: ["system:authenticated"])
        for attribute in certificate.subject.flatMap({ $0 }) {
            switch attribute.type {
            case .RDNAttributeType.commonName: user.name = Self.text(attribute)
            case .RDNAttributeType.organizationName: user.groups.append(Self.text(attribute))
            default: break
            }
        }
        return .user(user)
    }

    private static func text(_ attribute: RelativeDistinguishedName.Attribute) -> String {
        String(attribute.value) ?? ""
    }
}
