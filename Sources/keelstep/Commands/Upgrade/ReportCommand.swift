import ArgumentParser
import Runs
import Upgrades

struct ReportCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "report",
        abstract: "Tell what a run did: steps, durations, evictions, backups, and by whom."
    )

    @OptionGroup(title: "Cluster") var cluster: ClusterOptions
    @OptionGroup var output: OutputOptions
    @Option(name: .customLong("run"), help: "The run; the latest without it.") var runID: String?
    @Flag(help: "Also every command that ran on a node.") var commands = false

    func run() async throws {
        let settings = try cluster.settings()
        let report = try await cluster.withClient(settings) { client in
            try await UpgradeRun(client: client, options: .looking(settings)).report(of: runID)
        }
        try output.render(report.value(withCommands: commands)) { [report.text(withCommands: commands)] }
    }
}
