import ArgumentParser
import KubernetesClient
import Nodes
import Runs
import Settings
import Upgrades

enum ProgressFormat: String, ExpressibleByArgument, CaseIterable {
    case text, json
}

/// What `upgrade` and `resume` share: where backups go, and how progress is told.
struct RunOptions: ParsableArguments {
    @Option(
        name: .customLong("backup-dir"),
        help: "Where backups go; otherwise the cluster's folder below the state directory."
    )
    var backupDir: String?

    @Option(
        name: .customLong("step-timeout"),
        help: "The longest any step but a drain may take: 10m. Without it, each has a limit of its own.",
        transform: { try DurationText.duration(parsing: $0) }
    )
    var stepTimeout: Duration?

    @Option(name: .shortAndLong, help: "Progress as text, or as json lines on standard output.")
    var output: ProgressFormat = .text

    /// Runs `body` with everything a run needs, and ends the process as the run ended.
    func run(
        _ client: KubernetesClient,
        _ settings: Settings,
        _ nodes: NodeWays,
        _ body: @Sendable @escaping (UpgradeRun) async throws -> RunOutcome
    ) async throws {
        let outcome = try await outcome(client, settings, nodes, body)
        guard outcome.exitCode == 0 else { throw ExitCode(outcome.exitCode) }
    }

    /// Runs `body` with everything a run needs, shows its progress, and says how it ended.
    func outcome(
        _ client: KubernetesClient,
        _ settings: Settings,
        _ nodes: NodeWays,
        _ body: @Sendable @escaping (UpgradeRun) async throws -> RunOutcome
    ) async throws -> RunOutcome {
        let progress = RunProgressView(format: output, terminal: .standard)
        var options = options(settings, nodes)
        options.report = { await progress.take($0) }
        let run = UpgradeRun(client: client, options: options)
        do {
            let outcome = try await Interruption.run(pause: options.pause, drawing: progress) {
                try await body(run)
            }
            await progress.finish(outcome)
            return outcome
        } catch let error as JournalError where error.isLackOfRoom {
            Terminal.standard.error("keelstep: \(error)")
            throw ExitCode.paused
        }
    }

    func options(_ settings: Settings, _ nodes: NodeWays) -> UpgradeRun.Options {
        var options = UpgradeRun.Options(
            stateDirectory: settings.stateDir,
            backupDirectory: backupDir ?? settings.backupDir,
            toolVersion: Keelstep.version,
            transport: { try nodes[$0] }
        )
        options.stepLimit = stepTimeout
        return options
    }
}
