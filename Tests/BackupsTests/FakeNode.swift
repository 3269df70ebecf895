import Backups
import EtcdSupport
import Foundation
import Nodes

/// A node of files, whose etcd is a real member.
struct FakeNode: Transport {
    let name: String
    /// Bytes by absolute path.
    var files: [String: [UInt8]]
    /// Where 127.0.0.1:2379 of the node leads; nil: nowhere.
    var etcdPort: Int?
    var packages = "kubeadm\t1.31.4-1.1\thi \nkubectl\t1.31.4-1.1\tii \nkubelet\t1.31.4-1.1\thi \n"
    /// What `find` answers of /etc/kubernetes instead of the truth.
    var pretended: String?
    let sockets: String

    var remote: RemoteNode { RemoteNode(name: name, transport: self) }

    func login() async throws(TransportError) -> NodeLogin { NodeLogin(user: "root", sudo: .root) }

    func run(_ command: Command) async throws(TransportError) -> CommandResult {
        switch command.arguments.first {
        case "cat":
            guard let bytes = files[command.arguments[1]] else { return missing(command.arguments[1]) }
            return CommandResult(exitCode: 0, output: bytes)
        case "find":
            let root = command.arguments[1]
            if let pretended, root == "/etc/kubernetes" { return CommandResult(exitCode: 0, output: pretended) }
            let pruned = command.arguments.indices.dropLast().filter { command.arguments[$0] == "-path" }
                .map { command.arguments[$0 + 1] + "/" }
            let found = files.filter { path, _ in
                (path == root || path.hasPrefix(root + "/")) && !pruned.contains { path.hasPrefix($0) }
            }
            if found.isEmpty { return missing(root) }
            let lines = found.sorted { $0.key < $1.key }.map { "600 \($0.value.count) \($0.key)\n" }
            return CommandResult(exitCode: 0, output: lines.joined())
        case "dpkg-query": return CommandResult(exitCode: 0, output: packages)
        default: return CommandResult(exitCode: 127, output: "", errorOutput: "\(command.program): command not found")
        }
    }

    private func missing(_ path: String) -> CommandResult {
        CommandResult(exitCode: 1, output: "", errorOutput: "'\(path)': No such file or directory")
    }

    func withForwardedPort<Value: Sendable>(
        host: String,
        port: Int,
        _ body: @Sendable (String) async throws -> Value
    ) async throws -> Value {
        guard let etcdPort, port == 2379 else {
            throw TransportError.unreachable(node: name, reason: "connection refused")
        }
        let path = "\(sockets)/\(name)-\(UInt32.random(in: 0 ... .max)).sock"
        let forwarder = try await SocketForwarder(path: path, port: etcdPort)
        do {
            let value = try await body(path)
            try await forwarder.close()
            return value
        } catch {
            try await forwarder.close()
            throw error
        }
    }
}
