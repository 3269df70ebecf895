import ArgumentParser
import Foundation
import KubernetesModel
import Runs
import Upgrades

struct StatusCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "status",
        abstract: "Show how the latest run stands, from any terminal."
    )

    @OptionGroup(title: "Cluster") var cluster: ClusterOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        let settings = try cluster.settings()
        let status = try await cluster.withClient(settings) { client in
            try await UpgradeRun(client: client, options: .looking(settings)).status()
        }
        guard let status else {
            Terminal.standard.note("no run was ever begun on this cluster")
            return
        }
        try output.render(status.value) { status.lines(at: Date()) }
    }
}
