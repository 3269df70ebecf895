import KubernetesVersions

/// kubeadm's own rules about where an upgrade may go.
struct VersionPolicy {
    /// Nothing gets past these.
    var fatal: [String] = []
    /// `--force` gets past these.
    var skippable: [String] = []

    init(
        target: KubernetesVersion,
        cluster: KubernetesVersion,
        kubeadm: KubernetesVersion,
        kubelets: [KubernetesVersion]
    ) {
        let subject = "Specified version to upgrade to \"\(target)\""
        if target.minor < kubeadm.minor - 1 {
            fatal.append(
                "\(subject) is lower than the minimum supported version \"v\(kubeadm.major).\(kubeadm.minor - 1).0\""
            )
        }
        if target.minor > cluster.minor + 1 {
            fatal.append("\(subject) is too high; kubeadm can upgrade only 1 minor version at a time")
        }
        if target.minor < cluster.minor - 1 {
            fatal.append(
                "Specified version to downgrade to \"\(target)\" is too low; kubeadm can downgrade only 1 minor version at a time"
            )
        }
        if target.minor > kubeadm.minor {
            fatal.append(
                "\(subject) is at least one minor release higher than the kubeadm minor release "
                    + "(\(target.minor) > \(kubeadm.minor)). Such an upgrade is not supported"
            )
        } else if target > kubeadm {
            skippable.append(
                "\(subject) is higher than the kubeadm version \"\(kubeadm)\". Upgrade kubeadm first using the tool you "
                    + "used to install kubeadm"
            )
        }
        if kubeadm.minor > target.minor {
            skippable.append(
                "Kubeadm version \(kubeadm) can only be used to upgrade to Kubernetes version \(target.minorVersion)"
            )
        }
        if target.prerelease != nil {
            skippable.append(
                "\(subject) is an unstable version and such upgrades weren't allowed via setting the --allow-*-upgrades flags"
            )
        }
        let span = kubeadm.minor < 29 ? 1 : 3
        let old = Set(kubelets.filter { $0.minor < target.minor - span }).sorted()
        if !old.isEmpty {
            skippable.append(
                "There are kubelets in this cluster that are too old that have these versions "
                    + "[\(old.map(\.description).joined(separator: " "))]"
            )
        }
    }

    /// - Throws: ``KubeadmStop`` in kubeadm's words.
    func enforce(isForced: Bool) throws(KubeadmStop) {
        let prefix = "error execution phase preflight: the version argument is invalid due to these"
        func list(_ lines: [String]) -> String { lines.map { "\n\t- \($0)" }.joined() }
        guard fatal.isEmpty else {
            throw KubeadmStop(
                "\(prefix) fatal errors:\n\(list(fatal + skippable))\nPlease fix the misalignments highlighted above and "
                    + "try upgrading again"
            )
        }
        guard skippable.isEmpty || isForced else {
            throw KubeadmStop("\(prefix) errors:\n\(list(skippable))\nCan be bypassed if you pass the --force flag")
        }
    }
}
