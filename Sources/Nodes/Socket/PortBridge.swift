import Foundation
import NIOCore
import NIOPosix

/// A local Unix socket, in a folder only its owner enters, every connection of which leads to a port of a node.
struct PortBridge: Sendable {
    let source: any StreamSource
    let host: String
    let port: Int

    func run<Value: Sendable>(_ body: @Sendable (_ localSocketPath: String) async throws -> Value) async throws -> Value
    {
        let folder = try SocketFolder.make()
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let path = "\(folder)/port.sock"
        let server = try await ServerBootstrap(group: .singletonMultiThreadedEventLoopGroup)
            .bind(unixDomainSocketPath: path) { child in
                child.eventLoop.makeCompletedFuture { try ByteStream.wrap(child) }
            }
        return try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await serve(server) }
            defer { group.cancelAll() }
            return try await body(path)
        }
    }

    private func serve(_ server: NIOAsyncChannel<HeldChannel<ByteBuffer, ByteBuffer>, Never>) async throws {
        try await withThrowingDiscardingTaskGroup { group in
            try await server.executeThenClose { clients in
                for try await client in clients { group.addTask { await bridge(ByteStream(client)) } }
            }
            group.cancelAll()
        }
    }

    /// A node that cannot be reached shows as a closed connection, as a port that nobody serves any more would.
    private func bridge(_ client: ByteStream) async {
        try? await client.channel.executeThenClose { fromClient, _ in
            try await source.withStream(host: host, port: port) { node, fromNode in
                try await node.join(&fromNode, client, reading: fromClient)
            }
        }
    }
}

/// What opens streams to ports of a node.
protocol StreamSource: Sendable {
    /// Opens a stream to the port as seen from the node, and closes it when `body` is done.
    /// - Throws: ``TransportError/unreachable(node:reason:)`` where nobody serves it.
    func withStream(
        host: String,
        port: Int,
        _ body: @Sendable (_ stream: ByteStream, _ reader: inout ByteStreamReader) async throws -> Void
    ) async throws
}
