import ArgumentParser
import Upgrades

struct ResumeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "resume",
        abstract: "Go on with the run that was paused, stopped or killed."
    )

    @OptionGroup(title: "Cluster") var cluster: ClusterOptions
    @OptionGroup(title: "Run") var run: RunOptions

    func run() async throws {
        let settings = try cluster.settings()
        try await cluster.withCluster(settings) { client, nodes in
            do { try await run.run(client, settings, nodes) { try await $0.resume() } } catch UpgradeRunError
                .nothingToResume
            {
                Terminal.standard.error("keelstep: \(UpgradeRunError.nothingToResume)")
                throw ExitCode.usage
            }
        }
    }
}
