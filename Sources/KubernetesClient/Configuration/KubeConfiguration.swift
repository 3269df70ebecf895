import Crypto
import Foundation

/// Everything needed to talk to one cluster as one user: a kubeconfig's context, resolved and read.
package struct KubeConfiguration: Sendable {
    /// `https://10.0.0.1:6443`, perhaps with a path.
    package var server: String
    package var trust: ServerTrust
    /// The name the server's certificate must carry, where it is not the server's host.
    package var tlsServerName: String?
    package var proxy: ProxyChoice
    package var credentials: Credentials
    /// The context's namespace; nil where it names none.
    package var namespace: String?
    package var contextName: String
    package var userName: String
    /// Where all this was read: a path, several, or `in-cluster`.
    package var source: String

    package init(
        server: String,
        trust: ServerTrust = .system,
        tlsServerName: String? = nil,
        proxy: ProxyChoice = .none,
        credentials: Credentials = Credentials(),
        namespace: String? = nil,
        contextName: String = "",
        userName: String = "",
        source: String = ""
    ) {
        self.server = server
        self.trust = trust
        self.tlsServerName = tlsServerName
        self.proxy = proxy
        self.credentials = credentials
        self.namespace = namespace
        self.contextName = contextName
        self.userName = userName
        self.source = source
    }

    /// SHA-256 of the trusted certificates, in hexadecimal: with ``server`` it tells clusters apart while the API is
    /// away. Empty where the system's or no certificates are trusted.
    package var authorityFingerprint: String {
        guard case .certificates(let pem) = trust else { return "" }
        return SHA256.hash(data: pem).map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }
}

/// Which certificates make a server believable.
package enum ServerTrust: Sendable, Hashable {
    case system
    /// Certificates in PEM, as many as there are.
    case certificates([UInt8])
    /// `insecure-skip-tls-verify`.
    case anything
}

/// Who we are to the server. A token wins over a password; a certificate is shown besides.
package struct Credentials: Sendable, Hashable {
    package var certificate: ClientCertificate?
    package var token: Token?
    package var password: (user: String, password: String)? {
        get { basic.map { ($0.user, $0.password) } }
        set { basic = newValue.map { Basic(user: $0.user, password: $0.password) } }
    }
    package var plugin: CredentialPlugin?
    /// `as`, `as-uid` and `as-groups`, as the headers they become.
    package var impersonation: [Header] = []
    private var basic: Basic?

    package init(certificate: ClientCertificate? = nil, token: Token? = nil, plugin: CredentialPlugin? = nil) {
        self.certificate = certificate
        self.token = token
        self.plugin = plugin
    }

    package enum Token: Sendable, Hashable {
        case text(String)
        /// Read again now and then, because whoever wrote it renews it.
        case file(path: String)
    }

    package struct Header: Sendable, Hashable {
        package var name: String
        package var value: String
    }

    private struct Basic: Hashable {
        var user: String
        var password: String
    }
}

/// A certificate chain with its key, in PEM.
package struct ClientCertificate: Sendable, Hashable {
    package var chain: [UInt8]
    package var key: [UInt8]

    package init(chain: [UInt8], key: [UInt8]) {
        self.chain = chain
        self.key = key
    }
}

extension KubeConfiguration {
    /// The cluster that kubectl would talk to: the file at `path` if given, else the files of `KUBECONFIG` merged,
    /// else `~/.kube/config`, else the pod this process runs in.
    ///
    /// A kubeconfig at `path` must exist. Without a `context` the current one is taken.
    package static func load(
        path: String? = nil,
        context: String? = nil,
        environment: [String: String] = ProcessInfo.processInfo.environment
    ) throws(ClientError) -> KubeConfiguration {
        var paths: [String] = []
        if let path {
            paths = [path]
        } else if let list = environment["KUBECONFIG"], !list.isEmpty {
            paths = list.split(separator: ":").map(String.init)
        } else if let home = environment["HOME"], !home.isEmpty {
            paths = [home + "/.kube/config"]
        }
        var merged = Kubeconfig()
        for candidate in paths where path != nil || FileManager.default.fileExists(atPath: candidate) {
            merged.merge(try Kubeconfig(path: candidate))
        }
        if merged.paths.isEmpty || merged.isEmpty && path == nil {
            if let inCluster = try inCluster(environment: environment) { return inCluster }
            throw .noKubeconfig(searched: paths.isEmpty ? ["KUBECONFIG", "HOME"] : paths)
        }
        return try merged.configuration(context: context, environment: environment)
    }

    /// The service account of the pod this process runs in; nil outside of one.
    static func inCluster(
        environment: [String: String],
        folder: String = "/var/run/secrets/kubernetes.io/serviceaccount"
    ) throws(ClientError) -> KubeConfiguration? {
        guard let host = environment["KUBERNETES_SERVICE_HOST"], !host.isEmpty,
            let port = environment["KUBERNETES_SERVICE_PORT"], !port.isEmpty
        else { return nil }
        let authority = try FileBytes.read(folder + "/ca.crt", usedFor: "the cluster's certificate authority")
        let namespace = try? String(contentsOfFile: folder + "/namespace", encoding: .utf8)
        return KubeConfiguration(
            server: "https://\(host.contains(":") ? "[\(host)]" : host):\(port)",
            trust: .certificates(authority),
            proxy: .none,
            credentials: Credentials(token: .file(path: folder + "/token")),
            namespace: namespace?.trimmingCharacters(in: .whitespacesAndNewlines),
            contextName: "in-cluster",
            userName: "service account",
            source: "in-cluster"
        )
    }
}

/// Whole files, with an error that says what they were for.
enum FileBytes {
    static func read(_ path: String, usedFor: String) throws(ClientError) -> [UInt8] {
        do {
            return Array(try Data(contentsOf: URL(filePath: path)))
        } catch {
            let isMissing = !FileManager.default.fileExists(atPath: path)
            let type = try? FileManager.default.attributesOfItem(atPath: path)[.type] as? FileAttributeType
            let other = type == .typeDirectory ? "it is a folder" : error.localizedDescription
            let reason = isMissing ? "there is no such file" : other
            throw .unreadableFile(path: path, usedFor: usedFor, reason: reason)
        }
    }
}
