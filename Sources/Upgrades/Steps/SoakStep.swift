import KubernetesClient
import KubernetesModel
import Runs

/// Waits and watches after a batch: a node that does not stay Ready starts the wait anew, and pauses the run in the end.
struct SoakStep: UpgradeStep {
    let work: StepWork

    func probe(_ context: StepContext) async throws -> Probe { context.wasPerformed ? .done : .notStarted }

    func perform(_ context: StepContext) async throws {
        let skipped = Set(work.environment.plan.skipped.keys)
        try await context.hold(
            for: .seconds(work.environment.plan.policy.soakSeconds),
            watching: [Watched(resource: .nodes, selection: .init())],
            work.client
        ) {
            let nodes = try await work.client.list(.nodes).items.map(Node.init)
            let sick = nodes.filter { $0.isKubelet(atLeast: work.hop.to) && !$0.isReady && !skipped.contains($0.name) }
            return sick.isEmpty ? nil : "not Ready: \(sick.map(\.name).sorted().joined(separator: ", "))"
        }
    }
}
