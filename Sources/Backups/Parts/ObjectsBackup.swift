package import KubernetesModel

/// Objects of the cluster as the API gave them: kubeadm's ConfigMaps and those of its add-ons.
package struct ObjectsBackup: Sendable {
    package let objects: [KubernetesObject]

    /// What kubeadm rewrites in `kube-system` while it upgrades.
    package static let configMaps = ["kubeadm-config", "kubelet-config", "kube-proxy", "coredns"]

    package init(_ objects: [KubernetesObject]) { self.objects = objects }

    /// Adds them as one List that `kubectl apply` takes.
    package func add(to writer: BackupWriter, name: String = "objects/configmaps.json") async throws(BackupError) {
        let list: JSONValue = [
            "apiVersion": "v1", "kind": "List", "items": .array(objects.map(\.value)),
        ]
        try await writer.add(Array((list.prettyText + "\n").utf8), name: name, kind: .objects)
    }
}
