import Foundation
import Testing

@testable import KubernetesClient

private let simple = """
    apiVersion: v1
    kind: Config
    current-context: lab
    clusters:
    - name: lab
      cluster: {server: "https://10.0.0.1:6443", certificate-authority-data: Q0E=}
    - name: other
      cluster: {server: "https://other:6443", insecure-skip-tls-verify: true, tls-server-name: kube}
    users:
    - name: ann
      user: {token: abc, as: root, as-groups: [g1, g2]}
    - name: bob
      user: {username: bob, password: secret}
    contexts:
    - name: lab
      context: {cluster: lab, user: ann, namespace: shop}
    - name: far
      context: {cluster: other, user: bob}
    """

@Suite struct `a kubeconfig` {
    @Test func `gives its current context`() throws {
        let found = try Kubeconfig(parsing: simple, path: "/k").configuration(context: nil, environment: [:])
        #expect(found.server == "https://10.0.0.1:6443")
        #expect(found.trust == .certificates(Array("CA".utf8)))
        #expect(found.credentials.token == .text("abc"))
        #expect(found.credentials.impersonation.map(\.value) == ["root", "g1", "g2"])
        #expect(found.namespace == "shop")
        #expect(found.authorityFingerprint.count == 64)
    }

    @Test func `gives another context`() throws {
        let found = try Kubeconfig(parsing: simple, path: "/k").configuration(context: "far", environment: [:])
        #expect(found.trust == .anything)
        #expect(found.tlsServerName == "kube")
        #expect(found.credentials.password?.user == "bob")
    }

    @Test func `names the contexts it has, when asked for one it has not`() throws {
        let error = try #require(throws: ClientError.self) {
            try Kubeconfig(parsing: simple, path: "/k").configuration(context: "lob", environment: [:])
        }
        #expect("\(error)" == "there is no context 'lob' in /k; it has: far, lab")
    }

    @Test(arguments: [
        ("a: [", "/k:2: not a usable kubeconfig:"),
        ("clusters: 5", "/k:1: not a usable kubeconfig: 'clusters' in the file must be a list"),
        ("clusters:\n- cluster: {}", "an entry of 'clusters' has no name"),
        ("users:\n- name: a\n  user: 7", "/k:3: not a usable kubeconfig: 'user' of 'a' must be a mapping"),
        ("x", "a mapping is expected"),
        ("{}", "no current-context is set; it has no contexts"),
        (
            "current-context: a\ncontexts:\n- name: a\n  context: {cluster: c}",
            "context 'a' names the cluster 'c', which is not there"
        ),
    ]) func `says what is wrong with it, and in which line`(text: String, complaint: String) throws {
        let error = try #require(throws: ClientError.self) {
            try Kubeconfig(parsing: text, path: "/k").configuration(context: nil, environment: [:])
        }
        #expect("\(error)".contains(complaint), "\(error)")
    }

    @Test(arguments: [
        ("certificate-authority-data: '*'", "'certificate-authority-data' in cluster 'lab' is not base64"),
        ("insecure-skip-tls-verify: maybe", "'insecure-skip-tls-verify' in cluster 'lab' must be true or false"),
        ("certificate-authority: nowhere.crt", "there is no such file"),
        ("proxy-url: ftp://p", "a proxy is reached by http:// or socks5://"),
        ("insecure-skip-tls-verify: true, certificate-authority-data: Q0E=", "keep one"),
    ]) func `says what is wrong with a cluster`(entry: String, complaint: String) throws {
        let text = """
            current-context: lab
            clusters:
            - name: lab
              cluster: {server: "https://10.0.0.1:6443", \(entry)}
            contexts:
            - {name: lab, context: {cluster: lab}}
            """
        let error = try #require(throws: ClientError.self) {
            try Kubeconfig(parsing: text, path: "/k").configuration(context: nil, environment: [:])
        }
        #expect("\(error)".contains(complaint), "\(error)")
    }

    @Test func `of a list yields to those before it`() async throws {
        try await withTemporaryFolder { folder in
            let first = try folder.write("first", "current-context: far\nusers: [{name: bob, user: {token: first}}]\n")
            let second = try folder.write("second", simple)
            let found = try KubeConfiguration.load(environment: ["KUBECONFIG": "\(first):/nowhere:\(second)"])
            #expect(found.contextName == "far")
            #expect(found.credentials.token == .text("first"))
            #expect(found.credentials.password == nil)
            #expect(found.source == "\(first):\(second)")
        }
    }

    @Test func `takes files from its own folder`() async throws {
        try await withTemporaryFolder { folder in
            try folder.write("ca.crt", "CA")
            let path = try folder.write(
                "config",
                """
                current-context: lab
                clusters: [{name: lab, cluster: {server: "https://h", certificate-authority: ca.crt}}]
                users: [{name: ann, user: {tokenFile: token}}]
                contexts: [{name: lab, context: {cluster: lab, user: ann}}]
                """
            )
            let found = try KubeConfiguration.load(path: path, environment: [:])
            #expect(found.trust == .certificates(Array("CA".utf8)))
            #expect(found.credentials.token == .file(path: folder.path + "/token"))
        }
    }

    @Test func `that is nowhere is said with the places looked at`() throws {
        let error = try #require(throws: ClientError.self) {
            try KubeConfiguration.load(environment: ["HOME": "/nonexistent"])
        }
        #expect("\(error)".contains("looked at /nonexistent/.kube/config"))
        let named = try #require(throws: ClientError.self) {
            try KubeConfiguration.load(path: "/nonexistent/k", environment: [:])
        }
        #expect("\(named)".contains("cannot read /nonexistent/k (the kubeconfig): there is no such file"))
    }

    @Test func `is not needed within a pod`() async throws {
        try await withTemporaryFolder { folder in
            try folder.write("ca.crt", "CA")
            try folder.write("namespace", "ops\n")
            let environment = ["KUBERNETES_SERVICE_HOST": "fd00::1", "KUBERNETES_SERVICE_PORT": "443"]
            let found = try #require(try KubeConfiguration.inCluster(environment: environment, folder: folder.path))
            #expect(found.server == "https://[fd00::1]:443")
            #expect(found.namespace == "ops")
            #expect(found.credentials.token == .file(path: folder.path + "/token"))
        }
    }

    @Test func `with a removed kind of credentials names its successor`() throws {
        let text = simple.replacing("{token: abc, as: root, as-groups: [g1, g2]}", with: "{auth-provider: {name: gcp}}")
        let error = try #require(throws: ClientError.self) {
            try Kubeconfig(parsing: text, path: "/k").configuration(context: nil, environment: [:])
        }
        #expect("\(error)".contains("use its exec plugin instead"))
    }
}

@Suite struct `a proxy` {
    private func choice(_ server: String, _ environment: [String: String]) throws -> ProxyChoice {
        try ProxyChoice(server: server, proxyURL: nil, environment: environment)
    }

    @Test(arguments: [
        ("https://10.1.2.3:6443", "10.0.0.0/8", false), ("https://11.1.2.3:6443", "10.0.0.0/8", true),
        ("https://api.lab.example", "example", false), ("https://api.lab.example", ".lab.example", false),
        ("https://lab.example", ".lab.example", true), ("https://api.lab.example:6443", "api.lab.example:443", true),
        ("https://api.lab.example:6443", "api.lab.example:6443", false), ("https://x", "*", false),
        ("https://127.0.0.1:6443", "", false), ("https://localhost:6443", "", false),
        ("https://[fd00::1]:6443", "fd00::/8", false), ("https://notexample", "example", true),
        ("https://x", " y , x ", false),
    ]) func `of the environment is used unless NO_PROXY excepts the server`(
        server: String,
        excepted: String,
        isUsed: Bool
    ) throws {
        let found = try choice(server, ["HTTPS_PROXY": "http://proxy:3128", "NO_PROXY": excepted])
        #expect((found != .none) == isUsed)
    }

    @Test func `of the kubeconfig wins, and may be SOCKS`() throws {
        let environment = ["HTTPS_PROXY": "http://proxy:3128"]
        let found = try ProxyChoice(server: "https://x", proxyURL: "socks5://s:1", environment: environment)
        #expect(found == .socks(host: "s", port: 1))
        let http = try choice("https://x", ["https_proxy": "http://u:p@proxy:3128"])
        #expect(http == .http(host: "proxy", port: 3128, user: "u", password: "p"))
    }
}
