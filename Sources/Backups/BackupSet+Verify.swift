import Crypto
import Etcd
import Foundation
import SystemPackage

extension BackupSet {
    /// Reads every file again and compares it with the index.
    /// - Throws: ``BackupError/damaged(path:problems:)`` naming each file that is missing, changed or not its own.
    package func verify() async throws(BackupError) {
        let set = self
        let problems: [String]
        do {
            problems = try await offCooperativePool { try set.problems() }
        } catch {
            throw error as? BackupError ?? .cannotRead(path: path, reason: "\(error)")
        }
        guard problems.isEmpty else { throw .damaged(path: path, problems: problems) }
    }

    private func problems() throws -> [String] {
        var problems: [String] = []
        let current = try BackupIndex.read("\(path)/\(BackupIndex.fileName)")
        if current != index { problems.append("\(BackupIndex.fileName) was changed") }
        for part in index.parts {
            if let problem = try self.problem(part) { problems.append("\(part.name) \(problem)") }
        }
        let known = Set(index.parts.map(\.name) + [BackupIndex.fileName])
        for name in try files() where !known.contains(name) { problems.append("\(name) does not belong to it") }
        return problems
    }

    /// Every file below the folder, whatever it is.
    private func files() throws -> [String] {
        guard let names = FileManager.default.enumerator(atPath: path) else { return [] }
        var files: [String] = []
        for case let name as String in names {
            let attributes = try FileManager.default.attributesOfItem(atPath: "\(path)/\(name)")
            if attributes[.type] as? FileAttributeType != .typeDirectory { files.append(name) }
        }
        return files.sorted()
    }

    private func problem(_ part: BackupIndex.Part) throws -> String? {
        let file: FileDescriptor
        do {
            file = try unsafe FileDescriptor.open(
                "\(path)/\(part.name)",
                .readOnly,
                options: [.closeOnExec, .noFollow]
            )
        } catch Errno.noSuchFileOrDirectory {
            return "is missing"
        } catch let error as Errno {
            return "cannot be read: \(error)"
        }
        return try file.closeAfter {
            var whole = SHA256()
            var size: Int64 = 0
            var buffer = [UInt8](repeating: 0, count: 1 << 20)
            while true {
                let count = try unsafe buffer.withUnsafeMutableBytes { unsafe try file.read(into: $0) }
                if count == 0 { break }
                size += Int64(count)
                whole.update(data: buffer[..<count])
            }
            if size != part.bytes { return "has \(size) bytes instead of \(part.bytes)" }
            if whole.finalize().hexText != part.sha256 { return "has another SHA-256 than when it was taken" }
            return nil
        }
    }
}
