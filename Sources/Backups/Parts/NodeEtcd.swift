package import Etcd
package import Nodes

/// The etcd member on a control-plane node of kubeadm's, reached through that node.
///
/// The client certificate and its key are read through the node's transport into memory, and go nowhere else.
package struct NodeEtcd: Sendable {
    package let node: RemoteNode

    private static let folder = "/etc/kubernetes/pki/etcd"

    package init(_ node: RemoteNode) { self.node = node }

    /// Runs `body` with a client of the member.
    package func with<Value: Sendable>(
        _ body: @Sendable @escaping (EtcdClient) async throws -> Value
    ) async throws -> Value {
        let tls = EtcdTLS(
            ca: try await file("ca.crt"),
            certificate: try await file("healthcheck-client.crt"),
            key: try await file("healthcheck-client.key")
        )
        let name = node.name
        return try await node.transport.withForwardedPort(host: "127.0.0.1", port: 2379) { path in
            try await EtcdClient.with(endpoint: .socket(path: path), tls: tls, member: name, body)
        }
    }

    private func file(_ name: String) async throws(BackupError) -> [UInt8] {
        let path = "\(Self.folder)/\(name)"
        do {
            if let bytes = try await NodeFiles(node).bytes(path, isSecret: true) { return bytes }
        } catch { throw .node(error) }
        throw .missingFile(node: node.name, path: path)
    }
}
