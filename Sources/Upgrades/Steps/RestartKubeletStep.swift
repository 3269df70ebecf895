import Draining
import KubernetesClient
import KubernetesModel
import KubernetesVersions
import Nodes
import Runs

/// Makes the installed kubelet the one that runs. It never moves a minor version while pods are on the node.
struct RestartKubeletStep: UpgradeStep {
    let work: StepWork
    let nodeName: String

    func probe(_ context: StepContext) async throws -> Probe {
        let running: Bool
        do { running = try await work.client.node(nodeName).isKubelet(atLeast: work.hop.to) } catch {
            guard TroubleSorter.isAbsence(error) else { throw error }
            // Nobody else knows which version runs; that it was restarted, and is up, is what the node can tell.
            let node = try work.node(nodeName, context)
            return context.wasPerformed
                ? try await Kubelet(node).isRunning() ? .done : .halfDone("it is down") : .notStarted
        }
        let unit = try await Systemd(try work.node(nodeName, context)).show("kubelet")
        if !unit.isActive { return .halfDone("the kubelet is \(unit.activeState.isEmpty ? "down" : unit.activeState)") }
        if running { return .done }
        return context.wasPerformed ? .underWay("the new kubelet has not reported yet") : .notStarted
    }

    func perform(_ context: StepContext) async throws {
        try await refuseWithPods(context)
        let kubelet = Kubelet(try work.node(nodeName, context))
        try await kubelet.restart()
        guard try await kubelet.isRunning() else {
            throw StepError.failed(
                "the kubelet of node \(nodeName) does not stay up after its restart",
                remedy: "see `journalctl -u kubelet` on node \(nodeName), then `keelstep resume`"
            )
        }
    }

    private func refuseWithPods(_ context: StepContext) async throws {
        let node: Node
        let pods: [Pod]
        do {
            node = try await work.client.node(nodeName)
            pods = try await work.client.list(.pods, fieldSelector: "spec.nodeName=\(nodeName)").items.map(Pod.init)
        } catch  where TroubleSorter.isAbsence(error) {
            return  // the drain was proven in this turn, and a cordon outlives the API's absence
        }
        guard let running = node.kubelet, running.minorVersion < work.hop.to.minorVersion else { return }
        var policy = DrainPolicy()
        policy.ignoreDaemonSets = true
        policy.force = true
        policy.deleteEmptyDirData = true
        let left = DrainSorting(pods, policy, missingDaemonSets: [], at: context.now()).victims
        guard node.isUnschedulable, left.isEmpty else {
            throw StepError.permanent(
                "node \(nodeName) is no longer drained"
                    + (left.isEmpty ? "" : ": \(left.map(\.key.description).joined(separator: ", ")) run on it"),
                remedy: "`keelstep resume` drains it again"
            )
        }
    }
}
