import Foundation

/// Where one sandbox keeps everything it has, so that nothing is left once the folder is gone.
///
/// `<root>/<name>/`: `sandbox.json` (what it is, its process), `kubeconfig`, `keelstep.yaml`, `log`, `control.sock`,
/// `nodes/<node>.sock`, `etcd/<node>/`. Unix socket paths end at 107 bytes, so the root must be short.
package struct SandboxFolder: Sendable, Hashable {
    package let root: String
    package let name: String

    package init(root: String = Self.defaultRoot(), name: String) {
        self.root = root
        self.name = name
    }

    /// `$KEELSTEP_SANDBOX_ROOT`, else `$XDG_STATE_HOME/keelstep/sandbox`, else `~/.local/state/keelstep/sandbox`.
    package static func defaultRoot(_ environment: [String: String] = ProcessInfo.processInfo.environment) -> String {
        if let root = environment["KEELSTEP_SANDBOX_ROOT"], !root.isEmpty { return root }
        if let state = environment["XDG_STATE_HOME"], state.hasPrefix("/") { return state + "/keelstep/sandbox" }
        return (environment["HOME"] ?? NSHomeDirectory()) + "/.local/state/keelstep/sandbox"
    }

    package var path: String { "\(root)/\(name)" }
    package var stateFile: String { path + "/sandbox.json" }
    package var kubeconfig: String { path + "/kubeconfig" }
    package var configuration: String { path + "/keelstep.yaml" }
    package var log: String { path + "/log" }
    package var controlSocket: String { path + "/control.sock" }
    package var nodes: String { path + "/nodes" }
    package func nodeSocket(_ node: String) -> String { "\(nodes)/\(node).sock" }
    package func etcd(_ node: String) -> String { "\(path)/etcd/\(node)" }

    /// Makes the folder and its rooms, readable by their owner alone.
    package func create() throws(SandboxError) {
        let longest = nodeSocket("worker-10000").utf8.count
        guard longest <= 107 else {
            throw .folder(
                path: path,
                reason: "a socket path in it would have \(longest) bytes and Unix allows 107; "
                    + "set KEELSTEP_SANDBOX_ROOT to a shorter folder"
            )
        }
        do {
            for folder in [path, nodes, path + "/etcd"] {
                try FileManager.default.createDirectory(
                    atPath: folder,
                    withIntermediateDirectories: true,
                    attributes: [.posixPermissions: 0o700]
                )
            }
        } catch { throw .folder(path: path, reason: "\(error.localizedDescription)") }
    }

    package func remove() throws(SandboxError) {
        guard FileManager.default.fileExists(atPath: path) else { return }
        do { try FileManager.default.removeItem(atPath: path) } catch {
            throw .folder(path: path, reason: error.localizedDescription)
        }
    }

    package func write(_ text: String, to file: String) throws(SandboxError) {
        let url = URL(filePath: file)
        do {
            try Data(text.utf8).write(to: url, options: .atomic)
            try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: file)
        } catch { throw .folder(path: file, reason: error.localizedDescription) }
    }

    /// The names of the sandboxes that have a folder under `root`, sorted.
    package static func names(root: String = defaultRoot()) -> [String] {
        let entries = (try? FileManager.default.contentsOfDirectory(atPath: root)) ?? []
        return entries.filter { FileManager.default.fileExists(atPath: "\(root)/\($0)/sandbox.json") }.sorted()
    }
}

/// What `sandbox.json` says of a sandbox that was started.
package struct SandboxState: Sendable, Hashable, Codable {
    package var spec: SandboxSpec
    package var process: ProcessIdentity
    /// The load balancer's URL: what the kubeconfig names.
    package var server: String
    /// The port of each control-plane node's own API server and etcd endpoint.
    package var apiServers: [String: Int]
    package var etcdEndpoints: [String: Int]
    /// The real members behind those endpoints: for those who observe from outside.
    package var etcdMembers: [String: Int]

    package init(
        spec: SandboxSpec,
        process: ProcessIdentity,
        server: String,
        apiServers: [String: Int],
        etcdEndpoints: [String: Int],
        etcdMembers: [String: Int]
    ) {
        self.spec = spec
        self.process = process
        self.server = server
        self.apiServers = apiServers
        self.etcdEndpoints = etcdEndpoints
        self.etcdMembers = etcdMembers
    }

    /// - Throws: ``SandboxError/notUp(name:folder:)`` when there is none.
    package static func read(_ folder: SandboxFolder) throws(SandboxError) -> SandboxState {
        guard let data = FileManager.default.contents(atPath: folder.stateFile) else {
            throw .notUp(name: folder.name, folder: folder.root)
        }
        do { return try JSONDecoder().decode(SandboxState.self, from: data) } catch {
            throw .folder(path: folder.stateFile, reason: "it cannot be read as a sandbox's state: \(error)")
        }
    }

    package func write(_ folder: SandboxFolder) throws(SandboxError) {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        let text: String
        do { text = String(decoding: try encoder.encode(self), as: UTF8.self) } catch {
            throw .folder(path: folder.stateFile, reason: "\(error)")
        }
        try folder.write(text, to: folder.stateFile)
    }
}
