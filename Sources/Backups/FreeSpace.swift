#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// Room on the operator's own disk.
package enum FreeSpace {
    /// Bytes that may still be written at `path`, or at its nearest folder that exists; nil where nobody can tell.
    package static func available(at path: String) -> Int64? {
        var folder = path
        while true {
            var information = statvfs()
            if unsafe statvfs(folder, &information) == 0 {
                let (bytes, overflow) = Int64(clamping: information.f_bavail)
                    .multipliedReportingOverflow(by: Int64(clamping: information.f_frsize))
                return overflow ? .max : bytes
            }
            guard errno == ENOENT, let slash = folder.lastIndex(of: "/"), slash != folder.startIndex else { return nil }
            folder = String(folder[..<slash])
        }
    }

    /// - Throws: ``BackupError/noRoom(path:needed:free:)`` when fewer bytes than `needed` are free at `path`.
    package static func require(_ needed: Int64, at path: String) throws(BackupError) {
        if let free = available(at: path), free < needed { throw .noRoom(path: path, needed: needed, free: free) }
    }
}
