import Foundation
import KubernetesModel
import Subprocess
import SystemPackage

/// A program that prints credentials (`client.authentication.k8s.io`, kubeconfig's `exec`).
package struct CredentialPlugin: Sendable, Hashable {
    var command: String
    var arguments: [String]
    var environment: [String: String]
    var apiVersion: String
    /// What the kubeconfig says to someone who does not have the program.
    var installHint: String?
    /// The cluster as the plugin is told it, where it asked for that (`provideClusterInfo`).
    var clusterInfo: JSONValue?
    var needsTerminal: Bool

    init(
        command: String,
        arguments: [String] = [],
        environment: [String: String] = [:],
        apiVersion: String = "client.authentication.k8s.io/v1"
    ) {
        self.command = command
        self.arguments = arguments
        self.environment = environment
        self.apiVersion = apiVersion
        needsTerminal = false
    }

    /// Reads a user's `exec`.
    init(_ entry: KubeconfigEntry, cluster: KubeconfigEntry) throws(ClientError) {
        guard let command = try entry.text("command") else { throw entry.malformed("\(entry.place) has no command") }
        needsTerminal = try entry.text("interactiveMode") == "Always"
        self.command = command.contains("/") ? entry.resolved(command) : command
        arguments = try entry.texts("args")
        environment = [:]
        for variable in try entry.children("env") {
            guard let name = try variable.text("name") else { continue }
            environment[name] = try variable.text("value") ?? ""
        }
        apiVersion = try entry.text("apiVersion") ?? ""
        let accepted = ["client.authentication.k8s.io/v1", "client.authentication.k8s.io/v1beta1"]
        guard accepted.contains(apiVersion) else {
            throw entry.malformed(
                "\(entry.place) has apiVersion '\(apiVersion)'; accepted: client.authentication.k8s.io/v1 or …/v1beta1"
            )
        }
        installHint = try entry.text("installHint")
        if try entry.flag("provideClusterInfo") { clusterInfo = try Self.info(on: cluster) }
    }

    private static func info(on cluster: KubeconfigEntry) throws(ClientError) -> JSONValue {
        var info: JSONValue = ["server": .string(try cluster.text("server") ?? "")]
        info["tls-server-name"] = try cluster.text("tls-server-name").map { .string($0) }
        if try cluster.flag("insecure-skip-tls-verify") { info["insecure-skip-tls-verify"] = true }
        if let authority = try cluster.bytes("certificate-authority") {
            info["certificate-authority-data"] = .string(Data(authority).base64EncodedString())
        }
        info["proxy-url"] = try cluster.text("proxy-url").map { .string($0) }
        return info
    }
}

/// What a plugin printed.
struct PluginCredentials: Sendable, Hashable {
    var token: String?
    var certificate: ClientCertificate?
    /// When to ask again; nil means never, unless the server refuses.
    var expiry: Date?
}

extension CredentialPlugin {
    /// Runs the program and reads what it prints. It gets no terminal and no input.
    func credentials() async throws(ClientError) -> PluginCredentials {
        if needsTerminal {
            throw failure("it insists on a terminal (interactiveMode: Always), and Keelstep gives it none")
        }
        var spec: JSONValue = ["interactive": false]
        spec["cluster"] = clusterInfo
        let request: JSONValue = ["apiVersion": .string(apiVersion), "kind": "ExecCredential", "spec": spec]
        var variables: [Environment.Key: String?] = ["KUBERNETES_EXEC_INFO": request.text]
        for (name, value) in environment { variables[Environment.Key(stringLiteral: name)] = value }
        let result: ExecutionResult<Void, BytesOutput, StringOutput<UTF8>>
        do {
            result = try await Subprocess.run(
                command.contains("/") ? .path(FilePath(command)) : .name(command),
                arguments: Arguments(arguments),
                environment: .inherit.updating(variables),
                output: .bytes(limit: 1 << 20),
                error: .string(limit: 1 << 16)
            )
        } catch {
            throw failure("it could not be run: \(error)")
        }
        guard result.terminationStatus.isSuccess else {
            let words = result.standardError.trimmingCharacters(in: .whitespacesAndNewlines)
            throw failure("it ended with \(result.terminationStatus)" + (words.isEmpty ? "" : ": \(words)"))
        }
        return try read(result.standardOutput)
    }

    func read(_ output: [UInt8]) throws(ClientError) -> PluginCredentials {
        let answer: JSONValue
        do { answer = try JSONValue(parsing: output) } catch { throw failure("it printed no JSON: \(error)") }
        guard answer["kind"]?.string == "ExecCredential", answer["apiVersion"]?.string == apiVersion else {
            let found = "\(answer["apiVersion"]?.string ?? "") \(answer["kind"]?.string ?? "")"
            throw failure("it printed '\(found)' instead of '\(apiVersion) ExecCredential'")
        }
        var result = PluginCredentials()
        result.token = answer["status", "token"]?.string.flatMap { $0.isEmpty ? nil : $0 }
        if let chain = answer["status", "clientCertificateData"]?.string,
            let key = answer["status", "clientKeyData"]?.string
        {
            result.certificate = ClientCertificate(chain: Array(chain.utf8), key: Array(key.utf8))
        }
        guard result.token != nil || result.certificate != nil else {
            throw failure("it printed neither a token nor a certificate with its key")
        }
        if let text = answer["status", "expirationTimestamp"]?.string {
            guard let date = try? Date(text, strategy: .iso8601) else {
                throw failure("its expirationTimestamp '\(text)' is no date")
            }
            result.expiry = date
        }
        return result
    }

    private func failure(_ reason: String) -> ClientError {
        .credentialPluginFailed(
            command: ([command] + arguments).joined(separator: " "),
            reason: reason,
            hint: installHint
        )
    }
}
