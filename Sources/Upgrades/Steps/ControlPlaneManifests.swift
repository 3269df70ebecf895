import KubernetesVersions
import Nodes
import Runs

/// The control plane's versions by the manifests of a node.
struct ControlPlaneManifests: Sendable, Hashable {
    typealias Component = StaticPodManifests.Component

    static let components: [Component] = [.apiServer, .controllerManager, .scheduler]

    /// Images by component, etcd's among them where the node has a member.
    var images: [Component: String]

    static func read(_ node: RemoteNode) async throws -> Self {
        let images = try await StaticPodManifests(node).images()
        for component in components {
            guard let image = images[component], StaticPodManifests.version(ofImage: image) == nil else { continue }
            throw StepError.permanent(
                "the tag of \(image) on node \(node.name) is no version",
                remedy: "kubeadm writes images with a version tag; put its manifest back"
            )
        }
        return Self(images: images)
    }

    func version(of component: Component) -> KubernetesVersion? {
        images[component].flatMap { StaticPodManifests.version(ofImage: $0) }
    }

    func isAtLeast(_ version: KubernetesVersion) -> Bool { behind(version).isEmpty }

    /// Components below the version, or without a manifest.
    func behind(_ version: KubernetesVersion) -> [Component] {
        Self.components.filter { component in self.version(of: component).map { $0 < version } ?? true }
    }
}
