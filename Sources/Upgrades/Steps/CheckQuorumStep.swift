import KubernetesModel
import Runs

/// Before a control-plane node is touched: etcd keeps its quorum while this node's member restarts.
struct CheckQuorumStep: UpgradeStep {
    let work: StepWork
    let nodeName: String

    func probe(_ context: StepContext) async throws -> Probe {
        guard context.wasPerformed else { return .notStarted }
        return try await objection(context) == nil ? .done : .notStarted
    }

    func perform(_ context: StepContext) async throws {
        try await context.hold(for: .zero, watching: [], work.client) { try await objection(context) }
    }

    private func objection(_ context: StepContext) async throws -> String? {
        let nodes = try await work.etcdNodes(context)
        guard nodes.contains(nodeName) else { return nil }  // external etcd: its members do not restart with ours
        return try await work.etcdHealth(nodes, context).objection(toRestarting: nodeName)
    }
}
