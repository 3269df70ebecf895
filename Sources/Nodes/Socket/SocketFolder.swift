import Foundation

/// Folders for Unix sockets that only their owner may enter.
enum SocketFolder {
    /// Makes one. Socket paths end at 107 bytes, so a long `TMPDIR` is passed over.
    static func make() throws -> String {
        let temporary = FileManager.default.temporaryDirectory.path
        let root = temporary.utf8.count > 50 ? "/tmp" : temporary
        let name = NodeShell.newID().prefix(8)
        let path = "\(root.hasSuffix("/") ? String(root.dropLast()) : root)/keelstep-\(name)"
        try FileManager.default.createDirectory(
            atPath: path,
            withIntermediateDirectories: false,
            attributes: [.posixPermissions: 0o700]
        )
        return path
    }
}
