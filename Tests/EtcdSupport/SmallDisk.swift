import Foundation
import Glibc

/// A file system of a few megabytes: a tmpfs, mounted for one test.
package struct SmallDisk {
    package let path: String

    package static var isPossible: Bool {
        guard getuid() == 0, let disk = try? SmallDisk(bytes: 1 << 20) else { return false }
        disk.remove()
        return true
    }

    /// - Parameters:
    ///   - bytes: its size.
    ///   - files: how many files and folders it may hold; nil for any number.
    /// - Throws: where it cannot be mounted.
    package init(bytes: Int, files: Int? = nil) throws {
        path = NSTemporaryDirectory() + "keelstep-disk-\(UInt64.random(in: 0 ... .max))"
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        let options = "size=\(bytes),mode=700" + (files.map { ",nr_inodes=\($0)" } ?? "")
        let outcome = unsafe options.withCString { unsafe mount("tmpfs", path, "tmpfs", 0, $0) }
        guard outcome == 0 else {
            unsafe rmdir(path)
            throw CocoaError(.fileWriteUnknown)
        }
    }

    /// Makes room, as somebody would who was told to.
    package func grow(to bytes: Int) throws {
        let options = "size=\(bytes),mode=700,nr_inodes=100000"
        let outcome = unsafe options.withCString { unsafe mount("tmpfs", path, "tmpfs", UInt(MS_REMOUNT), $0) }
        guard outcome == 0 else { throw CocoaError(.fileWriteUnknown) }
    }

    package func remove() {
        unsafe umount2(path, Int32(MNT_DETACH))
        unsafe rmdir(path)
    }
}
