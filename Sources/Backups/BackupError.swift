package import Etcd
package import Nodes

/// Why there is no backup, or none that can be relied on.
package enum BackupError: Error {
    case noRoom(path: String, needed: Int64, free: Int64)
    case cannotWrite(PartialFile.Failure)
    case cannotRead(path: String, reason: String)
    case node(NodeError)
    /// Every member that was asked, and what kept it from giving a snapshot.
    case noHealthyMember([String: any Error])
    case missingFile(node: String, path: String)
    /// A node names a file outside of the folder it was asked about.
    case strangePath(node: String, path: String)
    case badIndex(path: String, reason: String)
    /// A set that was whole once and is not any more.
    case damaged(path: String, problems: [String])
    case emptySet(path: String)
}

extension BackupError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .noRoom(let path, let needed, let free):
            "the backup needs \(Self.megabytes(needed)) in \(path), where \(Self.megabytes(free)) are free; "
                + "make room, or name another folder with --backup-dir"
        case .cannotWrite(let failure):
            "cannot write the backup: \(failure)"
                + (failure.isDiskFull ? "; make room, or name another folder with --backup-dir" : "")
        case .cannotRead(let path, let reason): "cannot read \(path) of a backup: \(reason)"
        case .node(let error): "\(error)"
        case .noHealthyMember(let troubles):
            "no etcd member can give a snapshot: "
                + troubles.sorted { $0.key < $1.key }.map { "\($0.key): \($0.value)" }.joined(separator: "; ")
        case .missingFile(let node, let path):
            "node \(node) has no \(path), so its etcd cannot be asked; is it a control-plane node of kubeadm's?"
        case .strangePath(let node, let path): "node \(node) names a file that was not asked for: \(path)"
        case .badIndex(let path, let reason): "\(path) is no index of a backup: \(reason)"
        case .damaged(let path, let problems):
            "the backup in \(path) is damaged: \(problems.joined(separator: "; ")); do not restore from it"
        case .emptySet(let path): "there is nothing in the backup \(path)"
        }
    }

    private static func megabytes(_ bytes: Int64) -> String {
        "\(bytes / 1_048_576 + (bytes % 1_048_576 > 0 ? 1 : 0)) MiB"
    }
}
