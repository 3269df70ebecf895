import Foundation
import Yams

/// The parts of one kubeconfig, or of several merged, before a context is chosen.
struct Kubeconfig {
    /// The files read so far, in order.
    var paths: [String] = []
    var clusters: [String: KubeconfigEntry] = [:]
    var users: [String: KubeconfigEntry] = [:]
    var contexts: [String: KubeconfigEntry] = [:]
    var currentContext: String?

    init() {}

    /// Reads one file.
    init(path: String) throws(ClientError) {
        let bytes = try FileBytes.read(path, usedFor: "the kubeconfig")
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw .malformedKubeconfig(path: path, line: nil, reason: "it is not UTF-8 text")
        }
        try self.init(parsing: text, path: path)
    }

    init(parsing text: String, path: String) throws(ClientError) {
        paths = [path]
        let root: Node?
        do {
            root = try Yams.compose(yaml: text)
        } catch {
            throw ClientError(yaml: error, path: path)
        }
        guard let root, root.null == nil else { return }
        guard root.mapping != nil else {
            throw .malformedKubeconfig(path: path, line: root.mark?.line, reason: "a mapping is expected")
        }
        let top = KubeconfigEntry(node: root, path: path, place: "the file")
        clusters = try top.named("clusters", holding: "cluster")
        users = try top.named("users", holding: "user")
        contexts = try top.named("contexts", holding: "context")
        currentContext = try top.text("current-context")
    }

    var isEmpty: Bool { clusters.isEmpty && users.isEmpty && contexts.isEmpty && currentContext == nil }

    /// Adds another file; as with kubectl the first to name something wins.
    mutating func merge(_ other: Kubeconfig) {
        paths += other.paths
        clusters.merge(other.clusters) { first, _ in first }
        users.merge(other.users) { first, _ in first }
        contexts.merge(other.contexts) { first, _ in first }
        currentContext = currentContext ?? other.currentContext
    }

    private var source: String { paths.joined(separator: ":") }

    /// Follows one context to its cluster and user.
    func configuration(
        context requested: String?,
        environment: [String: String]
    ) throws(ClientError) -> KubeConfiguration {
        let known = contexts.keys.sorted()
        guard let name = requested ?? currentContext else {
            let choice =
                known.isEmpty ? "it has no contexts" : "choose with --context: \(known.joined(separator: ", "))"
            throw .malformedKubeconfig(path: source, line: nil, reason: "no current-context is set; \(choice)")
        }
        guard let context = contexts[name] else { throw .unknownContext(name, known: known, path: source) }
        let clusterName = try context.text("cluster") ?? ""
        guard let cluster = clusters[clusterName] else {
            throw context.malformed("context '\(name)' names the cluster '\(clusterName)', which is not there")
        }
        let userName = try context.text("user") ?? ""
        let user = users[userName]
        if user == nil && !userName.isEmpty {
            throw context.malformed("context '\(name)' names the user '\(userName)', which is not there")
        }
        guard let server = try cluster.text("server") else {
            throw cluster.malformed("cluster '\(clusterName)' has no server")
        }
        return KubeConfiguration(
            server: server,
            trust: try cluster.trust(),
            tlsServerName: try cluster.text("tls-server-name"),
            proxy: try ProxyChoice(server: server, proxyURL: cluster.text("proxy-url"), environment: environment),
            credentials: try user?.credentials(name: userName, cluster: cluster) ?? Credentials(),
            namespace: try context.text("namespace"),
            contextName: name,
            userName: userName,
            source: source
        )
    }
}

/// One mapping of a kubeconfig, which knows where it stands for its complaints.
struct KubeconfigEntry {
    let node: Node
    let path: String
    /// How a complaint names this mapping: `cluster 'lab'`.
    let place: String

    func malformed(_ reason: String, at other: Node? = nil) -> ClientError {
        .malformedKubeconfig(path: path, line: (other ?? node).mark?.line, reason: reason)
    }

    subscript(key: String) -> Node? {
        guard let value = node.mapping?[key], value.null == nil || value.scalar?.style != .plain else { return nil }
        return value
    }

    /// A text that is not empty; nil where it is missing.
    func text(_ key: String) throws(ClientError) -> String? {
        guard let value = self[key] else { return nil }
        guard let text = value.scalar?.string else { throw malformed("'\(key)' in \(place) must be a text", at: value) }
        return text.isEmpty ? nil : text
    }

    func flag(_ key: String) throws(ClientError) -> Bool {
        guard let value = self[key] else { return false }
        guard let flag = value.bool else { throw malformed("'\(key)' in \(place) must be true or false", at: value) }
        return flag
    }

    func texts(_ key: String) throws(ClientError) -> [String] {
        guard let value = self[key] else { return [] }
        guard let list = value.sequence else { throw malformed("'\(key)' in \(place) must be a list", at: value) }
        return list.compactMap { $0.scalar?.string }
    }

    func child(_ key: String) throws(ClientError) -> KubeconfigEntry? {
        guard let value = self[key] else { return nil }
        guard value.mapping != nil else { throw malformed("'\(key)' in \(place) must be a mapping", at: value) }
        return KubeconfigEntry(node: value, path: path, place: "'\(key)' of \(place)")
    }

    func children(_ key: String) throws(ClientError) -> [KubeconfigEntry] {
        guard let value = self[key] else { return [] }
        guard let list = value.sequence else { throw malformed("'\(key)' in \(place) must be a list", at: value) }
        return list.map { KubeconfigEntry(node: $0, path: path, place: "an entry of '\(key)' of \(place)") }
    }

    /// A list of `{name: N, <kind>: {…}}` as a dictionary; of two with one name the first wins.
    func named(_ key: String, holding kind: String) throws(ClientError) -> [String: KubeconfigEntry] {
        var result: [String: KubeconfigEntry] = [:]
        for entry in try children(key) {
            guard entry.node.mapping != nil, let name = try entry.text("name") else {
                throw entry.malformed("an entry of '\(key)' has no name")
            }
            let content = entry[kind] ?? Node([(Node, Node)]())
            guard content.mapping != nil else {
                throw entry.malformed("'\(kind)' of '\(name)' must be a mapping", at: content)
            }
            if result[name] == nil {
                result[name] = KubeconfigEntry(node: content, path: path, place: "\(kind) '\(name)'")
            }
        }
        return result
    }

    /// A path in the file, taken from the file's folder.
    func filePath(_ key: String) throws(ClientError) -> String? {
        guard let text = try text(key) else { return nil }
        return resolved(text)
    }

    func resolved(_ text: String) -> String {
        if text.hasPrefix("/") { return text }
        let folder = URL(filePath: path).absoluteURL.deletingLastPathComponent()
        return folder.appending(path: text).standardizedFileURL.path(percentEncoded: false)
    }

    /// The bytes of `<key>-data` (base64) or, failing that, of the file that `<key>` names.
    func bytes(_ key: String) throws(ClientError) -> [UInt8]? {
        if let encoded = try text(key + "-data") {
            let packed = String(encoded.filter { !$0.isWhitespace })
            guard let data = Data(base64Encoded: packed) else {
                throw malformed("'\(key)-data' in \(place) is not base64", at: self[key + "-data"])
            }
            return Array(data)
        }
        guard let file = try filePath(key) else { return nil }
        return try FileBytes.read(file, usedFor: "'\(key)' of \(place) in \(path)")
    }
}

extension KubeconfigEntry {
    /// What a cluster entry says about the server's certificate.
    fileprivate func trust() throws(ClientError) -> ServerTrust {
        let authority = try bytes("certificate-authority")
        if try flag("insecure-skip-tls-verify") {
            guard authority == nil else {
                throw malformed("\(place) has both a certificate-authority and insecure-skip-tls-verify; keep one")
            }
            return .anything
        }
        return authority.map { .certificates($0) } ?? .system
    }

    /// What a user entry can show.
    fileprivate func credentials(name: String, cluster: KubeconfigEntry) throws(ClientError) -> Credentials {
        var result = Credentials()
        let chain = try bytes("client-certificate")
        let key = try bytes("client-key")
        switch (chain, key) {
        case (let chain?, let key?): result.certificate = ClientCertificate(chain: chain, key: key)
        case (nil, nil): break
        case (_?, nil): throw malformed("\(place) has a client-certificate but no client-key")
        case (nil, _?): throw malformed("\(place) has a client-key but no client-certificate")
        }
        if let file = try filePath("tokenFile") {
            result.token = .file(path: file)
        } else if let token = try text("token") {
            result.token = .text(token)
        }
        if let user = try text("username") { result.password = (user, try text("password") ?? "") }
        if let exec = try child("exec") { result.plugin = try CredentialPlugin(exec, cluster: cluster) }
        if let user = try text("as") { result.impersonation.append(.init(name: "Impersonate-User", value: user)) }
        if let uid = try text("as-uid") { result.impersonation.append(.init(name: "Impersonate-Uid", value: uid)) }
        for group in try texts("as-groups") {
            result.impersonation.append(.init(name: "Impersonate-Group", value: group))
        }
        if let provider = try child("auth-provider") {
            let which = try provider.text("name") ?? "?"
            throw .unusableCredential(
                user: name,
                reason:
                    "the auth-provider '\(which)' is a kind that Kubernetes 1.26 removed; use its exec plugin instead"
            )
        }
        return result
    }
}

extension ClientError {
    /// What Yams says about text that is no YAML, with its line.
    fileprivate init(yaml error: any Error, path: String) {
        switch error as? YamlError {
        case .scanner(_, let problem, let mark, _), .parser(_, let problem, let mark, _),
            .composer(_, let problem, let mark, _):
            self = .malformedKubeconfig(path: path, line: mark.line, reason: problem)
        case .duplicatedKeysInMapping(let duplicates, let context):
            let keys = duplicates.joined(separator: ", ")
            self = .malformedKubeconfig(path: path, line: context.mark.line, reason: "given twice: \(keys)")
        default: self = .malformedKubeconfig(path: path, line: nil, reason: "\(error)")
        }
    }
}
