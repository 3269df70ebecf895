import KubernetesClient
import KubernetesModel
import Runs

/// Nothing of a hop begins before this is passed: the nodes it is about are there and Ready, and nobody else objects.
struct GateStep: UpgradeStep {
    let work: StepWork

    func probe(_ context: StepContext) async throws -> Probe { context.wasPerformed ? .done : .notStarted }

    func perform(_ context: StepContext) async throws {
        let nodes = Set(work.hop.stages.flatMap(\.turns).compactMap(\.node))
        try await context.hold(
            for: .zero,
            watching: [Watched(resource: .nodes, selection: .init())],
            work.client
        ) {
            let present = try await work.client.list(.nodes).items.map(Node.init)
            let missing = nodes.subtracting(present.map(\.name))
            if let name = missing.sorted().first {
                throw StepError.permanent(
                    "node \(name), which the plan upgrades, is gone from the cluster",
                    remedy: "plan anew: `keelstep upgrade`"
                )
            }
            // A node this run has cordoned may be in the middle of its own steps.
            let silent = present.filter { nodes.contains($0.name) && !$0.isReady && !$0.isCordonedByKeelstep }
            return silent.isEmpty ? nil : "not Ready: \(silent.map(\.name).joined(separator: ", "))"
        }
        let blockers = try await work.environment.blockers(work.hop)
        guard blockers.isEmpty else {
            throw StepError.permanent(
                blockers.joined(separator: "; "),
                remedy: "remove these, then `keelstep resume`"
            )
        }
    }
}
