import Foundation
package import SystemPackage

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// A file that appears under its name whole or not at all: written under a temporary name in the same folder,
/// flushed to the disk, then renamed.
///
/// The temporary name is `.NAME.PID.partial`, and its writer holds a lock on the file for as long as it lives. So the
/// next writer knows the files of killed processes, whatever process has their number now, and removes them.
package struct PartialFile: Sendable {
    package let path: String
    package let temporaryPath: String
    private let descriptor: FileDescriptor

    /// Which operation failed, on which file, and why.
    package struct Failure: Error, Hashable, CustomStringConvertible {
        package var operation: String
        package var path: String
        package var errno: Errno

        package init(operation: String, path: String, errno: Errno) {
            self.operation = operation
            self.path = path
            self.errno = errno
        }

        package var isDiskFull: Bool { errno == .noSpace || errno == Errno(rawValue: EDQUOT) }
        package var description: String { "\(operation) \(path): \(errno)" }
    }

    /// Opens the temporary file, mode 0600, after removing those that killed writers of the same file left.
    package static func create(for path: String) throws(Failure) -> Self {
        let (folder, name) = parts(of: path)
        removeStale(of: path)
        for attempt in 0..<100 {
            let suffix = attempt == 0 ? "" : "-\(attempt)"
            let temporary = "\(folder)/.\(name).\(getpid())\(suffix).partial"
            let descriptor: FileDescriptor
            do {
                descriptor = try unsafe FileDescriptor.open(
                    temporary,
                    .readWrite,
                    options: [.create, .exclusiveCreate, .closeOnExec, .noFollow],
                    permissions: .ownerReadWrite
                )
            } catch Errno.fileExists {
                continue
            } catch {
                throw Failure(operation: "create", path: temporary, errno: error as? Errno ?? .ioError)
            }
            // Between the two calls another writer may have taken the file for a stale one.
            if flock(descriptor.rawValue, LOCK_EX | LOCK_NB) == 0, isLinked(descriptor) {
                return Self(path: path, temporaryPath: temporary, descriptor: descriptor)
            }
            try? descriptor.close()
        }
        throw Failure(operation: "create", path: "\(folder)/.\(name).\(getpid()).partial", errno: .fileExists)
    }

    package func write(_ bytes: [UInt8]) throws(Failure) {
        do { _ = try descriptor.writeAll(bytes) } catch { throw failure("write", error) }
    }

    /// Gives the file its name once it is on the disk, and the name too. After a failure, ``discard()`` it.
    package func commit() throws(Failure) {
        do {
            guard fsync(descriptor.rawValue) == 0 else { throw Errno(rawValue: errno) }
            guard unsafe rename(temporaryPath, path) == 0 else { throw Errno(rawValue: errno) }
        } catch {
            throw failure("flush", error)
        }
        do { try Self.syncFolder(Self.parts(of: path).folder) } catch {
            unsafe unlink(path)
            throw error
        }
        try? descriptor.close()
    }

    /// Removes the temporary file.
    package func discard() {
        unsafe unlink(temporaryPath)
        try? descriptor.close()
    }

    private func failure(_ operation: String, _ error: any Error) -> Failure {
        Failure(operation: operation, path: temporaryPath, errno: error as? Errno ?? .ioError)
    }
}

extension PartialFile {
    /// Writes a whole file, durably.
    package static func write(_ bytes: [UInt8], to path: String) throws(Failure) {
        let file = try create(for: path)
        do {
            try file.write(bytes)
            try file.commit()
        } catch {
            file.discard()
            throw error
        }
    }

    /// Flushes a folder's entries to the disk, so that a rename in it outlives a power failure.
    package static func syncFolder(_ path: String) throws(Failure) {
        do {
            let folder = try unsafe FileDescriptor.open(path, .readOnly, options: [.directory, .closeOnExec])
            defer { try? folder.close() }
            // Some file systems cannot flush a folder, and say so; there is nothing more to do on them.
            guard fsync(folder.rawValue) == 0 || errno == EINVAL else { throw Errno(rawValue: errno) }
        } catch {
            throw Failure(operation: "flush", path: path, errno: error as? Errno ?? .ioError)
        }
    }

    /// Removes the temporary files of `path` whose writers are gone.
    package static func removeStale(of path: String) {
        let (folder, name) = parts(of: path)
        let prefix = ".\(name)."
        guard let entries = try? FileManager.default.contentsOfDirectory(atPath: folder) else { return }
        for entry in entries where entry.hasPrefix(prefix) && entry.hasSuffix(".partial") {
            let middle = entry.dropFirst(prefix.count).dropLast(".partial".count)
            guard !middle.isEmpty, middle.utf8.allSatisfy({ (48...57).contains($0) || $0 == 45 }) else { continue }
            removeIfAbandoned("\(folder)/\(entry)")
        }
    }

    private static func removeIfAbandoned(_ path: String) {
        guard let file = try? unsafe FileDescriptor.open(path, .readOnly, options: [.closeOnExec, .noFollow]) else {
            return
        }
        if flock(file.rawValue, LOCK_EX | LOCK_NB) == 0 { unsafe unlink(path) }
        try? file.close()
    }

    private static func isLinked(_ descriptor: FileDescriptor) -> Bool {
        (try? descriptor.stat().linkCount).map { $0 > 0 } ?? false
    }

    private static func parts(of path: String) -> (folder: String, name: String) {
        guard let slash = path.lastIndex(of: "/") else { return (".", path) }
        let folder = path[..<slash]
        return (folder.isEmpty ? "/" : String(folder), String(path[path.index(after: slash)...]))
    }
}
