import KubernetesClient
import Nodes
import Settings
import Survey

/// The ways to the nodes of the cluster that a command works on, by their names.
struct NodeWays: Sendable {
    private let transports: Transports
    private let directory: NodeDirectory

    /// When the API is asked which nodes there are.
    enum Identities {
        case always
        /// Where the way to a node depends on more than its name.
        case whereNeeded
    }

    static func with<Value>(
        _ settings: Settings,
        _ client: KubernetesClient,
        _ identities: Identities = .whereNeeded,
        _ body: (NodeWays) async throws -> Value
    ) async throws -> Value {
        var directory = NodeDirectory()
        if identities == .always || settings.nodes.needsIdentities {
            directory = try await NodeDirectory.read(client, stateDirectory: settings.stateDir)
        }
        var password: [UInt8]?
        if settings.nodes.asksForSudoPassword {
            password = Terminal.standard.secret("[sudo] password on the nodes: ")
            if password == nil { throw NoPassword() }
        }
        return try await Transports.with(settings.nodes, sudoPassword: password) { transports in
            try await body(NodeWays(transports: transports, directory: directory))
        }
    }

    /// All nodes of the cluster; none where nobody asked the API.
    var all: [NodeIdentity] { directory.nodes }

    /// - Throws: ``UnknownNodes`` where the cluster has no node of that name.
    func known(_ name: String) throws -> NodeIdentity {
        guard let node = all.first(where: { $0.name == name }) else { throw UnknownNodes(names: [name]) }
        return node
    }

    subscript(name: String) -> any Transport {
        get throws(NoWayToNode) { try transports[directory[name]] }
    }

    /// The same as a function, for those who stand below this program.
    var transport: @Sendable (String) throws(NoWayToNode) -> any Transport {
        { (name: String) throws(NoWayToNode) in try self[name] }
    }

    var transportOfNode: @Sendable (NodeIdentity) throws(NoWayToNode) -> any Transport {
        { (node: NodeIdentity) throws(NoWayToNode) in try transports[node] }
    }
}

struct NoPassword: Error, CustomStringConvertible {
    var description: String {
        "keelstep.yaml says `sudo: ask`, and there is no terminal to ask on (or no answer); "
            + "run it on a terminal, or let sudo work without a password"
    }
}
