import KubernetesModel
import Nodes
import Runs

/// `kubeadm upgrade node`: the static pods of a further control-plane node, or a worker's kubelet configuration.
struct KubeadmUpgradeNodeStep: UpgradeStep {
    let work: StepWork
    let nodeName: String

    func probe(_ context: StepContext) async throws -> Probe {
        let node = try work.node(nodeName, context)
        return try await KubeadmRun(node: node, step: label.id).probe { try await lack(node, context) }
    }

    func perform(_ context: StepContext) async throws {
        let node = try work.node(nodeName, context)
        try await KubeadmRun(node: node, step: label.id).perform(context) {
            try await lack(node, context)
        } command: { kubeadm in
            await context.progress("kubeadm upgrades \(nodeName)")
            try await kubeadm.upgradeNode()
        }
    }

    private func lack(_ node: RemoteNode, _ context: StepContext) async throws -> String? {
        let manifests = try await ControlPlaneManifests.read(node)
        if !manifests.images.isEmpty {
            let behind = manifests.behind(work.hop.to)
            return behind.isEmpty ? nil : "\(behind.map(\.rawValue).joined(separator: ", ")) below \(work.hop.to)"
        }
        // A worker's new configuration bears no version. It was written if the command returned in this run, and
        // before the kubelet moved; otherwise it is written once more, which does no harm.
        if context.wasPerformed { return nil }
        let kubelet = try await work.client.node(nodeName)
        return kubelet.isKubelet(atLeast: work.hop.to) ? nil : "the kubelet's configuration is not known to be new"
    }
}
