import Backups
import KubernetesModel
import Runs

/// The backup set of one step, found again by its run and its label: `hop-1-cluster`, `hop-1-cp-2`.
struct StepBackup: Sendable {
    let work: StepWork

    private var folder: BackupFolder { work.environment.backups }
    private var label: String { "hop-\(work.hop.number)-\(work.label.node ?? "cluster")" }

    /// How far the set is, all of its files read again; nil where there is none.
    func probe(_ context: StepContext) async throws -> Probe? {
        guard let set = try find() else { return nil }
        if let damage = try await damage(of: set) { return .halfDone("\(damage)") }
        return context.wasPerformed ? .done : .halfDone("the set is there, and is not noted in the journal")
    }

    /// Takes the set, unless a whole one is there, proves it, and notes it in the journal.
    func take(
        _ context: StepContext,
        versions: [String: String],
        _ add: @escaping @Sendable (BackupWriter) async throws -> Void
    ) async throws {
        if let present = try find(), try await damage(of: present) == nil {
            try await note(present, context)
            return
        }
        let description = BackupDescription(
            cluster: work.environment.plan.clusterUID,
            run: context.run,
            label: label,
            taken: context.now(),
            versions: versions
        )
        let set = try await folder.take(description, add)
        await context.progress("reading the backup again")
        try await set.verify()
        try await note(set, context)
    }

    /// What is wrong with the set that is there; nil for a whole one, and where there is none.
    func damage() async throws -> BackupError? {
        guard let set = try find() else { return nil }
        return try await damage(of: set)
    }

    private func find() throws -> BackupSet? { try folder.set(run: work.environment.run, label: label) }

    private func damage(of set: BackupSet) async throws -> BackupError? {
        do { try await set.verify() } catch {
            guard case .damaged = error else { throw error }
            return error
        }
        return nil
    }

    private func note(_ set: BackupSet, _ context: StepContext) async throws {
        for part in set.index.parts where part.kind == .etcdSnapshot {
            let path = "\(set.path)/\(part.name)"
            try await context.record(
                .backup(
                    BackupRecord(kind: part.kind.rawValue, path: path, bytes: part.bytes, sha256: part.sha256)
                )
            )
        }
        try await context.record(
            .backup(
                BackupRecord(
                    kind: "backup-set",
                    path: set.path,
                    bytes: set.index.bytes,
                    sha256: try set.index.sha256
                )
            )
        )
    }
}

extension BackupWriter {
    /// Adds a snapshot from the first of these nodes, best first, whose member can give one.
    func addSnapshot(from nodes: [String], _ work: StepWork, _ context: StepContext) async throws {
        // None: an external etcd, which its own keepers back up.
        guard !nodes.isEmpty else { return }
        await context.progress("saving a snapshot of etcd")
        _ = try await SnapshotBackup(from: try nodes.map { try work.node($0, context) }).add(to: self)
    }

    func addFiles(of node: String, _ work: StepWork, _ context: StepContext) async throws {
        await context.progress("copying the files of node \(node)")
        try await NodeFilesBackup(try work.node(node, context)).add(to: self)
    }
}
