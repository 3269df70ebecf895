import Foundation

/// The etcd members of a sandbox: one process for each control-plane node, one quorum.
package struct EtcdCluster: Sendable {
    /// In the order of the nodes.
    package let members: [EtcdMember]

    /// Members that are not started yet, on ports of their own.
    /// The files of each node are in `<folder>/<node>`; `addresses` gives the InternalIPs for the client URLs in the
    /// member list; `quota` is the size at which a database is full.
    package init(
        folder: String,
        nodes: [String],
        pki: SandboxPKI,
        addresses: [String: String] = [:],
        binary: EtcdBinary,
        quota: Int64? = nil
    ) throws(SandboxError) {
        let ports = LoopbackPorts.free(2 * nodes.count)
        guard ports.count == 2 * nodes.count else {
            throw .didNotStart(name: "etcd", reason: "no free ports on 127.0.0.1 from 20000 to 32000", log: folder)
        }
        let peers = Dictionary(
            uniqueKeysWithValues: nodes.enumerated().map { ($1, "https://127.0.0.1:\(ports[2 * $0 + 1])") }
        )
        let token = "keelstep-\(UInt32.random(in: 1 ... .max))"
        var members: [EtcdMember] = []
        for (index, node) in nodes.enumerated() {
            guard let certificates = EtcdMember.Certificates(pki, node: node) else {
                throw .badSpec("\(node) is no control-plane node: it has no etcd certificates")
            }
            let configuration = EtcdMember.Configuration(
                name: node,
                folder: "\(folder)/\(node)",
                clientPort: ports[2 * index],
                peerPort: ports[2 * index + 1],
                advertisedClientURL: addresses[node].map { "https://\($0):2379" },
                initialCluster: peers,
                token: token,
                quota: quota
            )
            members.append(EtcdMember(configuration, certificates: certificates, binary: binary))
        }
        self.members = members
    }

    /// The member on a node.
    package subscript(_ node: String) -> EtcdMember? { members.first { $0.name == node } }

    /// Starts all members together, since none is ready before a majority runs. On failure none is left running.
    package func start(deadline: Duration = .seconds(30)) async throws {
        do {
            for member in members { try await member.start(deadline: nil) }
            try await withThrowingTaskGroup { group in
                for member in members { group.addTask { try await member.start(deadline: deadline) } }
                try await group.waitForAll()
            }
        } catch {
            await stop()
            throw error
        }
    }

    /// Ends all members, together.
    package func stop() async {
        await withTaskGroup { group in
            for member in members { group.addTask { await member.stop() } }
        }
    }

    /// Ends all members at once, without letting them finish anything: for a sandbox whose data goes away too.
    package func kill() async {
        await withTaskGroup { group in
            for member in members { group.addTask { await member.kill() } }
        }
    }
}
