import Crypto
import Foundation
package import KubernetesClient
package import KubernetesModel
package import Settings

/// What of each node decides how it is reached: asked of the API, and remembered for when the API is away.
package struct NodeDirectory: Sendable, Hashable {
    private var identities: [String: NodeIdentity]

    package init(_ nodes: [NodeIdentity] = []) {
        identities = Dictionary(nodes.map { ($0.name, $0) }, uniquingKeysWith: { $1 })
    }

    /// The node of that name; one that is not known has nothing but its name.
    package subscript(name: String) -> NodeIdentity { identities[name] ?? NodeIdentity(name: name) }

    package var nodes: [NodeIdentity] { identities.values.sorted { $0.name < $1.name } }

    /// Asks the API, and keeps the answer below `stateDirectory`; while the API is away, what was kept.
    /// - Throws: what the API says, unless it is away.
    package static func read(_ client: KubernetesClient, stateDirectory: String) async throws -> NodeDirectory {
        let file = Memory(stateDirectory: stateDirectory, configuration: client.configuration)
        let answer: [KubernetesObject]
        do { answer = try await client.list(.nodes).items } catch let error as ClientError where error.isTransient {
            return file.load() ?? NodeDirectory()
        } catch let status as APIStatus where status.code >= 500 || status.code == 429 {
            return file.load() ?? NodeDirectory()
        }
        let directory = NodeDirectory(answer.map { NodeIdentity(Node($0)) })
        if file.load() != directory { file.save(directory) }
        return directory
    }

    /// One small file a cluster, found by the server's address and its authority.
    private struct Memory {
        let path: String

        init(stateDirectory: String, configuration: KubeConfiguration) {
            let key = Data("\(configuration.server)\n\(configuration.authorityFingerprint)".utf8)
            let name = SHA256.hash(data: key).prefix(16).map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
            path = "\(stateDirectory)/nodes/\(name).json"
        }

        func load() -> NodeDirectory? {
            guard let data = FileManager.default.contents(atPath: path),
                let nodes = try? JSONDecoder().decode([NodeIdentity].self, from: data)
            else { return nil }
            return NodeDirectory(nodes)
        }

        /// A memory that cannot be kept is no reason to stop: it is missed only when the API is away.
        func save(_ directory: NodeDirectory) {
            guard let data = try? JSONEncoder().encode(directory.nodes) else { return }
            let folder = URL(filePath: path).deletingLastPathComponent().path
            try? FileManager.default.createDirectory(
                atPath: folder,
                withIntermediateDirectories: true,
                attributes: [.posixPermissions: 0o700]
            )
            try? data.write(to: URL(filePath: path), options: .atomic)
            try? FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: path)
        }
    }
}

extension NodeIdentity {
    package init(_ node: Node) {
        self.init(name: node.object.name, internalIP: node.internalIP, isControlPlane: node.isControlPlane)
    }
}
