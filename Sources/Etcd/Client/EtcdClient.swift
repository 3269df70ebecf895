import EtcdRPC
import GRPCCore
package import GRPCNIOTransportHTTP2

/// A connection to one etcd member, kept up for as long as ``run()`` runs and shared by any number of calls.
///
/// Every call has a deadline and throws ``EtcdError``. A connection that breaks is made again by itself; calls made
/// meanwhile fail at once with ``EtcdError/unreachable(member:reason:)``.
package struct EtcdClient: Sendable {
    package typealias Transport = HTTP2ClientTransport.Posix

    /// What messages call the member.
    package let member: String
    package let endpoint: EtcdEndpoint
    package let tls: EtcdTLS?
    /// The deadline of each call that is given none of its own.
    package let timeout: Duration
    let grpc: GRPCClient<Transport>

    /// Runs `body` with a client, whose connection is closed when `body` ends.
    package static func with<Value: Sendable>(
        endpoint: EtcdEndpoint,
        tls: EtcdTLS?,
        member: String? = nil,
        timeout: Duration = .seconds(5),
        _ body: @Sendable (EtcdClient) async throws -> Value
    ) async throws -> Value {
        let client = try EtcdClient(endpoint: endpoint, tls: tls, member: member, timeout: timeout)
        return try await withThrowingDiscardingTaskGroup { group in
            group.addTask { await client.run() }
            defer { client.grpc.beginGracefulShutdown() }
            return try await body(client)
        }
    }

    /// A client that works once ``run()`` runs.
    /// - Throws: ``EtcdError/unusableIdentity(member:reason:)`` when the certificates or the key cannot be read.
    package init(
        endpoint: EtcdEndpoint,
        tls: EtcdTLS?,
        member: String? = nil,
        timeout: Duration = .seconds(5)
    ) throws(EtcdError) {
        self.member = member ?? endpoint.description
        self.endpoint = endpoint
        self.tls = tls
        self.timeout = timeout
        do {
            let transport = try Transport(
                target: Self.target(endpoint),
                transportSecurity: Self.security(tls),
                config: .defaults { config in
                    config.backoff = .init(
                        initial: .milliseconds(100),
                        max: .seconds(1),
                        multiplier: 1.6,
                        jitter: 0.2
                    )
                    config.http2.authority = Self.authority(endpoint, tls)
                    config.connection.keepalive = .init(
                        time: .seconds(30),  // members close connections that ping more often than every 5 s
                        timeout: .seconds(10),
                        allowWithoutCalls: false
                    )
                }
            )
            grpc = GRPCClient(transport: transport)
        } catch {
            throw .unusableIdentity(member: self.member, reason: Causes(error).text)
        }
    }

    /// Keeps the connection up until cancelled or ``shutDown()``.
    package func run() async {
        do { try await grpc.runConnections() } catch {
            // Thrown only when run twice or after the shutdown; calls say so themselves.
        }
    }

    /// Lets calls under way end, and then closes the connection.
    package func shutDown() { grpc.beginGracefulShutdown() }
}

extension EtcdClient {
    private static func target(_ endpoint: EtcdEndpoint) -> any ResolvableTarget {
        switch endpoint {
        case .socket(let path): .unixDomainSocket(path: path)
        case .host(let host, let port) where endpoint.isIPv4: .ipv4(address: host, port: port)
        case .host(let host, let port) where endpoint.isIPv6: .ipv6(address: host, port: port)
        case .host(let host, let port): .dns(host: host, port: port)
        }
    }

    /// The name for TLS and for the `:authority` header; nil lets a literal address be checked as an address.
    static func authority(_ endpoint: EtcdEndpoint, _ tls: EtcdTLS?) -> String? {
        if let name = tls?.serverName { return name }
        return switch endpoint {
        case .socket: "localhost"
        case .host(let host, _): endpoint.isIPv4 || endpoint.isIPv6 ? nil : host
        }
    }

    private static func security(_ tls: EtcdTLS?) -> Transport.TransportSecurity {
        guard let tls else { return .plaintext }
        return .mTLS(
            certificateChain: [.bytes(tls.certificate, format: .pem)],
            privateKey: .bytes(tls.key, format: .pem)
        ) { config in
            config.trustRoots = .certificates([.bytes(tls.ca, format: .pem)])
            config.serverCertificateVerification = .fullVerification
        }
    }
}

extension EtcdClient {
    /// The largest answer we take. etcd bounds requests (1.5 MiB by default), but not answers.
    static let largestAnswer = 1 << 30

    var kv: Etcdserverpb_KV.Client<Transport> { .init(wrapping: grpc) }
    var maintenance: Etcdserverpb_Maintenance.Client<Transport> { .init(wrapping: grpc) }
    var cluster: Etcdserverpb_Cluster.Client<Transport> { .init(wrapping: grpc) }

    /// Runs one call under its deadline and turns what it throws into an ``EtcdError``.
    func call<Value: Sendable>(
        _ name: String,
        within limit: Duration? = nil,
        _ body: (CallOptions) async throws -> Value
    ) async throws(EtcdError) -> Value {
        let limit = limit ?? timeout
        var options = CallOptions.defaults
        options.timeout = limit
        options.maxResponseMessageBytes = Self.largestAnswer
        do {
            return try await body(options)
        } catch {
            throw await diagnose(error, call: name, limit: limit)
        }
    }
}
