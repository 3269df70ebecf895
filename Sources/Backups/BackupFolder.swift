import Etcd
import Foundation
import SystemPackage

/// The folder that keeps one cluster's backup sets, one folder each.
///
/// A set is written under the name `.NAME.PID.partial` and renamed when it is whole: what has a set's name is whole.
package struct BackupFolder: Sendable, Hashable {
    package let path: String

    package init(path: String) { self.path = path }

    /// Where the sets of a cluster go when nobody says otherwise.
    package init(stateDir: String, clusterUID: String) {
        path = "\(stateDir)/\(clusterUID)/backups"
    }

    /// The sets in it, oldest first. What is being written, or was left half-written, is none.
    package func sets() throws(BackupError) -> [BackupSet] {
        guard FileManager.default.fileExists(atPath: path) else { return [] }
        let names: [String]
        do { names = try FileManager.default.contentsOfDirectory(atPath: path) } catch {
            throw .cannotRead(path: path, reason: error.localizedDescription)
        }
        var sets: [BackupSet] = []
        for name in names.sorted() where !name.hasPrefix(".") {
            let folder = "\(path)/\(name)"
            guard FileManager.default.fileExists(atPath: "\(folder)/\(BackupIndex.fileName)") else { continue }
            sets.append(try BackupSet(reading: folder))
        }
        return sets
    }

    /// The newest set that a run has taken for this label.
    package func set(run: String, label: String) throws(BackupError) -> BackupSet? {
        try sets().last { $0.index.description.run == run && $0.index.description.label == label }
    }

    /// Takes a set: `body` adds its parts. It appears whole once `body` has ended; if `body` throws, it never does.
    package func take(
        _ description: BackupDescription,
        _ body: @Sendable (BackupWriter) async throws -> Void
    ) async throws -> BackupSet {
        let writer = try BackupWriter(description, in: self)
        do {
            try await body(writer)
            return try await writer.seal()
        } catch {
            await writer.discard()
            throw error
        }
    }

    /// Removes the sets that killed processes left half-written.
    func removeStale() {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []
        for name in names where name.hasPrefix(".") && name.hasSuffix(".partial") {
            let folder = "\(path)/\(name)"
            if FolderLock(folder) != nil { try? FileManager.default.removeItem(atPath: folder) }
        }
    }
}

/// A set of files that was taken whole.
package struct BackupSet: Sendable, Hashable {
    package let path: String
    package let index: BackupIndex

    package init(path: String, index: BackupIndex) {
        self.path = path
        self.index = index
    }

    /// The set in a folder, by its index.
    package init(reading path: String) throws(BackupError) {
        self.path = path
        index = try BackupIndex.read("\(path)/\(BackupIndex.fileName)")
    }
}
