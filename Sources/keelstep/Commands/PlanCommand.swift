import ArgumentParser
import Settings
import Survey
import Upgrades

struct PlanCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "plan",
        abstract: "Show the way to a version: hops, stages, steps, and what would be in the way. Changes nothing."
    )

    @OptionGroup(title: "Cluster") var cluster: ClusterOptions
    @OptionGroup(title: "Upgrade") var options: PolicyOptions
    @OptionGroup var output: OutputOptions
    @Flag(help: "Print the commands a person would type instead, in order.") var explain = false

    func validate() throws {
        guard !explain || output.output == .table else {
            throw ValidationError("--explain is for people to read; leave out -o, or --explain")
        }
    }

    func run() async throws {
        let settings = try cluster.settings()
        let prepared = try await cluster.withCluster(settings) { client, nodes in
            try await PreparedUpgrade(
                surveyor: Surveyor(client: client, transport: nodes.transport),
                target: options.to,
                policy: options.policy(settings.policy)
            )
        }
        try output.render(prepared.value) { try prepared.lines(isExplained: explain) }
        guard prepared.blockers.isEmpty else { throw ExitCode.blocked }
    }
}
