import Foundation
package import Settings
import Synchronization

/// The ways to all nodes of a cluster: a node's connection is shared by all who ask for it, and ends with this.
package final class Transports: Sendable {
    private let settings: NodeAccessSettings
    /// What `sudo` is to be given on nodes whose settings say `sudo: ask`.
    private let sudoPassword: [UInt8]?
    private let folder = Mutex<String?>(nil)
    private let connections = Mutex<[SSHKey: SSHConnection]>([:])

    private struct SSHKey: Hashable {
        var node: String
        var route: SSHRoute
    }

    private init(_ settings: NodeAccessSettings, sudoPassword: [UInt8]?) {
        self.settings = settings
        self.sudoPassword = sudoPassword
    }

    /// Gives `body` the ways to the nodes, and closes what was opened afterwards, however it ended.
    package static func with<Value>(
        _ settings: NodeAccessSettings,
        sudoPassword: [UInt8]? = nil,
        _ body: (Transports) async throws -> Value
    ) async throws -> Value {
        let transports = Transports(settings, sudoPassword: sudoPassword)
        let result: Result<Value, any Error>
        do { result = .success(try await body(transports)) } catch { result = .failure(error) }
        // Also for one who was cancelled: the ssh processes must not outlive us.
        await Task { await transports.close() }.value
        return try result.get()
    }

    /// The way to a node.
    /// - Throws: ``NoWayToNode`` when the settings say nothing about it, or leave its address open.
    package subscript(node: NodeIdentity) -> any Transport {
        get throws(NoWayToNode) {
            switch settings[node] {
            case .sandbox(let socket): return SocketTransport(node: node.name, path: socket)
            case .local: return LocalTransport(node: node.name, sudoPassword: sudoPassword)
            case .ssh(let access):
                guard let host = access.host(of: node) else { throw .noAddress(node: node.name, template: access.host) }
                let folder = try socketFolder(node.name)
                let route = SSHRoute(host: host, access: access)
                let password = access.asksForSudoPassword ? sudoPassword : nil
                let connection = connections.withLock { known in
                    let key = SSHKey(node: node.name, route: route)
                    if let connection = known[key] { return connection }
                    let connection = SSHConnection(
                        node: node.name,
                        route: route,
                        sudoPassword: password,
                        folder: folder
                    )
                    known[key] = connection
                    return connection
                }
                return SSHTransport(node: node.name, connection: connection, folder: folder)
            case nil: throw .notSaid(node: node.name)
            }
        }
    }

    private func socketFolder(_ node: String) throws(NoWayToNode) -> String {
        let result: Result<String, any Error> = folder.withLock { folder in
            if let folder { return .success(folder) }
            return Result {
                let made = try SocketFolder.make()
                folder = made
                return made
            }
        }
        do { return try result.get() } catch { throw .noSocketFolder(node: node, reason: "\(error)") }
    }

    private func close() async {
        let open = connections.withLock { known in
            defer { known = [:] }
            return Array(known.values)
        }
        await withTaskGroup { group in
            for connection in open { group.addTask { await connection.close() } }
        }
        if let folder = folder.withLock({ $0.take() }) { try? FileManager.default.removeItem(atPath: folder) }
    }
}

/// Why there is no way to a node: the settings do not give one.
package enum NoWayToNode: Error, Hashable {
    case notSaid(node: String)
    case noAddress(node: String, template: String)
    case noSocketFolder(node: String, reason: String)
}

extension NoWayToNode: CustomStringConvertible {
    package var description: String {
        switch self {
        case .notSaid(let node):
            "keelstep.yaml says nothing about how to reach node \(node); add it under nodes, or run `keelstep init`"
        case .noAddress(let node, let template):
            "the address of node \(node) (\(template)) is not known while the API does not answer; say `host` for it "
                + "under nodes.named in keelstep.yaml"
        case .noSocketFolder(let node, let reason):
            "there is no place for the connection to node \(node): \(reason); set TMPDIR to a folder you may write"
        }
    }
}
