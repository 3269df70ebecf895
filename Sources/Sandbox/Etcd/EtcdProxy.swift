package import Etcd
import EtcdRPC
import GRPCCore
import GRPCNIOTransportHTTP2
import NIOCore
import NIOPosix
import SwiftProtobuf
import Synchronization

/// A member as the product sees it: a TLS endpoint that passes every call through and answers with the version the
/// sandbox emulates.
///
/// Calls of any method pass as bytes, both ways, streams too. Only the answer to `Maintenance.Status` is read, to put
/// the version in.
package final class EtcdProxy: Sendable {
    private struct State {
        var version: String
        var isRefusing = false
    }

    /// The port it listens on, of 127.0.0.1.
    package let port: Int
    private let state: Mutex<State>
    private let upstream: HTTP2ClientTransport.Posix
    private let identity: Identity
    private let clientCA: [UInt8]

    /// A proxy in front of `member` that shows the member's own server certificate and asks clients for theirs.
    package convenience init(
        for member: EtcdMember,
        pki: SandboxPKI,
        version: String,
        port: Int? = nil
    ) throws {
        guard let identity = pki.identity(of: member.name, "pki/etcd/server"),
            case .host(let host, let upstreamPort) = member.endpoint
        else { throw SandboxError.badSpec("\(member.name) has no etcd server certificate") }
        let clientCA = pki.etcdCA.identity.certificate
        try self.init(
            port: port,
            identity: identity,
            clientCA: clientCA,
            upstream: (host, upstreamPort),
            tls: member.tls,
            version: version
        )
    }

    package init(
        port: Int?,
        identity: Identity,
        clientCA: [UInt8],
        upstream: (host: String, port: Int),
        tls: EtcdTLS,
        version: String
    ) throws {
        guard let port = port ?? LoopbackPorts.free(1).first else {
            throw SandboxError.didNotStart(name: "etcd proxy", reason: "no free port on 127.0.0.1", log: "none")
        }
        self.port = port
        self.identity = identity
        self.clientCA = clientCA
        state = Mutex(State(version: version))
        self.upstream = try HTTP2ClientTransport.Posix(
            target: .ipv4(address: upstream.host, port: upstream.port),
            transportSecurity: .mTLS(
                certificateChain: [.bytes(tls.certificate, format: .pem)],
                privateKey: .bytes(tls.key, format: .pem)
            ) { $0.trustRoots = .certificates([.bytes(tls.ca, format: .pem)]) },
            config: .defaults {
                $0.backoff = .init(initial: .milliseconds(50), max: .milliseconds(500), multiplier: 1.6, jitter: 0.2)
            }
        )
    }

    /// Where clients reach it.
    package var endpoint: EtcdEndpoint { .host("127.0.0.1", port) }

    /// The version `Status` answers, as etcd writes it: `3.5.16`.
    package var version: String {
        get { state.withLock { $0.version } }
        set { state.withLock { $0.version = newValue } }
    }

    /// Whether every call is answered with "unavailable", as if the member could not be reached.
    package var isRefusing: Bool {
        get { state.withLock { $0.isRefusing } }
        set { state.withLock { $0.isRefusing = newValue } }
    }

    /// One loop accepts and serves: a connection set up on another may come back after the listener has closed, and is
    /// then dropped, which traps (see ``HeldChannel``; the transport leaves no place for one).
    private static let loop = MultiThreadedEventLoopGroup(numberOfThreads: 1)

    /// Serves until cancelled; runs once. `ready` is called once it listens.
    package func run(ready: @escaping @Sendable () -> Void = {}) async throws {
        let open = OpenConnections()
        let server = HTTP2ServerTransport.Posix(
            address: .ipv4(host: "127.0.0.1", port: port),
            transportSecurity: .mTLS(
                certificateChain: [.bytes(identity.certificate, format: .pem)],
                privateKey: .bytes(identity.key, format: .pem)
            ) { $0.trustRoots = .certificates([.bytes(clientCA, format: .pem)]) },
            config: .defaults {
                $0.channelDebuggingCallbacks.onAcceptTCPConnection = { channel in
                    open.add(channel)
                    channel.closeFuture.whenComplete { _ in open.remove(channel) }
                    return channel.eventLoop.makeSucceededVoidFuture()
                }
            },
            eventLoopGroup: Self.loop
        )
        try await withThrowingTaskGroup { group in
            group.addTask { try await self.upstream.connect() }
            group.addTask { try await self.listen(server, open) }
            group.addTask {
                _ = try await server.listeningAddress
                ready()
                for await _ in AsyncStream<Void>.makeStream().stream {}
            }
            defer { group.cancelAll() }
            try await group.next()
        }
    }
}

extension EtcdProxy {
    private typealias Server = HTTP2ServerTransport.Posix

    /// Listens until cancelled; then its connections break, as those of a killed member do, and it ends by itself.
    ///
    /// Cancelled, the transport's own `listen` would drop connections and calls it has accepted and not begun to serve,
    /// which traps.
    private func listen(_ server: Server, _ open: OpenConnections) async throws {
        let listening = Task { try await server.listen { stream, _ in await self.handle(stream) } }
        try await withTaskCancellationHandler {
            try await listening.value
        } onCancel: {
            server.beginGracefulShutdown()
            open.closeForEver()
        }
    }

    /// What the transport makes anew for each hop.
    private static let hopMetadata = ["content-type", "te", "user-agent", "grpc-encoding", "grpc-accept-encoding"]

    private func handle(_ stream: RPCStream<Server.Inbound, Server.Outbound>) async {
        var status: Status?
        if isRefusing {
            status = Status(code: .unavailable, message: "connection refused")
        } else {
            do { try await pass(stream) } catch let error as RPCError {
                status = Status(code: Status.Code(error.code), message: error.message)
            } catch {
                status = Status(code: .unavailable, message: "\(error)")
            }
        }
        // A client that has gone does not take its answer; there is nobody to tell.
        if let status { try? await stream.outbound.write(.status(status, [:])) }
        await stream.outbound.finish()
    }

    private func pass(_ stream: RPCStream<Server.Inbound, Server.Outbound>) async throws {
        let isStatus = stream.descriptor.fullyQualifiedMethod == "etcdserverpb.Maintenance/Status"
        var options = CallOptions.defaults
        options.maxResponseMessageBytes = 1 << 30
        options.maxRequestMessageBytes = 1 << 30
        try await upstream.withStream(descriptor: stream.descriptor, options: options) { upstream, _ in
            try await withThrowingTaskGroup { group in
                group.addTask {
                    for try await part in stream.inbound {
                        switch part {
                        case .metadata(let metadata):
                            try await upstream.outbound.write(.metadata(Self.passedOn(metadata)))
                        default: try await upstream.outbound.write(part)
                        }
                    }
                    await upstream.outbound.finish()
                    // The answers decide when the call ends.
                    for await _ in AsyncStream<Void>.makeStream().stream {}
                }
                group.addTask {
                    for try await part in upstream.inbound {
                        switch part {
                        case .metadata(let metadata):
                            try await stream.outbound.write(.metadata(Self.passedOn(metadata)))
                        case .message(let bytes):
                            let answer = isStatus ? try self.versioned(bytes) : bytes
                            try await stream.outbound.write(.message(answer))
                        case .status(let status, let metadata):
                            try await stream.outbound.write(.status(status, Self.passedOn(metadata)))
                        }
                    }
                    await stream.outbound.finish()
                }
                defer { group.cancelAll() }
                try await group.next()
            }
        }
    }

    /// What the caller or the member said, without what each connection says for itself.
    private static func passedOn(_ metadata: Metadata) -> Metadata {
        var passed = Metadata()
        for (key, value) in metadata where !key.hasPrefix(":") && !hopMetadata.contains(key) {
            switch value {
            case .string(let text): passed.addString(text, forKey: key)
            case .binary(let bytes): passed.addBinary(bytes, forKey: key)
            }
        }
        return passed
    }

    private func versioned(_ bytes: GRPCNIOTransportBytes) throws -> GRPCNIOTransportBytes {
        let raw = unsafe bytes.withUnsafeBytes { unsafe [UInt8]($0) }
        var answer = try Etcdserverpb_StatusResponse(serializedBytes: raw)
        answer.version = version
        return GRPCNIOTransportBytes(try answer.serializedBytes() as [UInt8])
    }
}
