package import Foundation
package import KubernetesVersions

/// What one emulated node is made of.
package struct MachineSpec: Sendable {
    package var name: String
    /// The node's InternalIP, which exists in objects and manifests only.
    package var address: String
    package var isControlPlane: Bool
    package var version: KubernetesVersion
    package var repository: SandboxSpec.RepositoryStyle
    /// `host:port` of the cluster's controlPlaneEndpoint.
    package var endpoint: String
    /// Names and addresses of all control-plane nodes, in the order they joined.
    package var controlPlanes: [(name: String, address: String)]
    /// Files of `/etc/kubernetes` that somebody else makes (PKI, kubeconfigs), by absolute path.
    package var files: [String: [UInt8]]
    /// Whether kubeadm, kubelet and kubectl are on hold, as kubeadm's documentation has it.
    package var holdsPackages: Bool

    package init(
        name: String,
        address: String,
        isControlPlane: Bool,
        version: KubernetesVersion,
        repository: SandboxSpec.RepositoryStyle = .perMinor,
        endpoint: String = "127.0.0.1:6443",
        controlPlanes: [(name: String, address: String)] = [],
        files: [String: [UInt8]] = [:],
        holdsPackages: Bool = true
    ) {
        self.name = name
        self.address = address
        self.isControlPlane = isControlPlane
        self.version = version
        self.repository = repository
        self.endpoint = endpoint
        self.controlPlanes = controlPlanes
        self.files = files
        self.holdsPackages = holdsPackages
    }
}

/// What a node reaches outside of itself.
package struct MachineSurroundings: Sendable {
    /// The API, as kubeadm uses it with admin.conf or kubelet.conf.
    package var cluster: any ClusterAccess
    package var repositories: PackageRepositories
    package var clock: SandboxClock
    package var now: @Sendable () -> Date
    /// Why etcd is not healthy as seen from this node; nil when it is.
    package var etcdTrouble: @Sendable () async -> String?
    /// The node's certificates and kubeconfigs issued anew, by absolute path.
    package var renewedFiles: @Sendable () async throws -> [String: [UInt8]]

    package init(
        cluster: any ClusterAccess,
        repositories: PackageRepositories = PackageRepositories(),
        clock: SandboxClock = SandboxClock(),
        now: @escaping @Sendable () -> Date = { Date() },
        etcdTrouble: @escaping @Sendable () async -> String? = { nil },
        renewedFiles: @escaping @Sendable () async throws -> [String: [UInt8]] = { [:] }
    ) {
        self.cluster = cluster
        self.repositories = repositories
        self.clock = clock
        self.now = now
        self.etcdTrouble = etcdTrouble
        self.renewedFiles = renewedFiles
    }
}
