import ArgumentParser
import KubernetesModel
import Settings
import Survey

struct NodesPingCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "ping",
        abstract: "Visit each node: latency, user, sudo, operating system, architecture, clock.",
        discussion: "Ends with 1 when a node cannot be worked on, and says why. Changes nothing."
    )

    @Argument(help: ArgumentHelp("The nodes to visit; otherwise all.", valueName: "node"))
    var names: [String] = []
    @OptionGroup(title: "Cluster") var cluster: ClusterOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        let settings = try cluster.settings()
        let outcomes = try await cluster.withCluster(settings, identities: .always) { _, nodes in
            let chosen = names.isEmpty ? nodes.all : try names.map { try nodes.known($0) }
            return await NodeVisits.visit(chosen, transport: nodes.transportOfNode)
        }
        try output.render(.array(outcomes.map(\.value))) { NodeVisits.Outcome.lines(outcomes) }
        guard outcomes.allSatisfy({ $0.problem == nil }) else { throw ExitCode.failure }
    }
}
