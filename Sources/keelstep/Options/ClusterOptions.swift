import ArgumentParser
import Foundation
import KubernetesClient
import KubernetesModel
import Settings

/// Which cluster, and as whom: `--config`, `--kubeconfig`, `--context`.
struct ClusterOptions: ParsableArguments {
    @Option(help: "keelstep.yaml; otherwise $KEELSTEP_CONFIG, ./keelstep.yaml, ~/.config/keelstep/keelstep.yaml.")
    var config: String?

    @Option(help: "The kubeconfig; otherwise what keelstep.yaml or $KUBECONFIG says, then ~/.kube/config.")
    var kubeconfig: String?

    @Option(help: "The context in the kubeconfig.")
    var context: String?

    func settings() throws -> Settings {
        var settings = try Settings.find(flag: config)
        if let kubeconfig {
            settings.kubeconfig = kubeconfig
            settings.context = nil
        }
        if let context { settings.context = context }
        return settings
    }

    /// Runs `body` with a client for the cluster the settings name.
    func withClient<Value>(_ settings: Settings, _ body: (KubernetesClient) async throws -> Value) async throws -> Value
    {
        let configuration = try KubeConfiguration.load(path: settings.kubeconfig, context: settings.context)
        do {
            return try await KubernetesClient.with(configuration, options: Self.clientOptions, body)
        } catch let status as APIStatus where status.code == 401 {
            throw NotRecognised(
                server: configuration.server,
                user: configuration.userName,
                source: configuration.source
            )
        }
    }

    /// Runs `body` with a client and the ways to the cluster's nodes.
    func withCluster<Value>(
        _ settings: Settings,
        identities: NodeWays.Identities = .whereNeeded,
        _ body: (KubernetesClient, NodeWays) async throws -> Value
    ) async throws -> Value {
        try await withClient(settings) { client in
            try await NodeWays.with(settings, client, identities) { nodes in try await body(client, nodes) }
        }
    }

    /// The process id lets an audit log, and the sandbox, tell which process a request came from.
    static var clientOptions: ClientOptions {
        let pid = ProcessInfo.processInfo.processIdentifier
        return ClientOptions(userAgent: "keelstep/\(Keelstep.version) (linux/amd64; pid \(pid))")
    }
}

/// The API's own word for it is `Unauthorized`, and no more.
struct NotRecognised: Error, CustomStringConvertible {
    var server: String
    var user: String
    var source: String
    var description: String {
        "the API server \(server) does not accept the credentials of user '\(user)' in \(source); is that the kubeconfig "
            + "of this cluster, and do they still hold?"
    }
}
