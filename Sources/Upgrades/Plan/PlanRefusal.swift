package import KubernetesVersions

/// Why no plan is made: what stands in the way, and what to do about it.
package enum PlanRefusal: Error, Sendable, Hashable {
    // The target
    case preRelease(KubernetesVersion)
    case otherMajor(from: KubernetesVersion, to: KubernetesVersion)
    case downgrade(from: KubernetesVersion, to: KubernetesVersion)
    /// The repository of that minor was read and does not have it.
    case notOffered(KubernetesVersion, newest: KubernetesVersion?)
    /// No version can be chosen in a minor between.
    case minorUnreadable(MinorVersion, reason: String?)
    /// The target's own repository could not be read.
    case targetUnreadable(KubernetesVersion, reason: String?)
    case viaOffPath(KubernetesVersion)
    case viaPreRelease(KubernetesVersion)
    case viaInWrongMinor(MinorVersion, KubernetesVersion)
    case nothingToDo(KubernetesVersion)

    // The cluster as it is
    /// No node can be asked anything; the first, and why not.
    case noWayToNodes(first: String, reason: String)
    case noControlPlane
    case sameNameTwice(String)
    case controlPlaneUnknown([String], mayBeLeftOut: Bool = false)
    case controlPlaneApart(oldest: KubernetesVersion, newest: KubernetesVersion)
    case kubeletTooNew(node: String, kubelet: KubernetesVersion, apiServer: KubernetesVersion)
    case kubeletTooOld(node: String, kubelet: KubernetesVersion, apiServer: KubernetesVersion, allowed: Int)
    case externalEtcdUnreachable([String])
    case notReady([String], mayBeLeftOut: Bool = false)
    case cordoned([String], mayBeLeftOut: Bool = false)
    /// No other node is ready for the pods of this one.
    case nowhereToGo(String)

    // The choices
    case maxUnavailable(String)
    case negative(option: String, Int)
    case unknownNodes(option: String, [String])
    case canaryIsNoWorker([String])
    case canaryLeftOut([String])
    /// Chosen nodes would overtake an API server that stays behind.
    case controlPlaneLeftBehind([String], to: KubernetesVersion)
    /// A node that is left out would fall behind further than a kubelet may.
    case kubeletLeftBehind(node: String, kubelet: KubernetesVersion, apiServer: KubernetesVersion, allowed: Int)
}

extension PlanRefusal {
    package var reason: String {
        switch self {
        case .preRelease(let version): "\(version) is a pre-release"
        case .otherMajor(let from, let to): "there is no path from \(from) to another major version (\(to))"
        case .downgrade(let from, let to): "the control plane is at \(from) already: \(to) would be a downgrade"
        case .notOffered(let version, let newest):
            "\(version) is not in the package repository of v\(version.minorVersion)"
                + (newest.map { ", whose newest is \($0)" } ?? ", which offers nothing")
        case .minorUnreadable(let minor, let reason):
            "the package repository of v\(minor), which lies on the way, could not be read"
                + (reason.map { " (\($0))" } ?? "")
        case .targetUnreadable(let version, let reason):
            "the package repository of v\(version.minorVersion) could not be read"
                + (reason.map { " (\($0))" } ?? "") + ", so nobody knows whether it has \(version)"
        case .viaOffPath(let version): "--via \(version) is not on the way"
        case .viaPreRelease(let version): "--via \(version) is a pre-release"
        case .viaInWrongMinor(let minor, let version): "--via gives \(version) for v\(minor), which is another minor"
        case .nothingToDo(let target): "every chosen node is at \(target) already"
        case .noWayToNodes(let node, let reason):
            "no node can be reached, and a plan must know what is on them (\(node): \(reason))"
        case .noControlPlane: "the cluster has no node with the role control-plane"
        case .sameNameTwice(let name): "two nodes have the name \(name)"
        case .controlPlaneUnknown(let nodes, _):
            "the versions of the control plane on \(Self.list(nodes)) are not known"
        case .controlPlaneApart(let oldest, let newest):
            "API servers are more than one minor apart (\(oldest) and \(newest))"
        case .kubeletTooNew(let node, let kubelet, let apiServer):
            "the kubelet of \(node) (\(kubelet)) is newer than every API server (\(apiServer)): "
                + "the version skew is already broken"
        case .kubeletTooOld(let node, let kubelet, let apiServer, let allowed):
            "the kubelet of \(node) (\(kubelet)) is more than \(allowed) minors behind the API server "
                + "(\(apiServer)): the version skew is already broken"
        case .externalEtcdUnreachable(let endpoints):
            "the external etcd (\(Self.list(endpoints))) cannot be reached, "
                + "so neither its version nor a snapshot can be had"
        case .notReady(let nodes, _): "\(Self.list(nodes)) \(nodes.count == 1 ? "is" : "are") not Ready"
        case .cordoned(let nodes, _):
            "\(Self.list(nodes)) \(nodes.count == 1 ? "was" : "were") cordoned by somebody else beforehand"
        case .nowhereToGo(let node): "no other node is ready to take the pods of \(node)"
        case .maxUnavailable(let text): "--max-unavailable '\(text)' is neither a number of at least 1 nor a percentage"
        case .negative(let option, let value): "\(option) is \(value)"
        case .unknownNodes(let option, let names):
            "\(option) names \(Self.list(names)), and the cluster has no such node"
        case .canaryIsNoWorker(let names): "--canary names \(Self.list(names)), which is no worker"
        case .canaryLeftOut(let names): "--canary names \(Self.list(names)), which is left out of this upgrade"
        case .controlPlaneLeftBehind(let nodes, let to):
            "the control plane on \(Self.list(nodes)) stays behind, and no kubelet may be at \(to) before it"
        case .kubeletLeftBehind(let node, let kubelet, let apiServer, let allowed):
            "\(node) is left out, and its kubelet (\(kubelet)) would be more than \(allowed) minors behind \(apiServer)"
        }
    }

    package var remedy: String {
        switch self {
        case .preRelease, .viaPreRelease: "choose a release"
        case .otherMajor: "choose a version of the same major"
        case .downgrade: "choose a newer version; the way back is a restore from a backup"
        case .notOffered(_, let newest):
            newest.map { "choose a version it has, such as \($0), or mend the node's repository" }
                ?? "mend the node's repository"
        case .minorUnreadable(let minor, _): "mend the repository, or name the patch: --via v\(minor).PATCH"
        case .targetUnreadable(let version, _):
            "mend the repository, or vouch for the version yourself: --via \(version)"
        case .viaOffPath: "leave it out, or give a version of a minor between the cluster's and the target's"
        case .viaInWrongMinor(let minor, _): "write --via v\(minor).PATCH"
        case .nothingToDo: "nothing needs to be done; name a newer version to go on"
        case .noControlPlane: "see whether this is a kubeadm cluster: `kubectl get nodes --show-labels`"
        case .sameNameTwice: "survey again"
        case .controlPlaneUnknown(let nodes, let mayBeLeftOut):
            "make \(nodes.count == 1 ? "it" : "them") reachable (`keelstep survey` says why \(nodes.count == 1 ? "it is" : "they are") not)"
                + Self.leaveOut(nodes, mayBeLeftOut)
        case .noWayToNodes:
            "say in keelstep.yaml how nodes are reached (`keelstep init` writes it), and try it with `keelstep nodes ping`"
        case .controlPlaneApart: "bring the older control-plane nodes up by hand first, one minor at a time"
        case .kubeletTooNew: "put that node's kubelet back to the version of the API servers"
        case .kubeletTooOld(let node, _, _, _): "upgrade \(node) by hand first, or remove it from the cluster"
        case .externalEtcdUnreachable: "mend the way to it, from the control-plane nodes"
        case .notReady(let nodes, let mayBeLeftOut):
            "mend \(nodes.count == 1 ? "it" : "them")" + Self.leaveOut(nodes, mayBeLeftOut)
        case .cordoned(let nodes, let mayBeLeftOut):
            "uncordon \(nodes.count == 1 ? "it" : "them")" + Self.leaveOut(nodes, mayBeLeftOut)
        case .nowhereToGo(let node): "add a node, or accept that its pods stop for the time: --accept-outage \(node)"
        case .maxUnavailable: "write --max-unavailable 2 or --max-unavailable 20%"
        case .negative: "give zero or more"
        case .unknownNodes: "compare with `kubectl get nodes`"
        case .canaryIsNoWorker: "name workers; the control plane goes one node at a time anyway"
        case .canaryLeftOut: "choose a worker that takes part"
        case .controlPlaneLeftBehind:
            "let the whole control plane take part first, or remove that node from the cluster"
        case .kubeletLeftBehind(let node, _, _, _): "let \(node) take part, or remove it from the cluster"
        }
    }

    /// A stable name, for programs.
    package var code: String {
        switch self {
        case .preRelease: "pre-release"
        case .otherMajor: "other-major"
        case .downgrade: "downgrade"
        case .notOffered: "not-offered"
        case .minorUnreadable: "minor-unreadable"
        case .targetUnreadable: "target-unreadable"
        case .viaOffPath, .viaPreRelease, .viaInWrongMinor: "via"
        case .nothingToDo: "nothing-to-do"
        case .noWayToNodes: "no-way-to-nodes"
        case .noControlPlane: "no-control-plane"
        case .sameNameTwice: "same-name-twice"
        case .controlPlaneUnknown: "control-plane-unknown"
        case .controlPlaneApart: "control-plane-apart"
        case .kubeletTooNew: "kubelet-too-new"
        case .kubeletTooOld: "kubelet-too-old"
        case .externalEtcdUnreachable: "external-etcd-unreachable"
        case .notReady: "not-ready"
        case .cordoned: "cordoned"
        case .nowhereToGo: "nowhere-to-go"
        case .maxUnavailable: "max-unavailable"
        case .negative: "negative"
        case .unknownNodes: "unknown-nodes"
        case .canaryIsNoWorker, .canaryLeftOut: "canary"
        case .controlPlaneLeftBehind: "control-plane-left-behind"
        case .kubeletLeftBehind: "kubelet-left-behind"
        }
    }

    /// Of the program: 0 where all is done already, 2 where other words would do, 3 where the cluster is in the way.
    package var exitCode: Int32 {
        switch self {
        case .nothingToDo: 0
        case .preRelease, .otherMajor, .downgrade, .notOffered, .viaOffPath, .viaPreRelease, .viaInWrongMinor,
            .maxUnavailable, .negative, .unknownNodes, .canaryIsNoWorker, .canaryLeftOut, .controlPlaneLeftBehind,
            .kubeletLeftBehind:
            2
        case .minorUnreadable, .targetUnreadable, .noWayToNodes, .noControlPlane, .sameNameTwice, .controlPlaneUnknown,
            .controlPlaneApart, .kubeletTooNew, .kubeletTooOld, .externalEtcdUnreachable, .notReady, .cordoned,
            .nowhereToGo:
            3
        }
    }

    private static func list(_ names: [String]) -> String {
        let named = names.prefix(8).joined(separator: ", ")
        return names.count > 8 ? "\(named) and \(names.count - 8) more" : named
    }

    private static func leaveOut(_ names: [String], _ mayBeLeftOut: Bool) -> String {
        guard mayBeLeftOut else { return "; this upgrade cannot leave \(names.count == 1 ? "it" : "them") out" }
        return ", or leave out: \(skip(names))"
    }

    private static func skip(_ names: [String]) -> String {
        let options = names.prefix(8).map { "--skip-node \($0)" }.joined(separator: " ")
        return names.count > 8 ? "\(options) …" : options
    }
}

extension PlanRefusal: CustomStringConvertible {
    package var description: String { "\(reason); \(remedy)" }
}
