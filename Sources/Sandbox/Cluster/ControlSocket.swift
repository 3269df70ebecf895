package import KubernetesModel
import NIOCore
import NIOPosix
import Nodes

/// How the commands talk to a running sandbox: one JSON object a line each way over a Unix socket, one exchange a
/// connection. A reply is `{"ok": …}` or `{"error": "…"}`.
package struct ControlServer: Sendable {
    package typealias Handler = @Sendable (JSONValue) async throws -> JSONValue
    private static let longestLine = 64 << 20

    private let channel: NIOAsyncChannel<HeldChannel<ByteBuffer, ByteBuffer>, Never>
    private let handler: Handler

    package init(path: String, handler: @escaping Handler) async throws {
        self.handler = handler
        channel = try await ServerBootstrap(group: .singletonMultiThreadedEventLoopGroup)
            .bind(unixDomainSocketPath: path, cleanupExistingSocketFile: true) { child in
                child.eventLoop.makeCompletedFuture {
                    HeldChannel(try NIOAsyncChannel(wrappingChannelSynchronously: child))
                }
            }
    }

    /// Serves until the task is cancelled.
    package func run() async throws {
        try await withThrowingDiscardingTaskGroup { group in
            try await channel.executeThenClose { clients in
                for try await client in clients { group.addTask { await serve(client) } }
            }
            group.cancelAll()
        }
    }

    /// A client that goes away before its reply has lost interest; nothing else depends on it.
    private func serve(_ client: HeldChannel<ByteBuffer, ByteBuffer>) async {
        try? await client.executeThenClose { incoming, outgoing in
            var chunks = incoming.makeAsyncIterator()
            guard let line = try await ControlServer.line(from: &chunks) else { return }
            let reply: JSONValue
            do { reply = ["ok": try await handler(try JSONValue(parsing: line))] } catch {
                reply = ["error": .string("\(error)")]
            }
            try await outgoing.write(ByteBuffer(bytes: reply.bytes + [0x0A]))
            // To close now would drop what a long reply still has to send; the client closes once it has all of it.
            while try await chunks.next(isolation: #isolation) != nil {}
        }
    }

    fileprivate static func line(
        from chunks: inout NIOAsyncChannelInboundStream<ByteBuffer>.AsyncIterator
    ) async throws -> [UInt8]? {
        var line: [UInt8] = []
        while let chunk = try await chunks.next(isolation: #isolation) {
            line.append(contentsOf: chunk.readableBytesView)
            if line.last == 0x0A { return line }
            guard line.count < longestLine else { return nil }
        }
        return nil
    }
}

/// The commands' side of ``ControlServer``.
package struct ControlClient: Sendable {
    let name: String
    let path: String

    package init(_ folder: SandboxFolder) {
        name = folder.name
        path = folder.controlSocket
    }

    /// - Throws: ``SandboxError/control(name:reason:)`` with the sandbox's own words, or why it did not answer.
    package func ask(_ request: JSONValue) async throws(SandboxError) -> JSONValue {
        let reply: JSONValue
        do {
            let channel = try await ClientBootstrap(group: .singletonMultiThreadedEventLoopGroup)
                .connect(unixDomainSocketPath: path) { channel in
                    channel.eventLoop.makeCompletedFuture {
                        HeldChannel<ByteBuffer, ByteBuffer>(
                            try NIOAsyncChannel(wrappingChannelSynchronously: channel)
                        )
                    }
                }
            let line = try await channel.executeThenClose { incoming, outgoing in
                try await outgoing.write(ByteBuffer(bytes: request.bytes + [0x0A]))
                var chunks = incoming.makeAsyncIterator()
                return try await ControlServer.line(from: &chunks)
            }
            guard let line else { throw SandboxError.control(name: name, reason: "it hung up without an answer") }
            reply = try JSONValue(parsing: line)
        } catch let error as SandboxError { throw error } catch {
            throw .control(name: name, reason: "it does not answer on \(path): \(error)")
        }
        if let reason = reply["error"]?.string { throw .control(name: name, reason: reason) }
        return reply["ok"] ?? .null
    }
}
