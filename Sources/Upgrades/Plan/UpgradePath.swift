import KubernetesVersions

/// The versions a cluster goes through: one for each hop, the last being the target.
struct UpgradePath {
    let versions: [KubernetesVersion]

    /// Finds the path from where the control plane and the kubelets stand.
    ///
    /// What was begun is finished first: a control plane between two minors goes on to the newer one, and kubelets a
    /// minor behind follow before the control plane goes further. Then comes the newest patch of each minor between.
    init(
        for input: PlanInput,
        controlPlane: [KubernetesVersion],
        chosenKubelets: [KubernetesVersion]
    ) throws(PlanRefusal) {
        let target = input.target
        guard let oldest = controlPlane.min(), let newest = controlPlane.max() else { throw .noControlPlane }
        guard target.prerelease == nil else { throw .preRelease(target) }
        guard target.major == newest.major else { throw .otherMajor(from: newest, to: target) }
        guard target >= newest else { throw .downgrade(from: newest, to: target) }
        var choice = try VersionChoice(input)
        try choice.checkTarget()

        var versions: [KubernetesVersion] = []
        let minor = newest.minorVersion
        if minor < target.minorVersion {
            if oldest.minorVersion < minor {
                versions.append(try choice.finish(minor, begunWith: newest))
            } else if chosenKubelets.contains(where: { $0.minorVersion < minor }) {
                let configured = input.clusterVersion.flatMap { $0.minorVersion == minor && $0 <= newest ? $0 : nil }
                versions.append(try choice.finish(minor, begunWith: configured ?? newest))
            }
            var between = minor.next
            while between < target.minorVersion {
                versions.append(try choice.choose(in: between))
                between = between.next
            }
        }
        versions.append(target)
        try choice.checkAllViasUsed()
        self.versions = versions
    }
}

/// Chooses a patch for a minor, by what the operator said and what the repositories offer.
private struct VersionChoice {
    let target: KubernetesVersion
    let offers: [String: [KubernetesVersion]]
    let unreadable: [String: String]
    var vias: [MinorVersion: KubernetesVersion] = [:]
    var used: Set<MinorVersion> = []

    init(_ input: PlanInput) throws(PlanRefusal) {
        target = input.target
        offers = input.offers
        unreadable = input.unreadable
        for (key, version) in input.policy.via.sorted(by: { $0.key < $1.key }) {
            guard version.prerelease == nil else { throw .viaPreRelease(version) }
            guard key == version.minorVersion.description else {
                guard let minor = try? MinorVersion(parsing: key) else { throw .viaOffPath(version) }
                throw .viaInWrongMinor(minor, version)
            }
            vias[version.minorVersion] = version
        }
    }

    func checkTarget() throws(PlanRefusal) {
        if let offered = offers[target.minorVersion.description] {
            guard offered.contains(target) else { throw .notOffered(target, newest: newest(of: offered)) }
        } else if vias[target.minorVersion] != target {
            throw .targetUnreadable(target, reason: unreadable[target.minorVersion.description])
        }
    }

    mutating func choose(in minor: MinorVersion) throws(PlanRefusal) -> KubernetesVersion {
        let offered = offers[minor.description]
        if let via = vias[minor] { return try take(via, offered: offered) }
        guard let offered else { throw .minorUnreadable(minor, reason: unreadable[minor.description]) }
        guard let newest = newest(of: offered) else { throw .minorUnreadable(minor, reason: "it offers nothing") }
        return newest
    }

    /// The version to end a begun minor with: the one it was begun with, unless the operator names a newer one.
    mutating func finish(
        _ minor: MinorVersion,
        begunWith version: KubernetesVersion
    ) throws(PlanRefusal) -> KubernetesVersion {
        guard let via = vias[minor] else { return version }
        guard via >= version else { throw .downgrade(from: version, to: via) }
        return try take(via, offered: offers[minor.description])
    }

    private mutating func take(
        _ via: KubernetesVersion,
        offered: [KubernetesVersion]?
    ) throws(PlanRefusal) -> KubernetesVersion {
        if let offered, !offered.contains(via) { throw .notOffered(via, newest: newest(of: offered)) }
        used.insert(via.minorVersion)
        return via
    }

    func checkAllViasUsed() throws(PlanRefusal) {
        let idle = vias.values.sorted().first { !used.contains($0.minorVersion) && $0 != target }
        if let idle { throw .viaOffPath(idle) }
    }

    private func newest(of offered: [KubernetesVersion]) -> KubernetesVersion? {
        offered.filter { $0.prerelease == nil }.max()
    }
}
