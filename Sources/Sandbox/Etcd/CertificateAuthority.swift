import Crypto
package import Foundation
import SwiftASN1
import X509

/// A certificate and its key, as PEM.
package struct Identity: Sendable, Hashable {
    package var certificate: [UInt8]
    package var key: [UInt8]

    package init(certificate: [UInt8], key: [UInt8]) {
        self.certificate = certificate
        self.key = key
    }
}

/// From when to when a certificate is valid.
package struct Validity: Sendable, Hashable {
    package var from: Date
    package var until: Date

    package init(from: Date, until: Date) {
        self.from = from
        self.until = until
    }

    /// `days` days from `now` on; five minutes earlier for clocks that are behind.
    package init(days: Int, from now: Date) {
        self.init(from: now - 300, until: now + Double(days) * 86_400)
    }
}

/// What a certificate says of its holder.
package struct Subject: Sendable, Hashable {
    package enum Usage: Sendable, Hashable {
        case client
        case server
        /// As kubeadm makes those of etcd members, which also dial themselves.
        case both
    }

    package var commonName: String
    package var organizations: [String]
    package var usage: Usage
    /// DNS names and literal addresses it may be reached by.
    package var hosts: [String]

    package init(commonName: String, organizations: [String] = [], usage: Usage, hosts: [String] = []) {
        self.commonName = commonName
        self.organizations = organizations
        self.usage = usage
        self.hosts = hosts
    }
}

/// A certificate authority that signs with P-256.
package struct CertificateAuthority: Sendable {
    package let identity: Identity
    private let name: DistinguishedName
    private let key: P256.Signing.PrivateKey

    /// A new authority that has signed itself.
    package init(commonName: String, validity: Validity) throws {
        let key = P256.Signing.PrivateKey()
        let name = try DistinguishedName { CommonName(commonName) }
        let certificate = try Certificate(
            version: .v3,
            serialNumber: .init(),
            publicKey: .init(key.publicKey),
            notValidBefore: validity.from,
            notValidAfter: validity.until,
            issuer: name,
            subject: name,
            signatureAlgorithm: .ecdsaWithSHA256,
            extensions: try .init {
                Critical(BasicConstraints.isCertificateAuthority(maxPathLength: nil))
                Critical(KeyUsage(digitalSignature: true, keyEncipherment: true, keyCertSign: true))
                SubjectKeyIdentifier(hash: .init(key.publicKey))
                SubjectAlternativeNames([.dnsName(commonName)])
            },
            issuerPrivateKey: .init(key)
        )
        self.key = key
        self.name = name
        identity = Identity(certificate: try Self.pem(certificate), key: Array(key.pemRepresentation.utf8))
    }

    package func issue(_ subject: Subject, validity: Validity) throws -> Identity {
        let leaf = P256.Signing.PrivateKey()
        let usages: [ExtendedKeyUsage.Usage] =
            switch subject.usage {
            case .client: [.clientAuth]
            case .server: [.serverAuth]
            case .both: [.serverAuth, .clientAuth]
            }
        let names = subject.hosts.map(Self.generalName)
        let certificate = try Certificate(
            version: .v3,
            serialNumber: .init(),
            publicKey: .init(leaf.publicKey),
            notValidBefore: validity.from,
            notValidAfter: validity.until,
            issuer: name,
            subject: try DistinguishedName {
                for organization in subject.organizations { OrganizationName(organization) }
                CommonName(subject.commonName)
            },
            signatureAlgorithm: .ecdsaWithSHA256,
            extensions: try .init {
                Critical(KeyUsage(digitalSignature: true, keyEncipherment: true))
                try ExtendedKeyUsage(usages)
                Critical(BasicConstraints.notCertificateAuthority)
                AuthorityKeyIdentifier(keyIdentifier: SubjectKeyIdentifier(hash: .init(key.publicKey)).keyIdentifier)
                if !names.isEmpty { SubjectAlternativeNames(names) }
            },
            issuerPrivateKey: .init(key)
        )
        return Identity(certificate: try Self.pem(certificate), key: Array(leaf.pemRepresentation.utf8))
    }

    private static func pem(_ certificate: Certificate) throws -> [UInt8] {
        Array((try certificate.serializeAsPEM().pemString + "\n").utf8)
    }

    private static func generalName(_ host: String) -> GeneralName {
        if let address = addressBytes(host) { return .ipAddress(ASN1OctetString(contentBytes: address[...])) }
        return .dnsName(host)
    }

    /// The bytes of a literal IPv4 address, or of the IPv6 loopback address; nil for anything else.
    private static func addressBytes(_ host: String) -> [UInt8]? {
        if host == "::1" { return [UInt8](repeating: 0, count: 15) + [1] }
        let parts = host.split(separator: ".", omittingEmptySubsequences: false).map { UInt8($0) }
        guard parts.count == 4, !parts.contains(nil) else { return nil }
        return parts.compactMap(\.self)
    }
}
