package import Etcd
package import Nodes

/// A snapshot of etcd from a member that is healthy.
package struct SnapshotBackup: Sendable {
    /// The control-plane nodes to ask, best first: the one that is about to be changed, then the others.
    package let nodes: [RemoteNode]

    package init(from nodes: [RemoteNode]) { self.nodes = nodes }

    /// Beyond the database's size: for what is written meanwhile.
    private static let reserve: Int64 = 16 << 20

    /// Adds a snapshot to the set, from the first node whose member takes part in the quorum and can give one.
    /// - Throws: ``BackupError/noHealthyMember(_:)`` with what is wrong at each; a full disk at once, since no other
    ///   member makes it emptier.
    /// - Returns: what was saved.
    package func add(to writer: BackupWriter) async throws -> SnapshotRecord {
        var troubles: [String: any Error] = [:]
        for node in nodes {
            try Task.checkCancellation()
            do {
                return try await NodeEtcd(node).with { client in
                    if case .unhealthy(let reason) = try await client.health() { throw UnfitMember(reason: reason) }
                    let status = try await client.status()
                    if status.isLearner { throw UnfitMember(reason: "it is a learner and may lag behind") }
                    if let trouble = status.errors.first { throw UnfitMember(reason: trouble) }
                    try FreeSpace.require(status.dbSize + Self.reserve, at: writer.path)
                    return try await writer.addSnapshot(of: node.name) { try await client.snapshot(to: $0) }
                }
            } catch {
                try Task.checkCancellation()
                if Self.isOurs(error) { throw error }
                troubles[node.name] = error
            }
        }
        throw BackupError.noHealthyMember(troubles)
    }

    /// How much room a snapshot needs now, by the largest database among the members that answer; nil if none does.
    package func neededBytes() async -> Int64? {
        var largest: Int64?
        for node in nodes {
            // Members that do not answer are the snapshot's affair; here the size is what matters.
            guard let size = try? await NodeEtcd(node).with({ try await $0.status().dbSize }) else { continue }
            largest = max(largest ?? 0, size + Self.reserve)
        }
        return largest
    }

    /// Whether it is this machine that cannot, so that asking another member is no use.
    private static func isOurs(_ error: any Error) -> Bool {
        switch error {
        case BackupError.noRoom, BackupError.cannotWrite: true
        case EtcdError.snapshotNotSaved(_, _, .diskFull), EtcdError.snapshotNotSaved(_, _, .fileSystem): true
        default: false
        }
    }
}

/// A member that answers, and yet should give no snapshot now.
package struct UnfitMember: Error, Sendable, Hashable, CustomStringConvertible {
    package let reason: String
    package var description: String { reason }
}
