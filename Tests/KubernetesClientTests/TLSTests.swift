import Foundation
import KubernetesModel
import StubAPI
import Testing

@testable import KubernetesClient

private let loopback: [UInt8] = [127, 0, 0, 1]

@Suite struct `a TLS connection` {
    private func get(
        from certificate: StubCertificate,
        trust: ServerTrust? = nil,
        client: StubCertificate? = nil,
        name: String? = nil
    ) async throws {
        try await StubServer.run(tls: certificate) { _ in
            .json(node)
        } _: { server in
            var configuration = KubeConfiguration(
                server: server.url,
                trust: trust ?? .certificates(Array(certificate.authority.utf8)),
                tlsServerName: name,
                contextName: "lab",
                userName: "ann",
                source: "/k"
            )
            configuration.credentials.certificate = client.map {
                ClientCertificate(chain: Array($0.certificate.utf8), key: Array($0.key.utf8))
            }
            let options = ClientOptions(clock: TestClock())
            try await KubernetesClient.with(configuration, options: options) { client in
                _ = try await client.get(.nodes, key)
            }
        }
    }

    private func complaint(_ body: () async throws -> Void) async throws -> String {
        let error = try await #require(throws: ClientError.self) { try await body() }
        return "\(error)"
    }

    @Test func `comes about when everything is in order`() async throws {
        let authority = try StubCertificate.authority()
        let server = try authority.sign("kube-apiserver", addresses: [loopback])
        try await get(from: server)
        try await get(from: server, client: try authority.sign("ann", organization: "system:masters"))
    }

    @Test func `is made under another name where one is given`() async throws {
        let server = try StubCertificate.authority().sign("kube-apiserver", dnsNames: ["kubernetes.default"])
        try await get(from: server, name: "kubernetes.default")
    }

    @Test func `is made with anybody when told so`() async throws {
        try await get(from: try StubCertificate.authority().sign("x", dnsNames: ["x"]), trust: .anything)
    }

    @Test func `says when the server's certificate expired`() async throws {
        let end = Date(timeIntervalSince1970: 1_700_000_000)
        let server = try StubCertificate.authority().sign(
            "kube-apiserver",
            addresses: [loopback],
            from: Date(timeIntervalSince1970: 1_600_000_000),
            until: end
        )
        let text = try await complaint { try await get(from: server) }
        #expect(text.contains("the certificate of https://127.0.0.1:"), "\(text)")
        #expect(text.contains("expired at 2023-11-14T22:13:20Z"), "\(text)")
    }

    @Test func `says when our own certificate expired`() async throws {
        let authority = try StubCertificate.authority()
        let server = try authority.sign("kube-apiserver", addresses: [loopback])
        let old = try authority.sign(
            "ann",
            from: Date(timeIntervalSince1970: 1_600_000_000),
            until: Date(timeIntervalSince1970: 1_700_000_000)
        )
        let text = try await complaint { try await get(from: server, client: old) }
        #expect(text.contains("the client certificate of user 'ann' (/k) expired at 2023-11-14T22:13:20Z"), "\(text)")
    }

    @Test func `says whose signature is not known`() async throws {
        let server = try StubCertificate.authority("their authority").sign("kube-apiserver", addresses: [loopback])
        let ours = try StubCertificate.authority("our authority")
        let text = try await complaint {
            try await get(from: server, trust: .certificates(Array(ours.certificate.utf8)))
        }
        #expect(text.contains("was issued by 'CN=their authority'"), "\(text)")
    }

    @Test func `says which names the certificate has`() async throws {
        let server = try StubCertificate.authority().sign(
            "kube-apiserver",
            dnsNames: ["kubernetes"],
            addresses: [[10, 0, 0, 1]]
        )
        let text = try await complaint { try await get(from: server) }
        #expect(text.contains("is not for '127.0.0.1' but for kubernetes, 10.0.0.1"), "\(text)")
    }

    @Test func `needs a key that fits the certificate`() async throws {
        let authority = try StubCertificate.authority()
        let server = try authority.sign("kube-apiserver", addresses: [loopback])
        let one = try authority.sign("ann")
        let other = try authority.sign("bob")
        try await StubServer.run(tls: server) { _ in
            .json(node)
        } _: { server in
            var configuration = KubeConfiguration(server: server.url, userName: "ann")
            configuration.credentials.certificate = ClientCertificate(
                chain: Array(one.certificate.utf8),
                key: Array(other.key.utf8)
            )
            let text = try await complaint { try await KubernetesClient.with(configuration) { _ in } }
            #expect(text.contains("the credentials of user 'ann' cannot be used"), "\(text)")
        }
    }
}
