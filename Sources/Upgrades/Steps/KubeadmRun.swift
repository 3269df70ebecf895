import KubernetesModel
import KubernetesVersions
import Nodes
import Runs

/// One `kubeadm upgrade …` on a node, of which there is never a second at the same time: a marker on the node says
/// whose it is, and one that still runs there is waited for.
struct KubeadmRun: Sendable {
    let node: RemoteNode
    let step: String

    /// That a kubeadm runs on the node, if one does.
    static func underWay(on node: RemoteNode) async throws -> Probe? {
        let running = try await Kubeadm(node).processes()
        guard !running.isEmpty else { return nil }
        let processes = running.map(String.init).joined(separator: ", ")
        return .underWay("kubeadm runs on node \(node.name) (process \(processes))")
    }

    /// How far the command is; `lack` says what is missing of its outcome, or nil when reality shows it whole.
    func probe(lack: () async throws -> String?) async throws -> Probe {
        if let underWay = try await Self.underWay(on: node) { return underWay }
        let marker = try await NodeMarker(node).read()
        guard let lack = try await lack() else {
            return marker?.step == step ? .halfDone("done, but its marker is left on the node") : .done
        }
        return marker?.step == step ? .halfDone("kubeadm was interrupted: \(lack)") : .notStarted
    }

    /// Runs `command` under the marker, unless nothing is missing any more.
    func perform(
        _ context: StepContext,
        lack: () async throws -> String?,
        command: (Kubeadm) async throws -> Void
    ) async throws {
        let kubeadm = Kubeadm(node)
        let running = try await kubeadm.processes()
        guard running.isEmpty else { throw NodeError.kubeadmRunning(node: node.name, processes: running) }
        let marker = NodeMarker(node)
        if try await lack() != nil {
            // Nobody else may be at work here: the run's lock is ours, and no kubeadm runs. An older mark is a dead
            // run's.
            let started = Timestamp.string(from: context.now())
            try await marker.take(NodeMarker.Content(run: context.run, step: step, started: started))
            do { try await command(kubeadm) } catch let error as NodeError {
                // Where the command surely ended, so does its marker; where its fate is unknown, the marker tells.
                if case .kubeadm = error { try await marker.remove() }
                throw error
            }
        }
        try await marker.remove()
    }
}
