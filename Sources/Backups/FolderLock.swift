import SystemPackage

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// Holds a folder for as long as the value, or at most the process, lives.
final class FolderLock: Sendable {
    private let descriptor: FileDescriptor

    /// Nil when another one holds the folder, or there is none.
    init?(_ path: String) {
        guard let descriptor = try? unsafe FileDescriptor.open(path, .readOnly, options: [.directory, .closeOnExec])
        else { return nil }
        self.descriptor = descriptor
        guard flock(descriptor.rawValue, LOCK_EX | LOCK_NB) == 0 else { return nil }
    }

    deinit { try? descriptor.close() }
}
