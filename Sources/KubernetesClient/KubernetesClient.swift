import AsyncHTTPClient
package import Foundation
import KubernetesModel
import NIOCore
import NIOSSL

/// One cluster's API, through one pool of connections.
///
/// Every call has a deadline. A refusal of the server is thrown as `APIStatus`, anything that kept an answer from
/// coming as ``ClientError``. Calls that only read are repeated when the server is briefly away; calls that change
/// something only when it surely did not act, or when a precondition makes a second time harmless.
package struct KubernetesClient: Sendable {
    package let configuration: KubeConfiguration
    package let options: ClientOptions
    let connection: Connection
    let discovered = DiscoveredVersions()

    /// Runs `body` with a client, and closes its connections afterwards.
    /// - Throws: ``ClientError`` when the configuration cannot be used (an expired certificate, a bad address), and
    ///   whatever `body` throws.
    package static func with<Value>(
        _ configuration: KubeConfiguration,
        options: ClientOptions = ClientOptions(),
        isolation: isolated (any Actor)? = #isolation,
        _ body: (KubernetesClient) async throws -> Value
    ) async throws -> Value {
        let address = try ServerAddress(configuration)
        var http = HTTPClient.Configuration()
        http.tlsConfiguration = try ConnectionSecurity.settings(for: configuration, at: options.now())
        http.redirectConfiguration = .disallow
        http.httpVersion = .http1Only
        http.timeout.connect = .nanoseconds(options.connectTimeout.nanoseconds)
        http.timeout.read = .nanoseconds(options.idleTimeout.nanoseconds)
        http.connectionPool.retryConnectionEstablishment = false
        // Every watch holds one connection, and a drain sends many calls at a time.
        http.connectionPool.concurrentHTTP1ConnectionsPerHostSoftLimit = 128
        http.proxy = configuration.proxy.setting
        if let name = configuration.tlsServerName { http.dnsOverride = [name: address.host] }
        return try await HTTPClient.withHTTPClient(configuration: http) { pool in
            let connection = Connection(
                pool: pool,
                address: address,
                configuration: configuration,
                credentials: CredentialSource(configuration.credentials, now: options.now),
                options: options
            )
            return try await body(
                KubernetesClient(configuration: configuration, options: options, connection: connection)
            )
        }
    }

    /// As ``with(_:options:isolation:_:)``, for one API server behind a Unix socket: a node's own, through a forwarded
    /// port. Its certificate must come from the configuration's authority; its name is not asked, as the way there
    /// names the node.
    package static func with<Value>(
        _ configuration: KubeConfiguration,
        socket path: String,
        options: ClientOptions = ClientOptions(),
        isolation: isolated (any Actor)? = #isolation,
        _ body: (KubernetesClient) async throws -> Value
    ) async throws -> Value {
        guard let url = URL(httpsURLWithSocketPath: path, uri: "") else {
            throw ClientError.unusableServer(path, reason: "it is no path of a socket")
        }
        var base = url.absoluteString  // ends in a slash, as every call's target begins with one
        while base.hasSuffix("/") { base.removeLast() }
        var http = HTTPClient.Configuration()
        http.tlsConfiguration = try ConnectionSecurity.settings(for: configuration, at: options.now())
        if http.tlsConfiguration?.certificateVerification == .fullVerification {
            http.tlsConfiguration?.certificateVerification = .noHostnameVerification
        }
        http.redirectConfiguration = .disallow
        http.httpVersion = .http1Only
        http.timeout.connect = .nanoseconds(options.connectTimeout.nanoseconds)
        http.timeout.read = .nanoseconds(options.idleTimeout.nanoseconds)
        http.connectionPool.retryConnectionEstablishment = false
        return try await HTTPClient.withHTTPClient(configuration: http) { [base] pool in
            let connection = Connection(
                pool: pool,
                address: ServerAddress(socket: path, base: base),
                configuration: configuration,
                credentials: CredentialSource(configuration.credentials, now: options.now),
                options: options
            )
            return try await body(
                KubernetesClient(configuration: configuration, options: options, connection: connection)
            )
        }
    }

    private init(configuration: KubeConfiguration, options: ClientOptions, connection: Connection) {
        self.configuration = configuration
        self.options = options
        self.connection = connection
    }
}

/// What a client does the same way for all its calls.
package struct ClientOptions: Sendable {
    /// `keelstep/<version>`.
    package var userAgent: String
    /// How long one call may take, its repetitions included.
    package var deadline: Duration = .seconds(30)
    package var connectTimeout: Duration = .seconds(10)
    /// How long an open answer, a watch's among them, may stay silent before it counts as dead.
    package var idleTimeout: Duration = .seconds(90)
    package var retries = RetryPolicy()
    /// The clock of waits between repetitions.
    package var clock: any Clock<Duration>
    package var now: @Sendable () -> Date
    /// Told of every request that is sent: for counting in benchmarks and tests.
    package var onRequest: (@Sendable (_ method: String, _ path: String) -> Void)?

    package init(
        userAgent: String = "keelstep/0.1.0",
        clock: any Clock<Duration> = .continuous,
        now: @escaping @Sendable () -> Date = { Date() },
        onRequest: (@Sendable (_ method: String, _ path: String) -> Void)? = nil
    ) {
        self.userAgent = userAgent
        self.clock = clock
        self.now = now
        self.onRequest = onRequest
    }
}

/// The address of a server, taken apart once.
struct ServerAddress: Sendable {
    /// Where the connection goes.
    let host: String
    /// What stands before every path: `https://name:6443/prefix`.
    let base: String
    /// The Host header, where the address of the connection is none: HTTP/1.1 asks for one, and Go's server insists.
    let hostHeader: String?

    /// A server behind a Unix socket.
    init(socket path: String, base: String) {
        host = path
        self.base = base
        hostHeader = "localhost"
    }

    init(_ configuration: KubeConfiguration) throws(ClientError) {
        let text = configuration.server.contains("://") ? configuration.server : "https://\(configuration.server)"
        guard let url = URL(string: text), let host = url.host(percentEncoded: false), !host.isEmpty else {
            throw .unusableServer(configuration.server, reason: "write it as https://HOST:PORT")
        }
        guard let scheme = url.scheme?.lowercased(), ["http", "https"].contains(scheme) else {
            throw .unusableServer(configuration.server, reason: "it must be https:// (or http://)")
        }
        self.host = host
        hostHeader = nil
        let name = configuration.tlsServerName ?? host
        let port = url.port ?? (scheme == "https" ? 443 : 80)
        var prefix = url.path(percentEncoded: true)
        while prefix.hasSuffix("/") { prefix.removeLast() }
        base = "\(scheme)://\(name.contains(":") ? "[\(name)]" : name):\(port)\(prefix)"
    }
}

extension ProxyChoice {
    fileprivate var setting: HTTPClient.Configuration.Proxy? {
        switch self {
        case .none: nil
        case .socks(let host, let port): .socksServer(host: host, port: port)
        case .http(let host, let port, let user, let password):
            .server(
                host: host,
                port: port,
                authorization: user.map { .basic(username: $0, password: password ?? "") }
            )
        }
    }
}

extension Duration {
    /// Whole nanoseconds, clamped to what a machine word holds.
    var nanoseconds: Int64 {
        let (seconds, attoseconds) = components
        guard abs(seconds) < 9_000_000_000 else { return seconds < 0 ? .min : .max }
        return seconds * 1_000_000_000 + attoseconds / 1_000_000_000
    }
}
