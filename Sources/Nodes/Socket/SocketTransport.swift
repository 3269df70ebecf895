import NIOCore
import SystemPackage

/// Reaches a node through the Unix socket of its sandbox (docs/node-socket.md).
package struct SocketTransport: Transport {
    package let node: String
    package let path: String

    package init(node: String, path: String) {
        self.node = node
        self.path = path
    }

    package func run(_ command: Command) async throws(TransportError) -> CommandResult {
        guard !command.arguments.isEmpty else {
            throw .refused(node: node, command: command, reason: "there is no program to run")
        }
        let stream: ByteStream
        do { stream = try await ByteStream.connect(unixSocket: path) } catch {
            throw .unreachable(node: node, reason: "\(path): \(Self.words(error))")
        }
        let reply: NodeSocketReply
        do {
            reply = try await stream.channel.executeThenClose { incoming, _ in
                try await stream.send(NodeSocketRequest.run(command).bytes)
                var reader = ByteStreamReader(incoming)
                return try await NodeSocketReply(from: &reader)
            }
        } catch NodeSocketError.malformed(let what) {
            throw .protocolViolation(node: node, reason: what)
        } catch {
            if Task.isCancelled { throw .cancelled(node: node, command: command) }
            throw .connectionLost(node: node, command: command, reason: "\(error)")
        }
        switch reply {
        case .finished(let result): return result
        case .refused(let reason): throw .refused(node: node, command: command, reason: reason)
        case .forwarding: throw .protocolViolation(node: node, reason: "it forwards where a command was to run")
        }
    }

    /// Whoever may open the socket is root there.
    package func login() async throws(TransportError) -> NodeLogin { NodeLogin(user: "root", sudo: .root) }

    package func withForwardedPort<Value: Sendable>(
        host: String,
        port: Int,
        _ body: @Sendable (_ localSocketPath: String) async throws -> Value
    ) async throws -> Value {
        // One stream is opened first, so that a port nobody serves is said here and not as a broken connection there.
        try await withStream(host: host, port: port) { _, _ in }
        let bridge = PortBridge(source: self, host: host, port: port)
        return try await bridge.run(body)
    }

    static func words(_ error: any Error) -> String {
        guard let error = error as? IOError else { return "\(error)" }
        return Errno(rawValue: error.errnoCode).description.lowercased()
    }
}

extension SocketTransport: StreamSource {
    func withStream(
        host: String,
        port: Int,
        _ body: @Sendable (_ stream: ByteStream, _ reader: inout ByteStreamReader) async throws -> Void
    ) async throws {
        let stream: ByteStream
        do { stream = try await ByteStream.connect(unixSocket: path) } catch {
            throw TransportError.unreachable(node: node, reason: "\(path): \(Self.words(error))")
        }
        try await stream.channel.executeThenClose { incoming, _ in
            var reader = ByteStreamReader(incoming)
            let reply: NodeSocketReply
            do {
                try await stream.send(NodeSocketRequest.forward(host: host, port: port).bytes)
                reply = try await NodeSocketReply(from: &reader)
            } catch { throw TransportError.unreachable(node: node, reason: "\(error)") }
            switch reply {
            case .forwarding: try await body(stream, &reader)
            case .refused(let reason):
                throw TransportError.unreachable(node: node, reason: "\(host):\(port) as seen from it: \(reason)")
            case .finished:
                throw TransportError.protocolViolation(node: node, reason: "it ran where a port was asked for")
            }
        }
    }
}
