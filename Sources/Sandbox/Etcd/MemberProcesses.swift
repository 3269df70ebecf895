import Foundation

/// The etcd processes that a sandbox noted down in its folder, so that whoever ends it finds them.
package enum MemberProcesses {
    /// Those noted and not yet crossed out; some may have ended.
    package static func recorded(in folder: SandboxFolder) -> [ProcessIdentity] {
        let etcd = folder.path + "/etcd"
        let nodes = (try? FileManager.default.contentsOfDirectory(atPath: etcd)) ?? []
        return nodes.sorted().compactMap { node in
            guard let data = FileManager.default.contents(atPath: "\(etcd)/\(node)/pid") else { return nil }
            return try? JSONDecoder().decode(ProcessIdentity.self, from: data)
        }
    }
}
