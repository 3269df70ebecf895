import KubernetesClient
import KubernetesModel
import Nodes
import Runs

/// Before a hop: everything a way back needs. A snapshot of etcd, every control-plane node's files, kubeadm's and the
/// add-ons' ConfigMaps, and the package versions.
struct BackUpClusterStep: UpgradeStep {
    let work: StepWork

    func probe(_ context: StepContext) async throws -> Probe {
        BackupFolder(work).entries == nil ? .notStarted : .done
    }

    func perform(_ context: StepContext) async throws {
        let folder = BackupFolder(work)
        let etcd = try await work.etcdNodes(context)
        var entries: [BackupFolder.Entry] = []
        // A snapshot of an external etcd is asked of its own keepers: the planner has checked that it is reachable.
        if !etcd.isEmpty { entries.append(try await folder.takeSnapshot(work, context, from: etcd)) }
        var objects: [KubernetesObject] = []
        for name in ["kubeadm-config", "kubelet-config", "kube-proxy", "coredns"] {
            let key = ObjectKey(namespace: "kube-system", name: name)
            if let found = try await work.client.find(.configMaps, key) { objects.append(found) }
        }
        let text = JSONValue.array(objects.map(\.value)).prettyText + "\n"
        entries.append(try await folder.write(Array(text.utf8), as: "configmaps.json"))
        let nodes = try await work.client.list(.nodes).items.map(Node.init)
        let versions = JSONValue(Dictionary(nodes.map { ($0.name, $0.kubeletVersion) }, uniquingKeysWith: { $1 }))
        entries.append(try await folder.write(Array((versions.prettyText + "\n").utf8), as: "kubelets.json"))
        try await folder.seal(entries, of: context.run, at: context.now())
    }
}
