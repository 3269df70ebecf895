import Foundation

/// The etcd program that members run.
package struct EtcdBinary: Sendable, Hashable {
    package let path: String

    package init(path: String) { self.path = path }

    /// `$KEELSTEP_ETCD`, else `etcd` on the PATH.
    /// - Throws: ``SandboxError/noEtcd(_:)``, which says how to get one.
    /// - Returns: a program that exists and may be executed.
    package static func find(
        _ environment: [String: String] = ProcessInfo.processInfo.environment
    ) throws(SandboxError) -> Self {
        if let path = environment["KEELSTEP_ETCD"], !path.isEmpty {
            guard isProgram(path) else {
                throw .noEtcd("KEELSTEP_ETCD names \(path), which is no program that can be run; correct or unset it")
            }
            return Self(path: path)
        }
        let folders = (environment["PATH"] ?? "").split(separator: ":").map(String.init)
        for folder in folders where folder.hasPrefix("/") {
            if isProgram(folder + "/etcd") { return Self(path: folder + "/etcd") }
        }
        throw .noEtcd(
            "no etcd server is installed: `sudo apt-get install etcd-server` (Debian, Ubuntu), or name one in "
                + "KEELSTEP_ETCD; a sandbox with `--storage memory` needs none"
        )
    }

    private static func isProgram(_ path: String) -> Bool {
        var isFolder: ObjCBool = false
        return unsafe FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) && !isFolder.boolValue
            && FileManager.default.isExecutableFile(atPath: path)
    }
}
