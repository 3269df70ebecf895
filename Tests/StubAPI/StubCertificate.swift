import Crypto
package import Foundation
import NIOSSL
import SwiftASN1
import X509

/// A certificate made for one test, with its key and whoever signed it.
package struct StubCertificate: Sendable {
    package let certificate: String
    package let key: String
    package let authority: String
    private let privateKey: P256.Signing.PrivateKey
    private let subject: String

    /// A certificate authority of its own.
    package static func authority(_ name: String = "test authority") throws -> StubCertificate {
        try StubCertificate(name, signer: nil, names: [], from: .distantPastEnough, until: .farAhead)
    }

    /// A certificate signed by this authority.
    package func sign(
        _ name: String,
        organization: String? = nil,
        dnsNames: [String] = [],
        addresses: [[UInt8]] = [],
        from: Date = .distantPastEnough,
        until: Date = .farAhead
    ) throws -> StubCertificate {
        let names =
            dnsNames.map { GeneralName.dnsName($0) }
            + addresses.map { .ipAddress(ASN1OctetString(contentBytes: $0[...])) }
        return try StubCertificate(
            name,
            organization: organization,
            signer: self,
            names: names,
            from: from,
            until: until
        )
    }

    private init(
        _ name: String,
        organization: String? = nil,
        signer: StubCertificate?,
        names: [GeneralName],
        from: Date,
        until: Date
    ) throws {
        let key = P256.Signing.PrivateKey()
        func distinguished(_ name: String) throws -> DistinguishedName {
            try DistinguishedName {
                if let organization, name != signer?.subject { OrganizationName(organization) }
                CommonName(name)
            }
        }
        let extensions = try Certificate.Extensions {
            if signer == nil {
                Critical(BasicConstraints.isCertificateAuthority(maxPathLength: nil))
                Critical(KeyUsage(keyCertSign: true))
            } else {
                Critical(BasicConstraints.notCertificateAuthority)
                try ExtendedKeyUsage([.serverAuth, .clientAuth])
            }
            if !names.isEmpty { SubjectAlternativeNames(names) }
        }
        let certificate = try Certificate(
            version: .v3,
            serialNumber: Certificate.SerialNumber(),
            publicKey: Certificate.PublicKey(key.publicKey),
            notValidBefore: from,
            notValidAfter: until,
            issuer: distinguished(signer?.subject ?? name),
            subject: distinguished(name),
            signatureAlgorithm: .ecdsaWithSHA256,
            extensions: extensions,
            issuerPrivateKey: Certificate.PrivateKey(signer?.privateKey ?? key)
        )
        self.certificate = try certificate.serializeAsPEM().pemString
        self.key = key.pemRepresentation
        authority = signer?.certificate ?? self.certificate
        privateKey = key
        subject = name
    }

    func serverSettings() throws -> TLSConfiguration {
        var settings = TLSConfiguration.makeServerConfiguration(
            certificateChain: try NIOSSLCertificate.fromPEMBytes(Array(certificate.utf8)).map { .certificate($0) },
            privateKey: .privateKey(try NIOSSLPrivateKey(bytes: Array(key.utf8), format: .pem))
        )
        settings.trustRoots = .certificates(try NIOSSLCertificate.fromPEMBytes(Array(authority.utf8)))
        settings.certificateVerification = .optionalVerification
        return settings
    }
}

extension Date {
    package static let distantPastEnough = Date(timeIntervalSinceNow: -86400)
    package static let farAhead = Date(timeIntervalSinceNow: 86400 * 30)
}

extension StubCertificate {
    /// A pair of keys without a certificate, in the forms that kube-apiserver reads for service accounts.
    package static func keyPair() -> (privateKey: String, publicKey: String) {
        let key = P256.Signing.PrivateKey()
        return (key.pemRepresentation, key.publicKey.pemRepresentation)
    }
}
