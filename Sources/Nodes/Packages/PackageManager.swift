package import KubernetesVersions

/// How a node's distribution keeps Kubernetes packages: where they come from, what is there, how they change.
package protocol PackageManager: Sendable {
    /// The versions of `package` that the node's own repository offers in a minor version, ascending. Asking changes
    /// nothing on the node.
    func offers(of package: String, in minor: MinorVersion) async throws(NodeError) -> [KubernetesVersion]

    /// Lets the node's repository be that of the minor version, and reads its lists.
    func switchRepository(to minor: MinorVersion) async throws(NodeError)

    /// Installs exactly this version of the packages; holds are afterwards as they were before.
    func install(_ packages: [String], _ version: KubernetesVersion) async throws(NodeError)

    /// What is installed of the packages; one that is not known at all is absent.
    func status(of packages: [String]) async throws(NodeError) -> [PackageStatus]
}
