import Foundation
import KubernetesModel
import NIOCore
import NIOPosix
import StubAPI
import Subprocess
import SystemPackage
import Testing

@testable import KubernetesClient

/// A real etcd and a real kube-apiserver on loopback, for as long as a test needs them.
///
/// Both come from the folder that KUBEBUILDER_ASSETS names, as everywhere in the ecosystem.
enum RealAPIServer {
    static var assets: String? {
        guard let folder = ProcessInfo.processInfo.environment["KUBEBUILDER_ASSETS"], !folder.isEmpty,
            ["etcd", "kube-apiserver"].allSatisfy({
                FileManager.default.isExecutableFile(atPath: "\(folder)/\($0)")
            })
        else { return nil }
        return folder
    }

    /// Starts both, waits until the API is ready, and ends both afterwards.
    static func run<Value: Sendable>(
        _ body: @escaping @Sendable (KubeConfiguration) async throws -> Value
    ) async throws -> Value {
        let assets = try #require(assets)
        return try await withTemporaryFolder { folder in
            let client = try await freePort()
            let peer = try await freePort()
            let secure = try await freePort()
            let etcd = [
                "--data-dir", folder.path + "/etcd",
                "--listen-client-urls", "http://127.0.0.1:\(client)",
                "--advertise-client-urls", "http://127.0.0.1:\(client)",
                "--listen-peer-urls", "http://127.0.0.1:\(peer)",
                "--initial-advertise-peer-urls", "http://127.0.0.1:\(peer)",
                "--initial-cluster", "default=http://127.0.0.1:\(peer)",
            ]
            let authority = try StubCertificate.authority("kubernetes")
            let arguments = try flags(folder, authority, etcd: client, port: secure)
            let admin = try authority.sign("admin", organization: "system:masters")
            var configuration = KubeConfiguration(
                server: "https://127.0.0.1:\(secure)",
                trust: .certificates(Array(authority.certificate.utf8)),
                contextName: "real",
                userName: "admin",
                source: folder.path
            )
            configuration.credentials.certificate = ClientCertificate(
                chain: Array(admin.certificate.utf8),
                key: Array(admin.key.utf8)
            )
            let found = configuration
            return try await process("\(assets)/etcd", etcd, log: folder.path + "/etcd.log") {
                try await process("\(assets)/kube-apiserver", arguments, log: folder.path + "/apiserver.log") {
                    try await waitUntilReady(found, log: folder.path + "/apiserver.log")
                    return try await body(found)
                }
            }
        }
    }

    private static func flags(
        _ folder: TestFolder,
        _ authority: StubCertificate,
        etcd: Int,
        port: Int
    ) throws -> [String] {
        let server = try authority.sign(
            "kube-apiserver",
            dnsNames: ["localhost", "kubernetes"],
            addresses: [[127, 0, 0, 1]]
        )
        let accounts = StubCertificate.keyPair()
        return [
            "--etcd-servers", "http://127.0.0.1:\(etcd)",
            "--bind-address", "127.0.0.1",
            "--advertise-address", "127.0.0.1",
            "--secure-port", "\(port)",
            "--tls-cert-file", try folder.write("server.crt", server.certificate),
            "--tls-private-key-file", try folder.write("server.key", server.key),
            "--client-ca-file", try folder.write("ca.crt", authority.certificate),
            "--service-account-issuer", "https://kubernetes.default.svc",
            "--service-account-key-file", try folder.write("accounts.pub", accounts.publicKey),
            "--service-account-signing-key-file", try folder.write("accounts.key", accounts.privateKey),
            "--service-cluster-ip-range", "10.0.0.0/24",
            "--authorization-mode", "RBAC",
            "--disable-admission-plugins", "ServiceAccount",
            "--allow-privileged=true",
        ]
    }

    /// Runs a process while `body` works; a process that ends before is the test's failure.
    private static func process<Value: Sendable>(
        _ program: String,
        _ arguments: [String],
        log: String,
        _ body: @escaping @Sendable () async throws -> Value
    ) async throws -> Value {
        let file = try FileDescriptor.open(
            FilePath(log),
            .writeOnly,
            options: [.create, .truncate],
            permissions: .ownerReadWrite
        )
        let result = try await Subprocess.run(
            .path(FilePath(program)),
            arguments: Arguments(arguments),
            input: .none,
            output: .fileDescriptor(file, closeAfterSpawningProcess: false),
            error: .fileDescriptor(file, closeAfterSpawningProcess: true)
        ) { execution in
            do {
                let value = try await body()
                try? execution.send(signal: .kill)
                return value
            } catch {
                try? execution.send(signal: .kill)
                throw error
            }
        }
        return result.closureResult
    }

    private static func waitUntilReady(_ configuration: KubeConfiguration, log: String) async throws {
        try await KubernetesClient.with(configuration) { client in
            let deadline = Deadline(in: .seconds(90), clock: .continuous)
            while deadline.timeLeft > .zero {
                if let (status, _) = try? await client.raw("/readyz"), status == 200 { return }
                try await Task.sleep(for: .milliseconds(200))
            }
            let lines = (try? String(contentsOfFile: log, encoding: .utf8)) ?? ""
            Issue.record("kube-apiserver was not ready within 90 s: \(lines.suffix(2000))")
            throw CancellationError()
        }
    }

    private static func freePort() async throws -> Int {
        let channel = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .bind(host: "127.0.0.1", port: 0).get()
        let port = channel.localAddress?.port
        try await channel.close()
        return try #require(port)
    }
}

extension Trait where Self == ConditionTrait {
    static var requiresRealAPIServer: Self {
        .enabled("KUBEBUILDER_ASSETS names no folder with kube-apiserver and etcd") { RealAPIServer.assets != nil }
    }
}
