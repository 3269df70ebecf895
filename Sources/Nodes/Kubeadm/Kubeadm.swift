import KubernetesModel
package import KubernetesVersions

/// kubeadm on a node. It takes no lock of its own: ``processes()`` tells whether one runs.
package struct Kubeadm: Sendable {
    package let node: RemoteNode

    package init(_ node: RemoteNode) { self.node = node }

    /// What may be changed about `upgrade apply` and `upgrade node`.
    package struct Options: Sendable, Hashable {
        package var etcdUpgrade = true
        package var certificateRenewal = true
        package var patches: String?
        package var ignoredPreflightErrors: [String] = []

        package init() {}

        var arguments: [String] {
            (etcdUpgrade ? [] : ["--etcd-upgrade=false"]) + (certificateRenewal ? [] : ["--certificate-renewal=false"])
                + (patches.map { ["--patches=\($0)"] } ?? [])
                + (ignoredPreflightErrors.isEmpty
                    ? [] : ["--ignore-preflight-errors=\(ignoredPreflightErrors.joined(separator: ","))"])
        }
    }

    package static let versionCommand = Command("kubeadm", "version", "-o", "short", isReadOnly: true)

    /// With a version, so that kubeadm does not ask the Internet for one.
    package static func planCommand(_ version: KubernetesVersion) -> Command {
        Command("kubeadm", "upgrade", "plan", version.description, "-o", "json")
    }

    /// For kubeadm before 1.24, which knows no `-o`.
    package static func planTextCommand(_ version: KubernetesVersion) -> Command {
        Command("kubeadm", "upgrade", "plan", version.description)
    }

    package static func applyCommand(_ version: KubernetesVersion, _ options: Options = Options()) -> Command {
        Command(arguments: ["kubeadm", "upgrade", "apply", version.description, "-y"] + options.arguments)
    }

    /// Its target is what the ConfigMap kubeadm-config says.
    package static func nodeCommand(_ options: Options = Options()) -> Command {
        Command(arguments: ["kubeadm", "upgrade", "node"] + options.arguments)
    }

    package static func pullCommand(_ version: KubernetesVersion) -> Command {
        Command("kubeadm", "config", "images", "pull", "--kubernetes-version", version.description)
    }

    package static let expirationCommand = Command(
        "kubeadm",
        "certs",
        "check-expiration",
        "-o",
        "json",
        isReadOnly: true
    )

    /// For kubeadm before 1.30, which knows no `-o` here.
    package static let expirationTextCommand = Command("kubeadm", "certs", "check-expiration", isReadOnly: true)

    package func version() async throws(NodeError) -> KubernetesVersion {
        let text = try await node.require(Self.versionCommand).text
        guard let version = try? KubernetesVersion(parsing: String(text.prefix { !$0.isWhitespace })) else {
            throw .unreadable(node: node.name, what: "kubeadm's version", text: text)
        }
        return version
    }

    package func plan(_ version: KubernetesVersion) async throws(NodeError) -> KubeadmPlan {
        let result = try await node.run(Self.planCommand(version))
        if KubeadmFailure.isUnknownFlag(result) {
            let command = Self.planTextCommand(version)
            return KubeadmPlan(table: try await require(command).text)
        }
        try judge(result, of: Self.planCommand(version))
        do { return try KubeadmPlan(parsing: result.output) } catch {
            throw .unreadable(node: node.name, what: "kubeadm's plan (\(error))", text: result.text)
        }
    }

    package func apply(_ version: KubernetesVersion, _ options: Options = Options()) async throws(NodeError) {
        try await require(Self.applyCommand(version, options))
    }

    package func upgradeNode(_ options: Options = Options()) async throws(NodeError) {
        try await require(Self.nodeCommand(options))
    }

    package func expirations() async throws(NodeError) -> [CertificateExpiration] {
        let result = try await node.run(Self.expirationCommand)
        if KubeadmFailure.isUnknownFlag(result) {
            let text = try await require(Self.expirationTextCommand).text
            guard let expirations = CertificateExpiration.parse(table: text) else {
                throw .unreadable(node: node.name, what: "kubeadm's list of certificates", text: text)
            }
            return expirations
        }
        try judge(result, of: Self.expirationCommand)
        guard let expirations = CertificateExpiration.parse(result.output) else {
            throw .unreadable(node: node.name, what: "kubeadm's list of certificates", text: result.text)
        }
        return expirations
    }

    package static let processesCommand = Command("pgrep", "-x", "kubeadm", isReadOnly: true)

    /// The kubeadm processes that run on the node now.
    package func processes() async throws(NodeError) -> [Int] {
        let result = try await node.run(Self.processesCommand)
        guard result.exitCode <= 1 else {
            throw NodeError(node: node.name, command: Self.processesCommand, result: result)
        }
        return result.text.split(whereSeparator: \.isWhitespace).compactMap { Int($0) }
    }

    @discardableResult
    private func require(_ command: Command) async throws(NodeError) -> CommandResult {
        let result = try await node.run(command)
        try judge(result, of: command)
        return result
    }

    private func judge(_ result: CommandResult, of command: Command) throws(NodeError) {
        if result.succeeded { return }
        if result.exitCode == 127 { throw NodeError(node: node.name, command: command, result: result) }
        throw .kubeadm(node: node.name, command: command, failure: KubeadmFailure(result))
    }
}
