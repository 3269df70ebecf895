package import Bolt

/// Something in a database that no member writes.
package enum DatabaseDamage: Error, Hashable {
    /// The file's structure: metas, pages, buckets.
    case structure(BoltError)
    /// The root has an item that is no bucket.
    case looseItem(name: [UInt8], page: PageID)
    /// A bucket lies where etcd has none, or has a sequence number.
    case bucket(name: [UInt8], page: PageID, why: String)
    /// A bucket that every member makes is missing.
    case missingBucket(String)
    /// An item of a bucket is not what etcd keeps there.
    case item(bucket: String, key: [UInt8], page: PageID, why: String)
    /// The value of a key is no Kubernetes object, though its form says so.
    case object(key: [UInt8], revision: Revision, page: PageID, why: String)
    /// The 32 bytes behind the database are not its SHA-256.
    case hash(stored: String, computed: String)
    /// The file is as long as neither a snapshot nor a copied database can be.
    case length(bytes: UInt64, database: UInt64)
    /// The database says that it was saved as a snapshot, and its SHA-256 is not there.
    case noHash
}

extension DatabaseDamage: CustomStringConvertible {
    package var description: String {
        switch self {
        case .structure(let error): "\(error)"
        case .looseItem(let name, let page): "page \(page): '\(Self.text(name))' stands beside the buckets and is none"
        case .bucket(let name, let page, let why): "page \(page): bucket '\(Self.text(name))' \(why)"
        case .missingBucket(let name): "the bucket '\(name)', which every member makes, is missing"
        case .item(let bucket, let key, let page, let why):
            "page \(page): the row \(Self.text(key)) of bucket '\(bucket)' \(why)"
        case .object(let key, let revision, let page, let why):
            "page \(page): \(Self.text(key)) at revision \(revision) cannot be decoded: \(why)"
        case .hash(let stored, let computed):
            "the database has the SHA-256 \(computed), and the one saved behind it is \(stored): "
                + "a byte of the file has changed since it was saved"
        case .length(let bytes, let database):
            "the file has \(bytes) bytes; its database has \(database), a snapshot of it \(database + 32): "
                + "bytes were lost or added at its end"
        case .noHash: "it was saved as a snapshot, and the SHA-256 at its end has been cut off"
        }
    }

    /// The page that is damaged, where it is one.
    package var page: PageID? {
        switch self {
        case .structure(.badMeta(let page, _)), .structure(.damaged(let page, _)),
            .structure(.tooLarge(let page, _, _)),
            .looseItem(_, let page), .bucket(_, let page, _), .item(_, _, let page, _), .object(_, _, let page, _):
            page
        default: nil
        }
    }

    /// Printable keys as they are, others in hex; a revision as such.
    private static func text(_ key: [UInt8]) -> String {
        if let (revision, isTombstone) = Revision.row(key[...]) { return "\(revision)\(isTombstone ? "t" : "")" }
        if !key.isEmpty, key.allSatisfy({ (0x21...0x7E).contains($0) }) { return String(decoding: key, as: UTF8.self) }
        return "0x" + key.prefix(64).map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }
}
