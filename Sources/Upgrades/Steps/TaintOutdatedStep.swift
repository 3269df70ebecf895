import KubernetesClient
import KubernetesModel
import Runs

/// Puts a soft taint on every node still to come in the hop, so that evicted pods prefer nodes that are done.
struct TaintOutdatedStep: UpgradeStep {
    let work: StepWork

    func probe(_ context: StepContext) async throws -> Probe {
        let nodes = try await outdated()
        let bare = nodes.filter { !$0.isOutdated }
        if bare.isEmpty { return .done }
        return bare.count == nodes.count
            ? .notStarted : .halfDone("\(bare.count) of \(nodes.count) nodes bear no taint")
    }

    func perform(_ context: StepContext) async throws {
        for node in try await outdated() where !node.isOutdated {
            try await work.client.setOutdated(true, on: node.name)
        }
    }

    /// The nodes that this hop drains and whose kubelet is not there yet.
    private func outdated() async throws -> [Node] {
        let steps = work.hop.stages.flatMap(\.turns).flatMap(\.steps)
        let drained = Set(steps.filter { $0.action == .drain }.compactMap(\.node))
        return try await work.client.list(.nodes).items.map(Node.init)
            .filter { drained.contains($0.name) && !$0.isKubelet(atLeast: work.hop.to) }
    }
}
