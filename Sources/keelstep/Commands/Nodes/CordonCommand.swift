import ArgumentParser
import Draining

struct CordonCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "cordon",
        abstract: "Keep new pods off nodes."
    )

    @OptionGroup(title: "Cluster") var cluster: ClusterOptions
    @OptionGroup var selection: NodeSelection
    @Option(name: .customLong("dry-run"), help: "none, client or server.") var dryRun: DrainPolicy.DryRun = .none

    func run() async throws {
        try await cluster.withClient(try cluster.settings()) { client in
            for node in try await selection.names(client) {
                let outcome = try await Cordon.cordon(node: node, client: client, dryRun: dryRun)
                Terminal.standard.print(outcome.text(node: node, dryRun))
            }
        }
    }
}
