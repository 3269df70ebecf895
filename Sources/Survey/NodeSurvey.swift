package import Foundation
import KubernetesModel
package import KubernetesVersions
package import Nodes

/// One node: what the API says of it, and what it says itself where we may ask it.
package struct NodeSurvey: Sendable, Hashable {
    // From the API
    package var name: String
    package var uid: String
    package var isControlPlane: Bool
    /// Empty when it has none.
    package var zone: String
    package var internalIP: String
    package var isReady: Bool
    /// Why it is not Ready, as its condition says.
    package var notReadyReason: String?
    package var isCordoned: Bool
    /// The run of ours that cordoned it.
    package var cordonedBy: String?
    /// The kubelet that runs.
    package var kubelet: KubernetesVersion?
    package var containerRuntime: String
    package var osImage: String
    package var kernel: String
    package var architecture: String
    package var podCount: Int
    /// Control-plane components by their static pods, from the manifests or else from the mirror pods.
    package var components: [ComponentSurvey] = []

    // From the node
    /// Nil when the node was asked and answered.
    package var accessProblem: String?
    package var packages: [PackageSurvey] = []
    package var kubeadmBinary: KubernetesVersion?
    /// The kubelet on disk; the one that runs may be another.
    package var kubeletBinary: KubernetesVersion?
    package var certificates: [CertificateSurvey] = []
    /// The apt source with its minor left out: equal on nodes that share a repository.
    package var repository: String?
    package var repositoryProblem: String?
    /// Free bytes where etcd keeps its data.
    package var etcdDiskFree: Int64?
    /// Traces of a kubeadm upgrade that did not end.
    package var leftovers: [String] = []
    /// The run that is at work on the node, by its marker.
    package var markedBy: String?
    /// Single readings that failed.
    package var problems: [String] = []

    package init(
        name: String,
        uid: String,
        isControlPlane: Bool,
        zone: String = "",
        internalIP: String = "",
        isReady: Bool = true,
        isCordoned: Bool = false,
        kubelet: KubernetesVersion?,
        containerRuntime: String = "",
        osImage: String = "",
        kernel: String = "",
        architecture: String = "",
        podCount: Int = 0
    ) {
        self.name = name
        self.uid = uid
        self.isControlPlane = isControlPlane
        self.zone = zone
        self.internalIP = internalIP
        self.isReady = isReady
        self.isCordoned = isCordoned
        self.kubelet = kubelet
        self.containerRuntime = containerRuntime
        self.osImage = osImage
        self.kernel = kernel
        self.architecture = architecture
        self.podCount = podCount
    }

    package func component(_ component: StaticPodManifests.Component) -> ComponentSurvey? {
        components.first { $0.component == component }
    }

    package func package(_ name: String) -> PackageSurvey? { packages.first { $0.name == name } }

    /// The lowest version among API server, controller manager and scheduler; nil unless all are known.
    package var controlPlaneVersion: KubernetesVersion? {
        let versions = [StaticPodManifests.Component.apiServer, .controllerManager, .scheduler].map {
            component($0)?.version
        }
        return versions.contains(nil) ? nil : versions.compactMap(\.self).min()
    }
}

/// One static pod of a control-plane node.
package struct ComponentSurvey: Sendable, Hashable {
    package enum Source: String, Sendable, Hashable {
        case manifest
        case mirrorPod = "mirror pod"
    }

    package var component: StaticPodManifests.Component
    package var image: String
    package var source: Source

    package init(component: StaticPodManifests.Component, image: String, source: Source) {
        self.component = component
        self.image = image
        self.source = source
    }

    /// Nil for etcd, and for tags that are no version.
    package var version: KubernetesVersion? { StaticPodManifests.version(ofImage: image) }

    /// What stands after the last colon of the image.
    package var tag: String { image.split(separator: ":").last.map(String.init) ?? "" }
}

package struct PackageSurvey: Sendable, Hashable {
    package var name: String
    /// As the distribution writes it.
    package var version: String
    package var isHeld: Bool
    package var isHalfDone: Bool

    package init(name: String, version: String, isHeld: Bool, isHalfDone: Bool = false) {
        self.name = name
        self.version = version
        self.isHeld = isHeld
        self.isHalfDone = isHalfDone
    }

    package var kubernetesVersion: KubernetesVersion? { Madison.kubernetesVersion(version) }
}

package struct CertificateSurvey: Sendable, Hashable {
    package var name: String
    package var expires: Date
    package var isAuthority: Bool

    package init(name: String, expires: Date, isAuthority: Bool) {
        self.name = name
        self.expires = expires
        self.isAuthority = isAuthority
    }
}
