package import Foundation
import Hummingbird
import HummingbirdCore
import HummingbirdTLS
import KubernetesModel
package import KubernetesVersions
import Logging
import NIOCore
import NIOSSL
import Synchronization

/// What an API server shows to prove itself, and whom it believes.
package struct APIServerTLS: Sendable {
    /// The serving certificate, then its issuers.
    package var certificatePEM: String
    package var privateKeyPEM: String
    /// The cluster's CA: client certificates it has signed are users.
    package var clientCAPEM: String

    package init(certificatePEM: String, privateKeyPEM: String, clientCAPEM: String) {
        self.certificatePEM = certificatePEM
        self.privateKeyPEM = privateKeyPEM
        self.clientCAPEM = clientCAPEM
    }

    /// A serving certificate of the sandbox's PKI, and the authority whose clients are users.
    package init(serving: Identity, clientCA: Identity) {
        self.init(
            certificatePEM: String(decoding: serving.certificate, as: UTF8.self),
            privateKeyPEM: String(decoding: serving.key, as: UTF8.self),
            clientCAPEM: String(decoding: clientCA.certificate, as: UTF8.self)
        )
    }
}

/// One emulated kube-apiserver on a loopback port.
///
/// It serves what its Kubernetes version serves; a server of another version over the same store takes its place after
/// an upgrade, on the same port.
package final class APIServer: Sendable {
    package let node: String
    package let version: KubernetesVersion
    package let faults: APIFaults
    private let core: APICore
    private let tls: APIServerTLS?
    private let wantedPort: Int
    private let tokens: [String: UserInfo]
    private let now: @Sendable () -> Date
    private let isStopping = SharedFlag()
    private let inFlight = InFlight()
    private let port = Listening()
    private let stopSignal = AsyncStream.makeStream(of: Void.self)

    /// Without `tls` it speaks plain HTTP and every caller is an administrator (tests on loopback); port 0 means any;
    /// `tokens` are users by bearer token; `history` is how many changes of each resource can be watched from the past.
    package init(
        node: String,
        version: KubernetesVersion,
        storage: any Storage,
        tls: APIServerTLS? = nil,
        port: Int = 0,
        faults: APIFaults = APIFaults(),
        tokens: [String: UserInfo] = [:],
        history: Int = 8192,
        bookmarkInterval: Duration = .seconds(30),
        now: @escaping @Sendable () -> Date = { Date() }
    ) {
        self.node = node
        self.version = version
        self.faults = faults
        self.tls = tls
        wantedPort = port
        self.tokens = tokens
        self.now = now
        core = APICore(
            storage: storage,
            version: version,
            history: history,
            bookmarkInterval: bookmarkInterval,
            now: now
        )
    }

    /// The API in process; its calls fail with 503 once the server has stopped.
    package var access: any ClusterAccess { core.access }

    /// The registry itself, for what the protocol of ``access`` has no call for.
    package var registry: Registry { core.registry }

    /// Whether it is up: listening, its cache loaded, not stopping.
    package var isServing: Bool { port.value != nil && core.isReady && !isStopping.isSet }

    /// The port it listens on, as soon as it does.
    /// - Throws: ``SandboxAPIError/notServing(node:)`` when it stopped before.
    package func listeningPort() async throws -> Int {
        guard let value = await port.wait() else { throw SandboxAPIError.notServing(node: node) }
        return value
    }

    /// Serves until ``stop()`` or until cancelled; every watch has then ended.
    package func run() async throws {
        defer { port.close() }
        let application = try application()
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { await self.core.run() }
            group.addTask { try await application.run() }
            group.addTask {
                for await _ in self.stopSignal.stream { break }
                await self.drain()
            }
            defer { group.cancelAll() }
            try await group.next()
        }
    }

    /// Asks ``run()`` to end: `/readyz` fails at once, requests in hand are answered, watches end.
    package func stop() {
        isStopping.set()
        stopSignal.continuation.finish()
    }

    /// Ends the watches, and gives requests in hand two seconds.
    private func drain() async {
        isStopping.set()
        core.registry.cache.stop()
        for _ in 0..<100 where !inFlight.isIdle && !Task.isCancelled {
            try? await Task.sleep(for: .milliseconds(20))
        }
    }

    private func application() throws -> Application<APIResponder> {
        let catalog = core.registry.catalog
        let responder = APIResponder(
            registry: core.registry,
            discovery: Discovery(catalog: catalog, version: version, address: "127.0.0.1:\(wantedPort)"),
            openAPI: OpenAPI(catalog: catalog, version: version),
            authentication: try Authentication(authorityPEM: tls?.clientCAPEM, tokens: tokens, now: now),
            faults: faults,
            isStopping: isStopping,
            inFlight: inFlight
        )
        var logger = Logger(label: "kube-apiserver-\(node)")
        logger.logLevel = .critical
        let port = self.port
        return Application(
            responder: responder,
            server: try serverBuilder(),
            configuration: ApplicationConfiguration(address: .hostname("127.0.0.1", port: wantedPort)),
            onServerRunning: { channel in port.open(channel.localAddress?.port ?? 0) },
            logger: logger
        )
    }

    private func serverBuilder() throws -> HTTPServerBuilder {
        let plain = HTTPServerBuilder { HeldHTTPChannel(base: HTTP1Channel(responder: $0)) }
        guard let tls else { return plain }
        let chain = try NIOSSLCertificate.fromPEMBytes(Array(tls.certificatePEM.utf8))
        let key = try NIOSSLPrivateKey(bytes: Array(tls.privateKeyPEM.utf8), format: .pem)
        var configuration = TLSConfiguration.makeServerConfiguration(
            certificateChain: chain.map { .certificate($0) },
            privateKey: .privateKey(key)
        )
        // A certificate is asked for and taken as it is: whose it is, and that it is nobody's, the API says itself (401).
        configuration.certificateVerification = .optionalVerification
        return try .tls(
            plain,
            configuration: TLSChannelConfiguration(
                tlsConfiguration: configuration,
                customVerificationCallback: { _, promise in promise.succeed(.certificateVerified) }
            )
        )
    }
}

/// Why the sandbox's API server cannot be used.
package enum SandboxAPIError: Error, CustomStringConvertible {
    case notServing(node: String)

    package var description: String {
        switch self {
        case .notServing(let node): "the API server of \(node) ended before it was listening; look why its run() ended"
        }
    }
}

/// A port that is known later, and waited for.
private final class Listening: Sendable {
    private enum State {
        case waiting([CheckedContinuation<Int?, Never>])
        case open(Int)
        case closed
    }

    private let state = Mutex(State.waiting([]))

    var value: Int? { state.withLock { if case .open(let port) = $0 { port } else { nil } } }

    func open(_ port: Int) { settle(.open(port), port) }
    func close() { settle(.closed, nil) }

    private func settle(_ new: State, _ port: Int?) {
        state.withLock { state in
            if case .waiting(let waiters) = state { for waiter in waiters { waiter.resume(returning: port) } }
            state = new
        }
    }

    func wait() async -> Int? {
        await withCheckedContinuation { continuation in
            state.withLock { state in
                switch state {
                case .open(let port): continuation.resume(returning: port)
                case .closed: continuation.resume(returning: nil)
                case .waiting(let waiters): state = .waiting(waiters + [continuation])
                }
            }
        }
    }
}
