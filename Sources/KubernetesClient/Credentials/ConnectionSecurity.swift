import Foundation
import NIOSSL
import SwiftASN1
import X509

/// TLS settings made from a configuration, with what can be wrong about them found before any connection.
enum ConnectionSecurity {
    static func settings(for configuration: KubeConfiguration, at now: Date) throws(ClientError) -> TLSConfiguration {
        var tls = TLSConfiguration.makeClientConfiguration()
        tls.minimumTLSVersion = .tlsv12
        switch configuration.trust {
        case .system: break
        case .anything: tls.certificateVerification = .none
        case .certificates(let pem):
            let place = "the certificate-authority of context '\(configuration.contextName)'"
            tls.trustRoots = .certificates(try certificates(pem, place: place, in: configuration))
        }
        if let certificate = configuration.credentials.certificate {
            try show(certificate, in: &tls, for: configuration, at: now)
        }
        return tls
    }

    /// Adds a client certificate, unless it is unusable or has expired.
    static func show(
        _ certificate: ClientCertificate,
        in tls: inout TLSConfiguration,
        for configuration: KubeConfiguration,
        at now: Date
    ) throws(ClientError) {
        let user = configuration.userName
        let place = "the client certificate of user '\(user)' (\(configuration.source))"
        let chain = try certificates(certificate.chain, place: place, in: configuration)
        if let text = String(validating: certificate.chain, as: UTF8.self),
            let leaf = try? PEMDocument.parseMultiple(pemString: text).first,
            let parsed = try? Certificate(pemDocument: leaf)
        {
            if parsed.notValidAfter < now { throw .certificateExpired(whose: place, notAfter: parsed.notValidAfter) }
            if parsed.notValidBefore > now {
                throw .certificateNotYetValid(whose: place, notBefore: parsed.notValidBefore)
            }
        }
        do {
            let key = try NIOSSLPrivateKey(bytes: certificate.key, format: .pem)
            tls.certificateChain = chain.map { .certificate($0) }
            tls.privateKey = .privateKey(key)
            _ = try NIOSSLContext(configuration: tls)
        } catch {
            throw .unusableCredential(
                user: user,
                reason: "the client-key is no PEM private key, or not the one of the client-certificate"
            )
        }
    }

    private static func certificates(
        _ pem: [UInt8],
        place: String,
        in configuration: KubeConfiguration
    ) throws(ClientError) -> [NIOSSLCertificate] {
        guard let list = try? NIOSSLCertificate.fromPEMBytes(pem), !list.isEmpty else {
            throw .malformedKubeconfig(
                path: configuration.source,
                line: nil,
                reason: "\(place) holds no PEM certificate"
            )
        }
        return list
    }
}
