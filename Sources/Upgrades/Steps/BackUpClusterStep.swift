import Backups
import KubernetesClient
import KubernetesModel
import Runs

/// Before a hop: everything a way back needs. A snapshot of etcd, every control-plane node's files and package
/// versions, kubeadm's and the add-ons' ConfigMaps.
struct BackUpClusterStep: UpgradeStep {
    let work: StepWork

    func probe(_ context: StepContext) async throws -> Probe {
        try await StepBackup(work: work).probe(context) ?? .notStarted
    }

    func perform(_ context: StepContext) async throws {
        let etcd = try await work.etcdNodes(context)
        let objects = try await configMaps()
        let nodes = try await work.client.list(.nodes).items.map(Node.init)
        let versions = nodes.map { ("kubelet \($0.name)", $0.kubeletVersion) }
        try await StepBackup(work: work).take(context, versions: Dictionary(versions, uniquingKeysWith: { $1 })) {
            try await $0.addSnapshot(from: etcd, work, context)
            for node in work.controlPlaneNodes { try await $0.addFiles(of: node, work, context) }
            try await ObjectsBackup(objects).add(to: $0)
        }
    }

    private func configMaps() async throws -> [KubernetesObject] {
        var found: [KubernetesObject] = []
        for name in ObjectsBackup.configMaps {
            let key = ObjectKey(namespace: "kube-system", name: name)
            if let object = try await work.client.find(.configMaps, key) { found.append(object) }
        }
        return found
    }
}
