package import Nodes

/// What makes a node what it is to Kubernetes: certificates, keys, kubeconfigs, manifests, the kubelet's
/// configuration, package versions.
package struct NodeFilesBackup: Sendable {
    package let node: RemoteNode

    package init(_ node: RemoteNode) { self.node = node }

    private static let folders = ["/etc/kubernetes"]
    /// kubeadm's own copies, and of etcd's data; they are large, and of no use on another day.
    private static let excluded = ["/etc/kubernetes/tmp"]
    private static let files = [
        "/var/lib/kubelet/config.yaml", "/var/lib/kubelet/kubeadm-flags.env", "/var/lib/kubelet/instance-config.yaml",
        "/etc/default/kubelet",
    ]
    private static let packages = ["kubeadm", "kubelet", "kubectl"]

    /// Adds the node's files below `nodes/<node>/files`, and its package versions beside them.
    /// - Returns: how many files there are.
    @discardableResult
    package func add(to writer: BackupWriter) async throws(BackupError) -> Int {
        let found = try await list()
        try FreeSpace.require(Self.size(of: found), at: writer.path)
        for entry in found {
            guard let bytes = try await read(entry.path) else { continue }  // gone since it was listed
            try await writer.add(
                bytes,
                name: "nodes/\(node.name)/files\(entry.path)",
                kind: .nodeFile,
                node: node.name,
                source: entry.path,
                mode: entry.mode
            )
        }
        let versions: [PackageStatus]
        do { versions = try await APT(node).status(of: Self.packages) } catch { throw .node(error) }
        let text = versions.sorted { $0.name < $1.name }
            .map { "\($0.name) \($0.version)\($0.isHeld ? " hold" : "")\n" }.joined()
        try await writer.add(
            Array(text.utf8),
            name: "nodes/\(node.name)/packages",
            kind: .packages,
            node: node.name
        )
        return found.count
    }

    private func list() async throws(BackupError) -> [NodeFiles.Entry] {
        var found: [NodeFiles.Entry] = []
        for root in Self.folders + Self.files {
            let entries: [NodeFiles.Entry]
            do { entries = try await NodeFiles(node).list(root, except: Self.excluded) } catch { throw .node(error) }
            for entry in entries {
                let isAsked = entry.path == root || entry.path.hasPrefix(root + "/")
                guard isAsked, BackupIndex.isInside(String(entry.path.dropFirst())) else {
                    throw .strangePath(node: node.name, path: entry.path)
                }
            }
            found += entries
        }
        return found
    }

    /// The room they need at least; what a node says of itself may be nonsense.
    static func size(of entries: [NodeFiles.Entry]) -> Int64 {
        entries.reduce(0) { sum, entry in
            let (total, isTooLarge) = sum.addingReportingOverflow(max(0, entry.size))
            return isTooLarge ? .max : total
        }
    }

    private func read(_ path: String) async throws(BackupError) -> [UInt8]? {
        do { return try await NodeFiles(node).bytes(path, isSecret: true) } catch { throw .node(error) }
    }
}
