import Foundation
import NIOSSL
import Testing
import Yams

extension TLSConfiguration {
    /// The identity of a kubeconfig's first user.
    static func client(ofKubeconfig path: String) throws -> TLSConfiguration {
        let root = try #require(try Yams.compose(yaml: String(contentsOfFile: path, encoding: .utf8)))
        let user = try #require(root["users"]?[0]?["user"])
        func pem(_ key: String) throws -> [UInt8] {
            let base64 = try #require(user[key]?.string)
            return Array(try #require(Data(base64Encoded: base64)))
        }
        return try client(certificate: pem("client-certificate-data"), key: pem("client-key-data"))
    }

    static func client(certificate: [UInt8], key: [UInt8]) throws -> TLSConfiguration {
        var tls = TLSConfiguration.makeClientConfiguration()
        // Members and API servers have different authorities; who they are is not what is observed here.
        tls.certificateVerification = .none
        tls.certificateChain = try NIOSSLCertificate.fromPEMBytes(certificate).map { .certificate($0) }
        tls.privateKey = .privateKey(try NIOSSLPrivateKey(bytes: key, format: .pem))
        return tls
    }
}
