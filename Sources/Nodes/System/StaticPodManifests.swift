import KubernetesModel
package import KubernetesVersions

/// The static pods a node's kubelet runs.
package struct StaticPodManifests: Sendable {
    package static let folder = "/etc/kubernetes/manifests"

    package let node: RemoteNode

    package init(_ node: RemoteNode) { self.node = node }

    package enum Component: String, Sendable, Hashable, CaseIterable {
        case etcd
        case apiServer = "kube-apiserver"
        case controllerManager = "kube-controller-manager"
        case scheduler = "kube-scheduler"

        package var path: String { "\(folder)/\(rawValue).yaml" }
    }

    /// The image of each component that has a manifest.
    package func images() async throws(NodeError) -> [Component: String] {
        var images: [Component: String] = [:]
        for component in Component.allCases {
            guard let text = try await NodeFiles(node).read(component.path) else { continue }
            guard let image = Self.image(in: text) else {
                throw .unreadable(node: node.name, what: "the image of \(component.path)", text: text)
            }
            images[component] = image
        }
        return images
    }

    /// The image of a manifest's first container.
    static func image(in text: String) -> String? {
        let object = try? YAML.objects(in: text).first
        return object?["spec", "containers"]?[0]?["image"]?.string
    }

    /// The version an image's tag names, `registry.k8s.io/kube-apiserver:v1.31.4`; nil for any other tag.
    package static func version(ofImage image: String) -> KubernetesVersion? {
        let name = image.split(separator: "@").first ?? ""
        guard let colon = name.lastIndex(of: ":") else { return nil }
        let tag = name[name.index(after: colon)...]
        return tag.contains("/") ? nil : try? KubernetesVersion(parsing: String(tag))
    }

    /// Traces of a `kubeadm upgrade` that did not come to its end: kubeadm removes this folder when it succeeds.
    package func leftovers() async throws(NodeError) -> [String] {
        let command = Command(
            "find",
            "/etc/kubernetes/tmp",
            "-maxdepth",
            "1",
            "-name",
            "kubeadm-upgraded-manifests*",
            environment: ["LC_ALL": "C"],
            isReadOnly: true
        )
        return try await node.run(command).text.split(whereSeparator: \.isNewline).map(String.init).sorted()
    }
}
