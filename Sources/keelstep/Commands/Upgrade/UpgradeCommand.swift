import ArgumentParser
import Runs
import Settings
import Survey
import Upgrades

struct UpgradeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "upgrade",
        abstract: "Upgrade the cluster: plan, then back up, control plane, workers, hop by hop.",
        discussion: """
            Ctrl-C finishes the step in hand and pauses; a second Ctrl-C stops at once. Either way, and after a kill \
            or a power failure, `keelstep resume` goes on from where the cluster stands.
            """
    )

    @OptionGroup(title: "Cluster") var cluster: ClusterOptions
    @OptionGroup(title: "Upgrade") var options: PolicyOptions
    @OptionGroup(title: "Run") var run: RunOptions
    @Flag(help: "Do not ask before beginning.") var yes = false
    @Flag(name: .customLong("dry-run"), help: "Only probe each step, and say how far reality is.") var dryRun = false

    func run() async throws {
        let settings = try cluster.settings()
        let terminal = Terminal.standard
        try await cluster.withCluster(settings) { client, nodes in
            let upgrade = UpgradeRun(client: client, options: run.options(settings, nodes))
            if !dryRun, let holder = try await upgrade.holder() {
                terminal.error(RunOutcome.refused(holder).ending)
                throw ExitCode.failure
            }
            let prepared = try await PreparedUpgrade(
                surveyor: Surveyor(client: client, transport: nodes.transport),
                target: options.to,
                policy: options.policy(settings.policy)
            )
            for line in try prepared.lines(isExplained: false) { terminal.note(line) }
            guard prepared.blockers.isEmpty else {
                terminal.error("nothing was done: the findings above block it")
                throw ExitCode.blocked
            }
            let plan = prepared.plan
            if dryRun {
                let steps = try await upgrade.rehearse(plan)
                for step in steps { terminal.print("\(step.step.id): \(step.found)") }
                terminal.print(steps.summary)
                return
            }
            if let line = try await upgrade.status(ofCluster: plan.clusterUID)?.givenUp { terminal.note("\n\(line)") }
            guard yes || terminal.confirms("Begin?") else {
                terminal.error("nothing was done; --yes begins without asking")
                throw ExitCode.usage
            }
            try await run.run(client, settings, nodes) { try await $0.start(plan) }
        }
    }
}
