import KubernetesClient
import KubernetesModel
import Nodes
import Runs

/// A node is Ready at the version with its static and DaemonSet pods Ready, held for the stable period: only then may
/// other pods come back.
struct VerifyNodeStep: UpgradeStep {
    let work: StepWork
    let nodeName: String

    func probe(_ context: StepContext) async throws -> Probe {
        guard context.wasPerformed else { return .notStarted }
        return try await lack().map { .halfDone($0) } ?? .done
    }

    func perform(_ context: StepContext) async throws {
        try await context.hold(
            for: work.environment.stable,
            watching: [.node(nodeName), .pods(on: nodeName)],
            work.client
        ) {
            if let lack = try await lack() { return lack }
            let unit = try await Systemd(try work.node(nodeName, context)).show("kubelet")
            return unit.isActive ? nil : "the kubelet of \(nodeName) is \(unit.activeState)"
        }
    }

    private func lack() async throws -> String? {
        let node = try await work.client.node(nodeName)
        if !node.isKubelet(atLeast: work.hop.to) { return "its kubelet still reports \(node.kubeletVersion)" }
        if !node.isReady {
            return "node \(nodeName) is not Ready: \(node.object.condition("Ready")?.message ?? "no condition")"
        }
        let pods = try await work.client.list(.pods, fieldSelector: "spec.nodeName=\(nodeName)").items.map(Pod.init)
        let waiting = pods.filter { ($0.isMirror || $0.isDaemonSetPod) && !$0.isFinished && !$0.isReady }
        return waiting.isEmpty
            ? nil : "not Ready on \(nodeName): \(waiting.map(\.name).sorted().joined(separator: ", "))"
    }
}
