import Crypto
import Foundation
package import KubernetesClient
import SystemPackage

/// Finds a cluster's journal while its API is down: server address and CA fingerprint → the cluster's UID.
package struct ClusterIndex: Sendable {
    private struct Entry: Codable {
        var server: String
        var authority: String
        var clusterUID: String
    }

    private let folder: FilePath

    package init(stateDirectory: String) { folder = FilePath(stateDirectory).appending("index") }

    /// The UID of the cluster last met at this address under this authority.
    package func clusterUID(for configuration: KubeConfiguration) -> String? {
        guard let data = FileManager.default.contents(atPath: file(configuration).string),
            let entry = try? JSONDecoder().decode(Entry.self, from: data), entry.server == configuration.server,
            entry.authority == configuration.authorityFingerprint
        else { return nil }
        return entry.clusterUID
    }

    package func remember(_ clusterUID: String, for configuration: KubeConfiguration) throws {
        guard self.clusterUID(for: configuration) != clusterUID else { return }
        let entry = Entry(
            server: configuration.server,
            authority: configuration.authorityFingerprint,
            clusterUID: clusterUID
        )
        let path = file(configuration).string
        do {
            try FileManager.default.createDirectory(
                atPath: folder.string,
                withIntermediateDirectories: true,
                attributes: [.posixPermissions: 0o700]
            )
            // Written aside and renamed, so that no reader meets half an entry.
            try JSONEncoder().encode(entry).write(to: URL(filePath: path), options: .atomic)
            try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: path)
        } catch {
            throw JournalError.noPlace(path: path, reason: error.systemReason)
        }
    }

    private func file(_ configuration: KubeConfiguration) -> FilePath {
        let digest = SHA256.hash(data: Data("\(configuration.server)\n\(configuration.authorityFingerprint)".utf8))
        let name = digest.prefix(16).map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
        return folder.appending("\(name).json")
    }
}
