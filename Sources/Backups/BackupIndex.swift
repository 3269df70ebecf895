import Crypto
package import Foundation

/// `index.json` of a backup set: what it is of, and what is in it.
package struct BackupIndex: Sendable, Hashable, Codable {
    package static let currentFormat = 1
    static let fileName = "index.json"

    package enum Kind: String, Sendable, Hashable, Codable {
        case etcdSnapshot = "etcd-snapshot"
        case nodeFile = "node-file"
        case packages
        case objects
    }

    /// One file of the set.
    package struct Part: Sendable, Hashable, Codable {
        /// Below the set's folder.
        package var name: String
        package var kind: Kind
        package var bytes: Int64
        /// As `sha256sum` prints it.
        package var sha256: String
        /// The node it comes from; nil for what is the cluster's.
        package var node: String?
        /// Where it was on the node, and its permission bits there.
        package var source: String?
        package var mode: Int?

        package init(
            name: String,
            kind: Kind,
            bytes: Int64,
            sha256: String,
            node: String? = nil,
            source: String? = nil,
            mode: Int? = nil
        ) {
            self.name = name
            self.kind = kind
            self.bytes = bytes
            self.sha256 = sha256
            self.node = node
            self.source = source
            self.mode = mode
        }
    }

    package var format = Self.currentFormat
    package var description: BackupDescription
    /// Sorted by name.
    package var parts: [Part]

    package init(description: BackupDescription, parts: [Part]) {
        self.description = description
        self.parts = parts.sorted { $0.name < $1.name }
    }

    package var bytes: Int64 { parts.reduce(0) { $0 + $1.bytes } }

    /// The SHA-256 of the index's file, which itself holds those of all others.
    package var sha256: String {
        get throws { SHA256.hash(data: try encoded).hexText }
    }

    var encoded: [UInt8] {
        get throws {
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
            encoder.dateEncodingStrategy = .iso8601
            return Array(try encoder.encode(self)) + [UInt8(ascii: "\n")]
        }
    }

    /// Reads an index; one of a later format, or with parts outside of its folder, is refused.
    static func read(_ path: String) throws(BackupError) -> Self {
        let index: Self
        do {
            let decoder = JSONDecoder()
            decoder.dateDecodingStrategy = .iso8601
            index = try decoder.decode(Self.self, from: Data(contentsOf: URL(filePath: path)))
        } catch { throw .badIndex(path: path, reason: "\(error)") }
        guard index.format == currentFormat else {
            throw .badIndex(path: path, reason: "its format is \(index.format), this program knows \(currentFormat)")
        }
        guard index.parts.allSatisfy({ isInside($0.name) }) else {
            throw .badIndex(path: path, reason: "it names a file outside of its folder")
        }
        return index
    }

    /// Whether a name stays below the folder it is put into.
    static func isInside(_ name: String) -> Bool {
        let components = name.split(separator: "/", omittingEmptySubsequences: false)
        return !components.contains { $0.isEmpty || $0 == "." || $0 == ".." } && !name.utf8.contains(0)
    }
}

/// What a set is of, and what it was taken for.
package struct BackupDescription: Sendable, Hashable, Codable {
    /// The UID of the cluster's kube-system namespace.
    package var cluster: String
    /// The run it was taken in; nil: by itself.
    package var run: String?
    /// What it was taken for: `hop-1-cluster`, `hop-1-cp-2`. Part of the folder's name.
    package var label: String
    /// In whole seconds, as the index writes it.
    package let taken: Date
    /// Versions of the cluster's components at that time, by what they are of: `kubelet cp-1`.
    package var versions: [String: String]

    package init(cluster: String, run: String? = nil, label: String, taken: Date, versions: [String: String] = [:]) {
        self.cluster = cluster
        self.run = run
        self.label = label
        self.taken = Date(timeIntervalSince1970: taken.timeIntervalSince1970.rounded(.down))
        self.versions = versions
    }

    /// `2026-11-23T22-18-00Z-hop-1-cluster`: sorts by time, and is a file name everywhere.
    var folderName: String {
        let time = taken.formatted(.iso8601).replacing(":", with: "-")
        let name = label.map { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "." || $0 == "-") ? $0 : "-" }
        return "\(time)-\(String(name))"
    }
}
