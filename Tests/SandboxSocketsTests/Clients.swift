import Foundation
import NIOCore
import NIOPosix
import Nodes

/// What a server that is going away leaves of its clients.
enum Clients {
    /// Opens `count` connections at once, and returns when the server has refused or ended each of them.
    static func areLetGo(_ count: Int, _ connect: @escaping @Sendable () async throws -> ByteStream) async {
        await withTaskGroup { group in
            for _ in 0..<count {
                group.addTask {
                    guard let stream = try? await connect() else { return }
                    try? await stream.channel.executeThenClose { incoming, _ in for try await _ in incoming {} }
                }
            }
        }
    }

    static func areLetGo(_ count: Int, port: Int) async {
        await areLetGo(count) { try await ByteStream.connect(host: "127.0.0.1", port: port) }
    }

    static func areLetGo(_ count: Int, socket path: String) async {
        await areLetGo(count) { try await ByteStream.connect(unixSocket: path) }
    }

    /// Runs `server` and lets clients come while it is being cancelled.
    static func come(
        _ connect: @escaping @Sendable () async -> Void,
        whileEnding server: @escaping @Sendable () async throws -> Void
    ) async {
        let serving = Task { try await server() }
        async let clients: Void = connect()
        await Task.yield()
        serving.cancel()
        _ = await serving.result
        await clients
    }
}

/// Runs `body` with a folder whose path is short enough for sockets.
func withSocketFolder(_ body: (String) async throws -> Void) async throws {
    let path = "/tmp/keelstep-\(UInt32.random(in: 0 ... .max))"
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: false)
    defer { try? FileManager.default.removeItem(atPath: path) }
    try await body(path)
}
