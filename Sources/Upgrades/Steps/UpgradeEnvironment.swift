package import Backups
package import KubernetesClient
package import Nodes
package import Runs

/// What the steps of an upgrade stand on.
package struct UpgradeEnvironment: Sendable {
    package var run: String
    package var plan: UpgradePlan
    package var client: KubernetesClient
    /// The way to a node, by name.
    package var transport: @Sendable (String) throws -> any Transport
    package var record: RunRecordKeeper
    /// Where the cluster's backup sets are kept.
    package var backups: BackupFolder
    /// What forbids a hop to begin, one line each, beyond what the gate itself looks at.
    package var blockers: @Sendable (Hop) async throws -> [String]
    /// An upper limit to every step's deadline but a drain's; nil for none.
    package var stepLimit: Duration?

    package init(
        run: String,
        plan: UpgradePlan,
        client: KubernetesClient,
        record: RunRecordKeeper,
        backups: BackupFolder,
        stepLimit: Duration? = nil,
        blockers: @escaping @Sendable (Hop) async throws -> [String] = { _ in [] },
        transport: @escaping @Sendable (String) throws -> any Transport
    ) {
        self.run = run
        self.plan = plan
        self.client = client
        self.record = record
        self.backups = backups
        self.stepLimit = stepLimit
        self.blockers = blockers
        self.transport = transport
    }

    var stable: Duration { .seconds(plan.policy.stableSeconds) }
}

/// A planned step with everything it needs: what the steps of this folder are made from.
struct StepWork: Sendable {
    let label: StepLabel
    let hop: Hop
    let environment: UpgradeEnvironment

    var client: KubernetesClient { environment.client }

    /// A node whose commands the step tells of, when it performs.
    func node(_ name: String, _ context: StepContext) throws -> RemoteNode {
        RemoteNode(
            name: name,
            transport: RecordingTransport(node: name, base: try environment.transport(name), context: context)
        )
    }
}

/// A step of an upgrade: its label is its work's.
protocol UpgradeStep: Step {
    var work: StepWork { get }
}

extension UpgradeStep {
    package var label: StepLabel { work.label }
}

/// Tells of every command that a step runs.
private struct RecordingTransport: Transport {
    let node: String
    let base: any Transport
    let context: StepContext

    func run(_ command: Command) async throws(TransportError) -> CommandResult {
        let start = ContinuousClock.now
        let result = try await base.run(command)
        let complaint = result.succeeded ? nil : String(result.errorText.suffix(300))
        await context.tell(
            .command(
                CommandRecord(
                    node: node,
                    argv: command.arguments,
                    exitCode: result.exitCode,
                    duration: ContinuousClock.now - start,
                    complaint: complaint,
                    isSecret: command.isSecret
                )
            )
        )
        return result
    }

    func login() async throws(TransportError) -> NodeLogin { try await base.login() }

    func withForwardedPort<Value: Sendable>(
        host: String,
        port: Int,
        _ body: @Sendable (_ localSocketPath: String) async throws -> Value
    ) async throws -> Value {
        try await base.withForwardedPort(host: host, port: port, body)
    }
}
