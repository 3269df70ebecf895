import Crypto
package import Etcd
import Foundation
import SystemPackage

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// A set that is being written: files 0600 in folders 0700, flushed one by one.
package actor BackupWriter {
    private let description: BackupDescription
    private let folder: BackupFolder
    private let temporaryPath: String
    private let lock: FolderLock
    private var parts: [BackupIndex.Part] = []
    private var folders: Set<String> = []

    init(_ description: BackupDescription, in folder: BackupFolder) throws(BackupError) {
        self.description = description
        self.folder = folder
        temporaryPath = "\(folder.path)/.\(description.folderName).\(ProcessInfo.processInfo.processIdentifier).partial"
        try Self.makeFolder(folder.path)
        folder.removeStale()
        guard !FileManager.default.fileExists(atPath: temporaryPath) else {
            throw .cannotWrite(.init(operation: "create", path: temporaryPath, errno: .fileExists))
        }
        try Self.makeFolder(temporaryPath)
        guard let lock = FolderLock(temporaryPath) else {
            throw .cannotWrite(.init(operation: "lock", path: temporaryPath, errno: .resourceTemporarilyUnavailable))
        }
        self.lock = lock
    }

    /// Where on this machine it will all be found once it is whole.
    nonisolated package var path: String { "\(folder.path)/\(description.folderName)" }

    /// Adds a file with these bytes.
    package func add(
        _ bytes: [UInt8],
        name: String,
        kind: BackupIndex.Kind,
        node: String? = nil,
        source: String? = nil,
        mode: Int? = nil
    ) async throws(BackupError) {
        let path = try place(name)
        do {
            try await offCooperativePool { try Self.write(bytes, to: path) }
        } catch let failure as PartialFile.Failure {
            throw .cannotWrite(failure)
        } catch {
            throw .cannotRead(path: path, reason: "\(error)")
        }
        let digest = SHA256.hash(data: bytes).hexText
        parts.append(
            .init(
                name: name,
                kind: kind,
                bytes: Int64(bytes.count),
                sha256: digest,
                node: node,
                source: source,
                mode: mode
            )
        )
    }

    /// Has `save` write a snapshot to a path in the set, and adds it.
    package func addSnapshot(
        of node: String,
        _ save: @Sendable (_ path: String) async throws -> SnapshotRecord
    ) async throws -> SnapshotRecord {
        let name = "etcd/\(node).db"
        let record = try await save(try place(name))
        parts.append(
            .init(
                name: name,
                kind: .etcdSnapshot,
                bytes: record.bytes,
                sha256: record.fileSHA256,
                node: node,
                source: "revision \(record.revision ?? 0), etcd \(record.version)"
            )
        )
        return record
    }

    /// Writes the index, flushes the folders, and gives the set its name.
    func seal() async throws(BackupError) -> BackupSet {
        guard !parts.isEmpty else { throw .emptySet(path: path) }
        let index = BackupIndex(description: description, parts: parts)
        let (folders, temporary, final, parent) = (folders, temporaryPath, path, folder.path)
        do {
            let bytes = try index.encoded
            try await offCooperativePool {
                try Self.write(bytes, to: "\(temporary)/\(BackupIndex.fileName)")
                for folder in folders.sorted().reversed() { try PartialFile.syncFolder(folder) }
                try PartialFile.syncFolder(temporary)
                guard unsafe rename(temporary, final) == 0 else {
                    throw PartialFile.Failure(operation: "rename to", path: final, errno: Errno(rawValue: errno))
                }
                try PartialFile.syncFolder(parent)
            }
        } catch let failure as PartialFile.Failure {
            throw .cannotWrite(failure)
        } catch {
            throw .cannotRead(path: path, reason: "\(error)")
        }
        return BackupSet(path: path, index: index)
    }

    func discard() { try? FileManager.default.removeItem(atPath: temporaryPath) }

    /// The path for a part's name, in a folder that exists.
    private func place(_ name: String) throws(BackupError) -> String {
        guard BackupIndex.isInside(name), name != BackupIndex.fileName else {
            throw .cannotWrite(.init(operation: "create", path: name, errno: .invalidArgument))
        }
        var folder = temporaryPath
        for component in name.split(separator: "/").dropLast() {
            folder += "/\(component)"
            if folders.insert(folder).inserted { try Self.makeFolder(folder) }
        }
        return "\(temporaryPath)/\(name)"
    }

    private static func makeFolder(_ path: String) throws(BackupError) {
        do {
            try FileManager.default.createDirectory(
                atPath: path,
                withIntermediateDirectories: true,
                attributes: [.posixPermissions: 0o700]
            )
        } catch let error as CocoaError where error.code == .fileWriteOutOfSpace {
            throw .cannotWrite(.init(operation: "make the folder", path: path, errno: .noSpace))
        } catch { throw .cannotRead(path: path, reason: "cannot make this folder: \(error.localizedDescription)") }
    }

    /// The folder has no name of its own yet, so its files need no temporary ones.
    private static func write(_ bytes: [UInt8], to path: String) throws {
        do {
            let file = try unsafe FileDescriptor.open(
                path,
                .writeOnly,
                options: [.create, .exclusiveCreate, .closeOnExec, .noFollow],
                permissions: .ownerReadWrite
            )
            try file.closeAfter {
                _ = try file.writeAll(bytes)
                guard fsync(file.rawValue) == 0 else { throw Errno(rawValue: errno) }
            }
        } catch let error as Errno {
            throw PartialFile.Failure(operation: "write", path: path, errno: error)
        }
    }
}

extension Sequence<UInt8> {
    var hexText: String { map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined() }
}
