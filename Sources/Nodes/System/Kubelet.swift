import KubernetesModel
package import KubernetesVersions

/// The kubelet and kubectl binaries of a node.
package struct Kubelet: Sendable {
    package let node: RemoteNode

    package init(_ node: RemoteNode) { self.node = node }

    package static let versionCommand = Command("kubelet", "--version", isReadOnly: true)
    package static let clientVersionCommand = Command("kubectl", "version", "--client", "-o", "json", isReadOnly: true)
    /// What makes a newly installed kubelet the one that runs.
    package static let restartCommands = [Systemd.reloadCommand, Systemd.restartCommand("kubelet")]

    /// The version of the installed binary; another one may still be running.
    package func installedVersion() async throws(NodeError) -> KubernetesVersion {
        let text = try await node.require(Self.versionCommand).text
        guard let version = Self.version(in: text) else {
            throw .unreadable(node: node.name, what: "the kubelet's version", text: text)
        }
        return version
    }

    /// `Kubernetes v1.31.4`
    static func version(in text: String) -> KubernetesVersion? {
        text.split(whereSeparator: \.isWhitespace).last.flatMap { try? KubernetesVersion(parsing: String($0)) }
    }

    /// The version of kubectl; nil where it is not installed.
    package func clientVersion() async throws(NodeError) -> KubernetesVersion? {
        let result = try await node.run(Self.clientVersionCommand)
        if result.exitCode == 127 { return nil }
        guard let version = Self.clientVersion(in: result.output) else {
            throw .unreadable(node: node.name, what: "kubectl's version", text: result.text)
        }
        return version
    }

    static func clientVersion(in json: [UInt8]) -> KubernetesVersion? {
        let value = try? JSONValue(parsing: json)
        return value?["clientVersion", "gitVersion"]?.string.flatMap { try? KubernetesVersion(parsing: $0) }
    }

    /// Makes the installed kubelet run.
    package func restart() async throws(NodeError) { try await node.require(Self.restartCommands) }

    package func isRunning() async throws(NodeError) -> Bool { try await Systemd(node).isActive("kubelet") }
}
