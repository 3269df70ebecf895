import Crypto
import Etcd
import Foundation
import KubernetesModel
import Nodes
import Runs
import SystemPackage

/// What one backup step keeps: files (0600) in a folder of their own (0700), and an index of their SHA-256 that is
/// written last. A folder with an index whose files are all there is a whole backup.
struct BackupFolder: Sendable {
    let path: FilePath

    private static let indexName = "index.json"

    struct Entry: Sendable, Hashable {
        var name: String
        var bytes: Int64
        var sha256: String
        /// Permission bits on the node.
        var mode: Int?
    }

    init(_ work: StepWork) {
        path = FilePath(work.environment.backupFolder).appending("hop-\(work.hop.number)")
            .appending(work.label.node ?? "cluster")
    }

    /// The files of a whole backup; nil where there is none, or it lacks something.
    var entries: [Entry]? {
        guard let data = FileManager.default.contents(atPath: path.appending(Self.indexName).string),
            let files = try? JSONValue(parsing: Array(data))["files"]?.array
        else { return nil }
        let entries = files.compactMap { value -> Entry? in
            guard let name = value["name"]?.string, let bytes = value["bytes"]?.integer,
                let sha256 = value["sha256"]?.string
            else { return nil }
            return Entry(name: name, bytes: bytes, sha256: sha256, mode: value["mode"]?.int)
        }
        let isWhole = entries.count == files.count && entries.allSatisfy { size(of: $0.name) == $0.bytes }
        return isWhole && !entries.isEmpty ? entries : nil
    }

    private func size(of name: String) -> Int64? {
        let attributes = try? FileManager.default.attributesOfItem(atPath: file(name).string)
        return (attributes?[.size] as? NSNumber)?.int64Value
    }

    func file(_ name: String) -> FilePath { path.appending(name) }

    /// Makes the folder ready for a file of this name.
    func prepare(_ name: String) throws {
        do {
            try FileManager.default.createDirectory(
                atPath: file(name).removingLastComponent().string,
                withIntermediateDirectories: true,
                attributes: [.posixPermissions: 0o700]
            )
        } catch {
            let isFull = (error as? CocoaError)?.code == .fileWriteOutOfSpace
            throw StepError.permanent(
                "cannot make the backup folder \(path): \(error.localizedDescription)",
                remedy: "\(isFull ? "make room" : "make it writable"), or name another folder with --backup-dir; then "
                    + "`keelstep resume`"
            )
        }
    }

    /// - Throws: `StepError` where the file system has not so many bytes left.
    func requireRoom(for bytes: Int64) throws {
        let attributes = try? FileManager.default.attributesOfFileSystem(forPath: path.string)
        guard let free = (attributes?[.systemFreeSize] as? NSNumber)?.int64Value, free < bytes else { return }
        throw StepError.permanent(
            "the backup in \(path) needs \(bytes / 1_048_576 + 1) MiB, \(free / 1_048_576) MiB are free",
            remedy: "make room, or name another folder with --backup-dir; then `keelstep resume`"
        )
    }

    func write(_ bytes: [UInt8], as name: String, mode: Int? = nil) async throws -> Entry {
        try prepare(name)
        try await put(bytes, as: name)
        return Entry(name: name, bytes: Int64(bytes.count), sha256: Self.digest(bytes), mode: mode)
    }

    private func put(_ bytes: [UInt8], as name: String) async throws {
        let path = file(name).string
        do {
            try await offCooperativePool {
                let file = try PartialFile.create(for: path)
                do {
                    try file.write(bytes)
                    try file.commit()
                } catch {
                    file.discard()
                    throw error
                }
            }
        } catch let failure as PartialFile.Failure {
            throw StepError.permanent(
                "cannot write the backup: \(failure)",
                remedy: failure.isDiskFull ? "make room, then `keelstep resume`" : "see to \(self.path)"
            )
        }
    }

    func seal(_ entries: [Entry], of run: String, at time: Date) async throws {
        let files = entries.sorted { $0.name < $1.name }.map { entry -> JSONValue in
            var value: JSONValue = [
                "name": .string(entry.name), "bytes": .integer(entry.bytes), "sha256": .string(entry.sha256),
            ]
            if let mode = entry.mode { value["mode"] = .integer(Int64(mode)) }
            return value
        }
        let index: JSONValue = [
            "format": 1, "run": .string(run), "taken": .string(Timestamp.string(from: time)), "files": .array(files),
        ]
        try await put(Array((index.prettyText + "\n").utf8), as: Self.indexName)
    }

    static func digest(_ bytes: [UInt8]) -> String {
        SHA256.hash(data: bytes).map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }
}

extension BackupFolder {
    /// A snapshot of etcd from the first of these nodes whose member is healthy.
    func takeSnapshot(_ work: StepWork, _ context: StepContext, from nodes: [String]) async throws -> Entry {
        let name = "etcd.snapshot"
        try prepare(name)
        let target = file(name).string
        var troubles: [String] = []
        for node in nodes {
            do {
                await context.progress("saving a snapshot of etcd from \(node)")
                let access = EtcdAccess(node: try work.node(node, context))
                let record = try await access.with { client in
                    let status = try await client.status()
                    guard case .healthy = try await client.health() else {
                        throw StepError.transient("its member has no quorum")
                    }
                    try requireRoom(for: status.dbSize + 16 * 1_048_576)
                    return try await client.snapshot(to: target)
                }
                try await context.record(
                    .backup(
                        BackupRecord(
                            kind: "etcd-snapshot",
                            path: target,
                            bytes: record.bytes,
                            sha256: record.fileSHA256
                        )
                    )
                )
                return Entry(name: name, bytes: record.bytes, sha256: record.fileSHA256)
            } catch {
                guard case .transient(let cause) = TroubleSorter.upgrades(error) else { throw error }
                troubles.append("\(node): \(cause)")
            }
        }
        throw StepError.transient("no healthy etcd member: \(troubles.joined(separator: "; "))")
    }

    /// A node's Kubernetes files, and its package versions.
    func takeFiles(_ node: RemoteNode, _ context: StepContext) async throws -> [Entry] {
        let files = NodeFiles(node)
        var found = try await files.list("/etc/kubernetes", except: ["/etc/kubernetes/tmp"])
        for path in ["/var/lib/kubelet/config.yaml", "/var/lib/kubelet/kubeadm-flags.env", "/etc/default/kubelet"] {
            found += try await files.list(path)
        }
        await context.progress("copying \(found.count) files of node \(node.name)")
        var entries: [Entry] = []
        var total: Int64 = 0
        for file in found {
            guard let bytes = try await files.bytes(file.path, isSecret: true) else { continue }  // gone meanwhile
            total += Int64(bytes.count)
            entries.append(try await write(bytes, as: "files\(file.path)", mode: file.mode))
        }
        let packages = try await APT(node).status(of: ["kubeadm", "kubelet", "kubectl"])
        let text = packages.map { "\($0.name) \($0.version)\n" }.joined()
        entries.append(try await write(Array(text.utf8), as: "packages"))
        try await context.record(
            .backup(
                BackupRecord(
                    kind: "node-files",
                    path: path.appending("files").string,
                    bytes: total,
                    sha256: Self.digest(entries.flatMap { Array($0.sha256.utf8) })
                )
            )
        )
        return entries
    }
}
