import Nodes
import Runs

/// Lets kubeadm itself say whether it would upgrade the cluster.
struct KubeadmPlanStep: UpgradeStep {
    let work: StepWork
    let nodeName: String

    func probe(_ context: StepContext) async throws -> Probe {
        if context.wasPerformed { return .done }
        let node = try work.node(nodeName, context)
        if try await ControlPlaneManifests.read(node).isAtLeast(work.hop.to) { return .done }
        // A plan that a killed run began goes on there, with a Job of its own in the cluster.
        return try await KubeadmRun.underWay(on: node) ?? .notStarted
    }

    func perform(_ context: StepContext) async throws {
        let plan = try await Kubeadm(try work.node(nodeName, context)).plan(work.hop.to)
        let manual = plan.manualUpgrades
        guard manual.isEmpty else {
            throw StepError.permanent(
                "kubeadm asks for configurations to be migrated by hand: \(manual.joined(separator: ", "))",
                remedy: "see `kubeadm upgrade plan \(work.hop.to)` on node \(nodeName), then `keelstep resume`"
            )
        }
    }
}
