import ArgumentParser
import Draining

struct UncordonCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "uncordon",
        abstract: "Let new pods come to nodes again."
    )

    @OptionGroup(title: "Cluster") var cluster: ClusterOptions
    @OptionGroup var selection: NodeSelection
    @Option(name: .customLong("dry-run"), help: "none, client or server.") var dryRun: DrainPolicy.DryRun = .none

    func run() async throws {
        try await cluster.withClient(try cluster.settings()) { client in
            for node in try await selection.names(client) {
                let outcome = try await Cordon.uncordon(node: node, client: client, dryRun: dryRun)
                Terminal.standard.print(outcome.text(node: node, dryRun))
            }
        }
    }
}
