import KubernetesModel
import Nodes
import Runs

/// Gives the node back: its taint goes, and its cordon where Keelstep set it. Who else cordoned it, uncordons it.
struct UncordonStep: UpgradeStep {
    let work: StepWork
    let nodeName: String

    func probe(_ context: StepContext) async throws -> Probe {
        let node = try await work.client.node(nodeName)
        if node.isCordonedByKeelstep { return .notStarted }
        return node.isOutdated ? .halfDone("its taint is still there") : .done
    }

    func perform(_ context: StepContext) async throws {
        _ = try await work.client.giveBack(nodeName)
        let name = nodeName
        try await work.environment.record.update { $0.cordoned.removeAll { $0 == name } }
    }
}
