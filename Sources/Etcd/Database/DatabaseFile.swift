package import Bolt
import SystemPackage

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// A file read by position, as long as it is open: a snapshot, or the `db` of a data directory.
package final class DatabaseFile: PageSource {
    package let path: String
    /// Its length when it was opened.
    package let byteCount: UInt64
    private let descriptor: FileDescriptor

    /// - Throws: ``EtcdError/fileNotRead(path:reason:)``, also for what is no plain file.
    package init(path: String) throws(EtcdError) {
        self.path = path
        do {
            descriptor = try unsafe FileDescriptor.open(path, .readOnly, options: [.closeOnExec, .nonBlocking])
        } catch {
            throw .fileNotRead(path: path, reason: "\(error)")
        }
        guard let status = try? descriptor.stat(), status.type == .regular else {
            try? descriptor.close()
            throw .fileNotRead(path: path, reason: "it is no plain file")
        }
        byteCount = UInt64(clamping: status.size)
    }

    deinit { try? descriptor.close() }

    package func read(_ count: Int, at offset: UInt64, into buffer: inout [UInt8]) throws(PageSourceFailure) {
        guard let start = Int64(exactly: offset), count <= buffer.count else {
            throw PageSourceFailure("no file reaches so far")
        }
        var done = 0
        while done < count {
            let got = unsafe buffer.withUnsafeMutableBytes { bytes in
                unsafe pread(
                    descriptor.rawValue,
                    bytes.baseAddress.map { unsafe $0 + done },
                    count - done,
                    off_t(start) + off_t(done)
                )
            }
            if got > 0 {
                done += got
            } else if got == 0 {
                throw PageSourceFailure("the file ends at byte \(start + Int64(done)): it was cut while it was read")
            } else if errno != EINTR {
                throw PageSourceFailure("\(Errno(rawValue: errno))")
            }
        }
    }
}
