import Foundation
import NIOCore
import NIOPosix
import NIOSSL
import SwiftASN1
import Synchronization
import X509

/// Finds out what is wrong with a server's certificate, after a handshake has failed: connects once more only to see
/// what the server shows.
struct CertificateDiagnosis {
    private let configuration: KubeConfiguration
    private let address: ServerAddress
    private let url: URL?

    init(_ configuration: KubeConfiguration, _ address: ServerAddress) {
        self.configuration = configuration
        self.address = address
        url = URL(string: configuration.server)
    }

    /// The reason, or nil when the certificate could not be seen or nothing is wrong with it. Behind a proxy nothing
    /// is looked at.
    func diagnosis(at now: Date) async -> ClientError? {
        guard configuration.proxy == .none, configuration.trust != .anything else { return nil }
        guard let chain = try? await shown(), let leaf = chain.first else { return nil }
        let server = configuration.server
        let whose = "the certificate of \(server)"
        if leaf.notValidAfter < now { return .certificateExpired(whose: whose, notAfter: leaf.notValidAfter) }
        if leaf.notValidBefore > now { return .certificateNotYetValid(whose: whose, notBefore: leaf.notValidBefore) }
        if case .certificates(let pem) = configuration.trust {
            let trusted = Self.certificates(pem)
            let issuers = trusted.filter { authority in chain.contains { $0.issuer == authority.subject } }
            if let expired = issuers.first(where: { $0.notValidAfter < now }), issuers.count == 1 {
                let place = "the certificate authority '\(expired.subject)' in the kubeconfig"
                return .certificateExpired(whose: place, notAfter: expired.notValidAfter)
            }
            let isSigned = chain.contains { certificate in
                issuers.contains { $0.publicKey.isValidSignature(certificate.signature, for: certificate) }
            }
            if !isSigned { return .unknownAuthority(server: server, issuer: "'\(leaf.issuer)'") }
        }
        let names = Self.names(of: leaf)
        let expected = configuration.tlsServerName ?? address.host
        if !names.contains(where: { Self.covers($0, expected) }) {
            return .wrongServerName(server: server, expected: expected, certified: names)
        }
        if case .system = configuration.trust { return .unknownAuthority(server: server, issuer: "'\(leaf.issuer)'") }
        return nil
    }

    private static func certificates(_ pem: [UInt8]) -> [Certificate] {
        let documents = (try? PEMDocument.parseMultiple(pemString: String(decoding: pem, as: UTF8.self))) ?? []
        return documents.compactMap { try? Certificate(pemDocument: $0) }
    }

    private static func names(of certificate: Certificate) -> [String] {
        let names = (try? certificate.extensions.subjectAlternativeNames) ?? nil
        return (names ?? SubjectAlternativeNames([])).compactMap { name in
            switch name {
            case .dnsName(let name): name
            case .ipAddress(let address): text(of: Array(address.bytes))
            default: nil
            }
        }
    }

    private static func text(of address: [UInt8]) -> String? {
        let packed = ByteBuffer(bytes: address)
        return (try? SocketAddress(packedIPAddress: packed, port: 0))?.ipAddress
    }

    private static func covers(_ name: String, _ host: String) -> Bool {
        if name.lowercased() == host.lowercased() { return true }
        if let one = IPAddress(name), let other = IPAddress(host) { return one.bytes == other.bytes }
        guard name.hasPrefix("*."), let dot = host.firstIndex(of: ".") else { return false }
        return host[dot...].lowercased() == name.dropFirst().lowercased()
    }

    /// The certificates the server sends, leaf first.
    private func shown() async throws -> [Certificate] {
        var tls = TLSConfiguration.makeClientConfiguration()
        tls.minimumTLSVersion = .tlsv12
        let context = try NIOSSLContext(configuration: tls)
        let name = configuration.tlsServerName ?? address.host
        let seen = SeenCertificates()
        let group = MultiThreadedEventLoopGroup.singleton
        let channel = try await ClientBootstrap(group: group)
            .connectTimeout(.seconds(5))
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    let handler = try NIOSSLClientHandler(
                        context: context,
                        serverHostname: IPAddress(name) == nil ? name : nil,
                        customVerificationCallback: { certificates, promise in
                            seen.store(certificates.compactMap { try? $0.toDERBytes() })
                            promise.succeed(.failed)
                        }
                    )
                    try channel.pipeline.syncOperations.addHandler(handler)
                }
            }
            .connect(host: address.host, port: url?.port ?? 443)
            .get()
        let timer = channel.eventLoop.scheduleTask(in: .seconds(5)) { channel.close(promise: nil) }
        defer { timer.cancel() }
        try? await channel.closeFuture.get()  // the handshake is made to fail, which closes the channel
        return seen.certificates.compactMap { try? Certificate(derEncoded: $0) }
    }
}

/// What the verification callback saw, brought out of the event loop.
private final class SeenCertificates: Sendable {
    private let state = Mutex<[[UInt8]]>([])

    var certificates: [[UInt8]] { state.withLock { $0 } }

    func store(_ certificates: [[UInt8]]) { state.withLock { $0 = certificates } }
}
