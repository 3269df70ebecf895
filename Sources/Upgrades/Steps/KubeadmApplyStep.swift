import KubernetesClient
import KubernetesModel
import KubernetesVersions
import Nodes
import Runs

/// `kubeadm upgrade apply` on the first control-plane node: its static pods, and the cluster's configuration.
struct KubeadmApplyStep: UpgradeStep {
    let work: StepWork
    let nodeName: String

    func probe(_ context: StepContext) async throws -> Probe {
        let node = try work.node(nodeName, context)
        return try await KubeadmRun(node: node, step: label.id).probe { try await lack(node) }
    }

    func perform(_ context: StepContext) async throws {
        let node = try work.node(nodeName, context)
        try await KubeadmRun(node: node, step: label.id).perform(context) {
            try await lack(node)
        } command: { kubeadm in
            await context.progress("kubeadm upgrades the control plane of \(nodeName)")
            try await kubeadm.apply(work.hop.to)
        }
    }

    private func lack(_ node: RemoteNode) async throws -> String? {
        let behind = try await ControlPlaneManifests.read(node).behind(work.hop.to)
        if !behind.isEmpty {
            return "\(behind.map(\.rawValue).joined(separator: ", ")) below \(work.hop.to)"
        }
        let key = ObjectKey(namespace: "kube-system", name: "kubeadm-config")
        let text = try await work.client.get(.configMaps, key)["data", "ClusterConfiguration"]?.string ?? ""
        let version = try YAML.objects(in: text).first?["kubernetesVersion"]?.string ?? ""
        guard let reached = try? KubernetesVersion(parsing: version), reached >= work.hop.to else {
            return "kubeadm-config says \(version.isEmpty ? "no version" : version)"
        }
        return nil
    }
}
