import ArgumentParser
import Foundation
import KubernetesClient
import KubernetesVersions
import Runs
import Sandbox
import Settings
import Survey
import Upgrades

/// The whole job on a simulated cluster, from nothing to nothing.
struct DemoCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "demo",
        abstract: "Watch a simulated cluster go two minor versions up, with backups, in about a minute.",
        discussion: """
            Starts a sandbox of three control-plane nodes (each a real etcd member) and five workers, loads a small \
            shop, upgrades it, prints the report, and removes it all. --keep leaves the sandbox to look at.
            """
    )

    @Option(help: "The version to start at.", transform: { try KubernetesVersion(parsing: $0) })
    var from = KubernetesVersion(1, 31, 4)

    @Option(help: "The version to end at.", transform: { try KubernetesVersion(parsing: $0) })
    var to = KubernetesVersion(1, 33, 2)

    @Flag(help: "Leave the sandbox running at the end.") var keep = false
    @OptionGroup(title: "Run") var run: RunOptions

    func validate() throws {
        do { _ = try SandboxSpec(version: from) } catch { throw ValidationError("--from: \(error)") }
    }

    func run() async throws {
        let folder = SandboxFolder(name: "demo-\(ProcessInfo.processInfo.processIdentifier)")
        let terminal = Terminal.standard
        let result: Result<Void, any Error>
        do {
            result = .success(try await Interruption.stopping { try await show(folder, terminal) })
        } catch { result = .failure(error) }
        if !keep, FileManager.default.fileExists(atPath: folder.path) {
            // An impatient Ctrl-C must not leave half of it.
            try await Signals.with { _ in try await SandboxLifecycle.down(folder) }
            terminal.note("sandbox '\(folder.name)' is gone")
        }
        try result.get()
    }

    private func show(_ folder: SandboxFolder, _ terminal: Terminal) async throws {
        let settings = try await begin(folder, terminal)
        try await ClusterOptions.parse([]).withCluster(settings) { client, nodes in
            var policy = PlanPolicy()
            policy.stableSeconds = settings.policy.stableSeconds ?? policy.stableSeconds
            policy.maxUnavailable = "2"
            let prepared = try await PreparedUpgrade(
                surveyor: Surveyor(client: client, transport: nodes.transport),
                target: to,
                policy: policy
            )
            for line in try prepared.lines(isExplained: false) { terminal.note(line) }
            guard prepared.blockers.isEmpty else { throw ExitCode.blocked }
            let plan = prepared.plan
            let outcome = try await run.outcome(client, settings, nodes) { try await $0.start(plan) }
            let report = try await UpgradeRun(client: client, options: .looking(settings)).report(of: nil)
            terminal.print(report.text(withCommands: false))
            guard outcome.exitCode == 0 else { throw ExitCode(outcome.exitCode) }
        }
    }

    /// Brings the sandbox up with the shop open for business.
    private func begin(_ folder: SandboxFolder, _ terminal: Terminal) async throws -> Settings {
        let spec = try SandboxSpec(name: folder.name, version: from, speed: 40)
        terminal.note("starting sandbox '\(folder.name)': 3 control-plane nodes, 5 workers, \(from)")
        _ = try await SandboxLifecycle.up(spec) { terminal.note("  \($0)") }
        terminal.note("opening the shop")
        _ = try await SandboxLifecycle.load(SampleShop.manifests, named: "the sample shop", into: folder)
        try await SandboxLifecycle.settle(folder)
        return try Settings.find(flag: folder.configuration)
    }
}
