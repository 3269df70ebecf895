/// A snapshot that was saved whole.
package struct SnapshotRecord: Sendable, Hashable, Codable {
    package var path: String
    /// The file's length: the database and the 32 bytes of its hash.
    package var bytes: Int64
    /// SHA-256 of the database: what the member sent, the file ends with, and we computed. Lower-case hex.
    package var sha256: String
    /// SHA-256 of the whole file, as `sha256sum` prints it.
    package var fileSHA256: String
    /// Everything up to this revision is in it: the member's own revision just before it began.
    package var revision: Int64?
    package var memberID: UInt64
    package var version: String

    package init(
        path: String,
        bytes: Int64,
        sha256: String,
        fileSHA256: String,
        revision: Int64?,
        memberID: UInt64,
        version: String
    ) {
        self.path = path
        self.bytes = bytes
        self.sha256 = sha256
        self.fileSHA256 = fileSHA256
        self.revision = revision
        self.memberID = memberID
        self.version = version
    }
}
