import Nodes
import Runs

/// Lets kubeadm itself say whether it would upgrade the cluster.
struct KubeadmPlanStep: UpgradeStep {
    let work: StepWork
    let nodeName: String

    func probe(_ context: StepContext) async throws -> Probe {
        if context.wasPerformed { return .done }
        let manifests = try await ControlPlaneManifests.read(try work.node(nodeName, context))
        return manifests.isAtLeast(work.hop.to) ? .done : .notStarted
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
