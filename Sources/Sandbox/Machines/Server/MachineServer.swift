import Foundation
import Glibc
import NIOCore
import NIOPosix
import Nodes

/// Answers for one machine on its Unix socket (docs/node-socket.md).
package struct MachineServer: Sendable {
    /// Where a port of the machine's own loopback address really is.
    package typealias Forwards = @Sendable (_ port: Int) async -> (host: String, port: Int)?

    package let machine: Machine
    package let path: String
    private let forwards: Forwards
    private let server: NIOAsyncChannel<HeldChannel<ByteBuffer, ByteBuffer>, Never>
    private let open = OpenConnections()

    /// Listens on `path`, for its owner alone.
    package init(_ machine: Machine, path: String, forwards: @escaping Forwards) async throws {
        self.machine = machine
        self.path = path
        self.forwards = forwards
        server = try await ServerBootstrap(group: .singletonMultiThreadedEventLoopGroup)
            .bind(unixDomainSocketPath: path, cleanupExistingSocketFile: true) { child in
                child.eventLoop.makeCompletedFuture { try ByteStream.wrap(child) }
            }
        try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: path)
    }

    /// Serves until the task is cancelled; commands under way then end with it.
    package func run() async throws {
        try await withThrowingDiscardingTaskGroup { group in
            group.addTask { await cutWhenPartitioned() }
            try await server.executeThenClose { clients in
                for try await client in clients { group.addTask { await serve(ByteStream(client)) } }
            }
            group.cancelAll()
        }
    }

    private func cutWhenPartitioned() async {
        for await _ in machine.changes where await machine.isPartitioned { open.closeAll() }
    }

    /// A client that goes away concerns nobody: its command goes on to its end.
    private func serve(_ client: ByteStream) async {
        let channel = client.channel.channel
        open.add(channel)
        defer { open.remove(channel) }
        try? await client.channel.executeThenClose { incoming, _ in
            guard await !machine.isPartitioned else { return }
            var reader = ByteStreamReader(incoming)
            do {
                switch try await NodeSocketRequest(from: &reader) {
                case .run(let command): try await run(command, client, &reader)
                case .forward(let host, let port): try await forward(host, port, client, &reader)
                }
            } catch NodeSocketError.malformed(let what) {
                try await client.send(NodeSocketReply.refused("not understood: \(what)").bytes)
            }
        }
    }

    private func run(_ command: Command, _ client: ByteStream, _ reader: inout ByteStreamReader) async throws {
        guard let result = await machine.run(command, client: await peer(of: client)) else { return }
        guard await !machine.isPartitioned else { return }
        try await client.send(NodeSocketReply.finished(result).bytes)
        // To close now would drop what a long reply still has to send; the client closes once it has all of it.
        while try await reader.next() != nil {}
    }

    private func forward(
        _ host: String,
        _ port: Int,
        _ client: ByteStream,
        _ reader: inout ByteStreamReader
    ) async throws {
        guard ["127.0.0.1", "localhost", "::1", machine.spec.address].contains(host), let target = await forwards(port)
        else {
            return try await client.send(NodeSocketReply.refused("connect \(host):\(port): connection refused").bytes)
        }
        let stream: ByteStream
        do { stream = try await ByteStream.connect(host: target.host, port: target.port) } catch {
            return try await client.send(NodeSocketReply.refused("connect \(host):\(port): connection refused").bytes)
        }
        open.add(stream.channel.channel)
        defer { open.remove(stream.channel.channel) }
        try await stream.channel.executeThenClose { fromTarget, _ in
            try await client.send(NodeSocketReply.forwarding.bytes)
            try await client.join(&reader, stream, reading: fromTarget)
        }
    }

    /// The process at the other end (SO_PEERCRED, unix(7)); 0 when the kernel does not say.
    private func peer(of client: ByteStream) async -> Int32 {
        guard let provider = client.channel.channel as? any SocketOptionProvider else { return 0 }
        let credentials: PeerCredentials? = try? await provider.unsafeGetSocketOption(
            level: .socket,
            name: NIOBSDSocket.Option(rawValue: SO_PEERCRED)
        ).get()
        return credentials?.pid ?? 0
    }
}

/// `struct ucred` of <sys/socket.h>.
private struct PeerCredentials: Sendable {
    var pid: Int32
    var user: UInt32
    var group: UInt32
}
