package import KubernetesVersions

/// What was released: Kubernetes 1.24 to 1.36, and the images each kubeadm brings (state of 2026-08-22).
package enum ReleaseCatalogue {
    /// The newest patch of each minor; earlier ones count up from 0.
    package static let newestPatches: [Int: Int] = [
        24: 17, 25: 16, 26: 15, 27: 16, 28: 15, 29: 15, 30: 14, 31: 14, 32: 13, 33: 13, 34: 11, 35: 8, 36: 4,
    ]

    package static var minors: [MinorVersion] { newestPatches.keys.sorted().map { MinorVersion(1, $0) } }

    /// Ascending; empty for a minor that was never packaged.
    package static func versions(in minor: MinorVersion) -> [KubernetesVersion] {
        guard minor.major == 1, let newest = newestPatches[minor.minor] else { return [] }
        return (0...newest).map { KubernetesVersion(1, minor.minor, $0) }
    }

    package static func exists(_ version: KubernetesVersion) -> Bool {
        versions(in: version.minorVersion).contains(version)
    }

    /// What there is to choose from, in words: of a minor that is known its patches, otherwise the minors.
    package static func range(around minor: MinorVersion) -> String {
        let known = versions(in: minor)
        if let first = known.first, let last = known.last { return "\(first) to \(last) of that minor" }
        let newest = minors.last.flatMap { versions(in: $0).last }
        return "\(minors.first.map { "v\($0).0" } ?? "none") to \(newest?.description ?? "none")"
    }

    /// Rows of minor, first patch and tag; a row holds until the next.
    private static let etcd: [(Int, Int, String)] = [
        (24, 0, "3.5.3-0"), (24, 8, "3.5.5-0"), (24, 9, "3.5.6-0"), (25, 0, "3.5.4-0"), (25, 4, "3.5.5-0"),
        (25, 5, "3.5.6-0"), (25, 15, "3.5.9-0"), (26, 0, "3.5.6-0"), (26, 10, "3.5.9-0"), (26, 13, "3.5.10-0"),
        (27, 0, "3.5.7-0"), (27, 7, "3.5.9-0"), (27, 10, "3.5.10-0"), (27, 12, "3.5.12-0"), (28, 0, "3.5.9-0"),
        (28, 6, "3.5.10-0"), (28, 8, "3.5.12-0"), (28, 14, "3.5.15-0"), (29, 0, "3.5.10-0"), (29, 3, "3.5.12-0"),
        (29, 9, "3.5.15-0"), (29, 11, "3.5.16-0"), (30, 0, "3.5.12-0"), (30, 5, "3.5.15-0"), (31, 0, "3.5.15-0"),
        (31, 14, "3.5.24-0"), (32, 0, "3.5.16-0"), (32, 10, "3.5.24-0"), (33, 0, "3.5.21-0"), (33, 6, "3.5.24-0"),
        (34, 0, "3.6.4-0"), (34, 2, "3.6.5-0"), (35, 0, "3.6.6-0"), (36, 0, "3.6.8-0"),
    ]

    private static let coreDNS: [(Int, Int, String)] = [
        (24, 0, "v1.8.6"), (25, 0, "v1.9.3"), (27, 0, "v1.10.1"), (29, 0, "v1.11.1"), (30, 5, "v1.11.3"),
        (31, 0, "v1.11.1"), (31, 1, "v1.11.3"), (33, 0, "v1.12.0"), (34, 0, "v1.12.1"), (35, 0, "v1.13.1"),
        (36, 0, "v1.14.2"),
    ]

    private static let pause: [(Int, Int, String)] = [
        (24, 0, "3.7"), (25, 0, "3.8"), (26, 0, "3.9"), (31, 0, "3.10"), (34, 0, "3.10.1"), (36, 0, "3.10.2"),
    ]

    private static func tag(_ rows: [(Int, Int, String)], _ version: KubernetesVersion) -> String {
        rows.last { ($0.0, $0.1) <= (version.minor, version.patch) }?.2 ?? rows.first?.2 ?? ""
    }

    package static func etcdTag(_ version: KubernetesVersion) -> String { tag(etcd, version) }
    package static func coreDNSTag(_ version: KubernetesVersion) -> String { tag(coreDNS, version) }
    package static func pauseTag(_ version: KubernetesVersion) -> String { tag(pause, version) }

    package static func image(
        _ component: String,
        _ version: KubernetesVersion,
        repository: String = "registry.k8s.io"
    ) -> String {
        switch component {
        case "etcd": "\(repository)/etcd:\(etcdTag(version))"
        case "coredns": "\(repository)/coredns/coredns:\(coreDNSTag(version))"
        case "pause": "\(repository)/pause:\(pauseTag(version))"
        default: "\(repository)/\(component):\(version)"
        }
    }

    /// What `kubeadm config images list` prints, in its order.
    package static func images(_ version: KubernetesVersion, repository: String = "registry.k8s.io") -> [String] {
        ["kube-apiserver", "kube-controller-manager", "kube-scheduler", "kube-proxy", "coredns", "pause", "etcd"]
            .map { image($0, version, repository: repository) }
    }
}
