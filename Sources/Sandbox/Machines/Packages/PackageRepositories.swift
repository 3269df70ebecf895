package import KubernetesVersions
import Nodes

/// The package repositories of the emulated Internet.
package struct PackageRepositories: Sendable {
    package struct Offer: Sendable, Hashable {
        package var package: String
        package var version: String

        package init(_ package: String, _ version: String) {
            self.package = package
            self.version = version
        }
    }

    package enum Failure: Error, Sendable, Hashable {
        case unknownHost(String)
        case forbidden
    }

    /// The address of the flat repository of a private mirror: every version in one place.
    package static let flatAddress = "https://mirror.keelstep.test/kubernetes/deb/"

    package static func address(_ style: SandboxSpec.RepositoryStyle, _ minor: MinorVersion) -> String {
        switch style {
        case .perMinor: "https://pkgs.k8s.io/core:/stable:/v\(minor)/deb/"
        case .flat: flatAddress
        }
    }

    package init() {}

    /// What the repository at `address` offers now.
    package func offers(at address: String) throws(Failure) -> [Offer] {
        let parts = address.split(separator: "/")
        let host = parts.count > 1 ? String(parts[1]) : address
        let hosts = ["pkgs.k8s.io", "packages.kubernetes.io", "mirror.keelstep.test", "deb.debian.org"]
        guard hosts.contains(host) || host == "security.debian.org" else { throw .unknownHost(host) }
        if host.hasSuffix("debian.org") { return Self.debian }
        if address.contains("core:/stable:/") {
            let minor = parts.lazy.compactMap { part -> MinorVersion? in
                guard part.hasPrefix("v") else { return nil }
                return try? MinorVersion(parsing: String(part))
            }.first
            guard let minor, !ReleaseCatalogue.versions(in: minor).isEmpty else { throw .forbidden }
            return Self.kubernetes(minor)
        }
        guard address.hasPrefix(String(Self.flatAddress.dropLast())) else { throw .forbidden }
        return Array(Set(ReleaseCatalogue.minors.flatMap(Self.kubernetes))).sorted {
            ($0.package, $0.version) < ($1.package, $1.version)
        }
    }

    private static let debian = [Offer("containerd", "1.6.20~ds1-1+deb12u1"), Offer("runc", "1.1.5+ds1-1+deb12u1")]

    static func kubernetes(_ minor: MinorVersion) -> [Offer] {
        let versions = ReleaseCatalogue.versions(in: minor).map { "\($0.withoutPrefix)-1.1" }
        return ["kubeadm", "kubectl", "kubelet"].flatMap { name in versions.map { Offer(name, $0) } } + [
            Offer("cri-tools", "1.\(minor.minor).0-1.1"), Offer("kubernetes-cni", cni(minor)),
        ]
    }

    static func cni(_ minor: MinorVersion) -> String {
        switch minor.minor {
        case ..<28: "1.1.1-1.1"
        case ..<30: "1.3.0-1.1"
        case ..<31: "1.4.0-1.1"
        case ..<32: "1.5.1-1.1"
        case ..<34: "1.6.0-1.1"
        case ..<36: "1.7.1-1.1"
        default: "1.8.0-1.1"
        }
    }

    /// What a package needs: name, and the lowest version (nil: any).
    static func needs(_ package: String, _ version: String) -> [(name: String, lowest: String?)] {
        let minor = Madison.kubernetesVersion(version)?.minor ?? 0
        switch package {
        case "kubeadm":
            if minor < 30 {
                return [
                    ("kubelet", "1.19.0"), ("kubectl", "1.19.0"), ("kubernetes-cni", "1.1.1"), ("cri-tools", "1.24.0"),
                ]
            }
            return minor < 32 ? [("cri-tools", "1.30.0")] : []
        case "kubelet": return [("kubernetes-cni", minor < 28 ? "1.1.1" : "1.2.0")]
        default: return []
        }
    }
}
