import Foundation
import NIOCore
import NIOPosix

/// A local Unix socket, in a folder only its owner enters, every connection of which leads to a port of a node.
struct PortBridge: Sendable {
    let transport: SocketTransport
    let host: String
    let port: Int

    func run<Value: Sendable>(_ body: @Sendable (_ localSocketPath: String) async throws -> Value) async throws -> Value
    {
        let folder = try Self.folder()
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
            try await transport.withForwardedStream(host: host, port: port) { node, fromNode in
                try await node.join(&fromNode, client, reading: fromClient)
            }
        }
    }

    /// Socket paths end at 107 bytes, so a long `TMPDIR` is passed over.
    private static func folder() throws -> String {
        let temporary = FileManager.default.temporaryDirectory.path
        let root = temporary.utf8.count > 70 ? "/tmp" : temporary
        let name = (0..<8).map { _ in String(UInt8.random(in: 0...15), radix: 16) }.joined()
        let path = "\(root.hasSuffix("/") ? String(root.dropLast()) : root)/keelstep-\(name)"
        try FileManager.default.createDirectory(
            atPath: path,
            withIntermediateDirectories: false,
            attributes: [.posixPermissions: 0o700]
        )
        return path
    }
}
