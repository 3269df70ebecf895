package import KubernetesModel
package import KubernetesVersions

/// What the ConfigMap `kubeadm-config` says (kubeadm.k8s.io ClusterConfiguration, v1beta2 to v1beta4).
package struct KubeadmConfiguration: Sendable, Hashable {
    package struct ExternalEtcd: Sendable, Hashable {
        package var endpoints: [String]
        /// Paths on the control-plane nodes.
        package var caFile: String
        package var certificateFile: String
        package var keyFile: String
    }

    package var apiVersion: String
    package var kubernetesVersion: KubernetesVersion?
    package var clusterName: String
    package var controlPlaneEndpoint: String
    package var imageRepository: String
    package var externalEtcd: ExternalEtcd?
    package var etcdDataFolder: String

    /// - Throws: `ModelError` when the ConfigMap holds no readable ClusterConfiguration.
    package init(_ configMap: KubernetesObject) throws {
        let text = configMap["data", "ClusterConfiguration"]?.string ?? ""
        let value = try YAML.value(in: text)
        apiVersion = value["apiVersion"]?.string ?? ""
        kubernetesVersion = value["kubernetesVersion"]?.string.flatMap { try? KubernetesVersion(parsing: $0) }
        clusterName = value["clusterName"]?.string ?? ""
        controlPlaneEndpoint = value["controlPlaneEndpoint"]?.string ?? ""
        imageRepository = value["imageRepository"]?.string ?? ""
        etcdDataFolder = value["etcd", "local", "dataDir"]?.string ?? "/var/lib/etcd"
        if let external = value["etcd", "external"] {
            externalEtcd = ExternalEtcd(
                endpoints: external["endpoints"]?.strings ?? [],
                caFile: external["caFile"]?.string ?? "",
                certificateFile: external["certFile"]?.string ?? "",
                keyFile: external["keyFile"]?.string ?? ""
            )
        }
    }
}
