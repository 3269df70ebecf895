import Foundation
import NIOCore
import NIOPosix
import NIOSSL
import SwiftASN1
import X509

/// What is wrong with the certificates on either side of a handshake that failed, in words.
///
/// This explains and decides nothing: the handshake itself was verified, and refused, by the TLS library.
struct CertificateDoubts {
    /// About our own certificate.
    var ours: String?
    /// About the member's.
    var theirs: String?

    static func find(endpoint: EtcdEndpoint, tls: EtcdTLS?) async -> Self {
        guard let tls else { return Self() }
        let now = Date()
        let anchors = certificates(tls.ca)
        var doubts = Self()
        if let own = certificates(tls.certificate).first { doubts.ours = outOfTime(own, at: now, whose: "it") }
        guard let shown = await shownCertificates(endpoint: endpoint, tls: tls), let leaf = shown.first else {
            return doubts
        }
        doubts.theirs =
            outOfTime(leaf, at: now, whose: "it")
            ?? anchors.lazy.compactMap { outOfTime($0, at: now, whose: "the CA given") }.first
            ?? unsigned(shown, by: anchors)
            ?? misnamed(leaf, endpoint: endpoint, tls: tls)
        return doubts
    }

    private static func outOfTime(_ certificate: Certificate, at now: Date, whose: String) -> String? {
        if certificate.notValidAfter < now {
            return "\(whose) expired on \(certificate.notValidAfter.formatted(.iso8601))"
        }
        guard certificate.notValidBefore > now else { return nil }
        return "\(whose) is not valid before \(certificate.notValidBefore.formatted(.iso8601)); compare the clocks"
    }

    private static func unsigned(_ chain: [Certificate], by anchors: [Certificate]) -> String? {
        let isSigned = chain.contains { certificate in
            anchors.contains {
                $0 == certificate || $0.publicKey.isValidSignature(certificate.signature, for: certificate)
            }
        }
        guard !isSigned, let leaf = chain.first else { return nil }
        return "it is signed by \"\(leaf.issuer)\", which is not the CA given"
    }

    private static func misnamed(_ leaf: Certificate, endpoint: EtcdEndpoint, tls: EtcdTLS) -> String? {
        let names = (try? leaf.extensions.subjectAlternativeNames)?.compactMap(text) ?? []
        let wanted =
            if let name = EtcdClient.authority(endpoint, tls) { name } else if case .host(let host, _) = endpoint {
                host
            } else {
                "localhost"
            }
        let parent = wanted.split(separator: ".").dropFirst().joined(separator: ".")
        guard !names.contains(wanted), parent.isEmpty || !names.contains("*." + parent) else { return nil }
        return "it is not for \(wanted), but for \(names.joined(separator: ", "))"
    }

    private static func text(_ name: GeneralName) -> String? {
        switch name {
        case .dnsName(let name): return name
        case .ipAddress(let bytes) where bytes.bytes.count == 4:
            return bytes.bytes.map(String.init).joined(separator: ".")
        case .ipAddress(let bytes):
            let isLoopback = bytes.bytes.dropLast().allSatisfy { $0 == 0 } && bytes.bytes.last == 1
            return isLoopback ? "::1" : "an IPv6 address"
        default: return nil
        }
    }

    private static func certificates(_ pem: [UInt8]) -> [Certificate] {
        let documents = (try? PEMDocument.parseMultiple(pemString: String(decoding: pem, as: UTF8.self))) ?? []
        return documents.compactMap { try? Certificate(pemDocument: $0) }
    }

    /// The chain the member shows to anybody, without trusting any of it. Nil when it cannot be asked.
    private static func shownCertificates(endpoint: EtcdEndpoint, tls: EtcdTLS) async -> [Certificate]? {
        let loop = MultiThreadedEventLoopGroup.singleton.next()
        let shown = loop.makePromise(of: [[UInt8]].self)
        let timeout = loop.scheduleTask(in: .seconds(3)) { shown.fail(ChannelError.connectTimeout(.seconds(3))) }
        defer { timeout.cancel() }
        do {
            let context = try NIOSSLContext(configuration: .makeClientConfiguration())
            let name = EtcdClient.authority(endpoint, tls)
            let bootstrap = ClientBootstrap(group: loop).connectTimeout(.seconds(3)).channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    let handler = try NIOSSLClientHandler(context: context, serverHostname: name) {
                        (chain: [NIOSSLCertificate], verdict: EventLoopPromise<NIOSSLVerificationResult>) in
                        shown.succeed(chain.compactMap { try? $0.toDERBytes() })
                        verdict.succeed(.failed)
                    }
                    try channel.pipeline.syncOperations.addHandlers(handler, IgnoringErrors())
                }
            }
            let channel =
                switch endpoint {
                case .host(let host, let port): try await bootstrap.connect(host: host, port: port).get()
                case .socket(let path): try await bootstrap.connect(unixDomainSocketPath: path).get()
                }
            channel.closeFuture.whenComplete { _ in shown.fail(ChannelError.eof) }
            let chain = try await shown.futureResult.get().compactMap { try? Certificate(derEncoded: $0) }
            try? await channel.close().get()
            return chain
        } catch {
            shown.fail(error)
            return nil
        }
    }

    private final class IgnoringErrors: ChannelInboundHandler, Sendable {
        typealias InboundIn = Any
        func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }
    }
}
