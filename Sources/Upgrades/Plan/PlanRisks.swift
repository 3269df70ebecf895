import KubernetesVersions

/// What a plan's reader should know before saying yes.
enum PlanRisks {
    static func unavailable(_ plan: UpgradePlan, _ input: PlanInput, _ facts: PlanFacts) -> [String] {
        var lines: [String] = []
        let controlPlane = input.nodes.filter { $0.role == .controlPlane }.map(\.name)
        let movesControlPlane = plan.hops.contains { $0.stages.contains { $0.kind == .controlPlane } }
        if movesControlPlane, controlPlane.count == 1, let only = controlPlane.first {
            lines.append("the Kubernetes API, for about a minute a hop while its server restarts on \(only)")
        } else if movesControlPlane {
            lines.append("one API server at a time, of \(controlPlane.count)")
        }
        if movesControlPlane, case .stacked(let members) = input.etcd, members.count > 1 {
            let spare = (members.count - 1) / 2
            lines.append(
                "one etcd member at a time, of \(members.count)"
                    + (spare == 1 ? ": no other may fail meanwhile" : "")
                    + (spare == 0 ? ": etcd stands still meanwhile" : "")
            )
        }
        let workers = input.nodes.count { $0.role == .worker }
        let together = plan.hops.flatMap(\.stages).filter { $0.kind == .workers }.map(\.concurrency).max() ?? 0
        if together > 0 { lines.append("up to \(together) of \(workers) workers at once") }
        let outages = Set(plan.policy.acceptOutage)
        for node in plan.steps.filter({ $0.action == .drain }).compactMap(\.node).uniqued() where outages.contains(node)
        {
            lines.append("the pods of \(node) that no other node can take, while it is upgraded (--accept-outage)")
        }
        if plan.steps.contains(where: { $0.action == .drain }) {
            for single in facts.singles.prefix(20) { lines.append("\(single), which has one replica, while it moves") }
            if facts.singles.count > 20 { lines.append("and \(facts.singles.count - 20) more with one replica") }
        }
        return lines
    }

    static func risks(_ plan: UpgradePlan, _ input: PlanInput) -> [String] {
        var lines: [String] = []
        var minor = input.nodes.compactMap(\.controlPlane).min()?.minorVersion
        for hop in plan.hops {
            if hop.to.minorVersion != minor, let note = notes[hop.to.minorVersion.description] {
                lines.append("v\(hop.to.minorVersion): \(note)")
            }
            minor = hop.to.minorVersion
        }
        let apiServers = input.nodes.compactMap(\.controlPlane)
        for node in input.nodes {
            guard case .aheadOfSome(let oldest) = SkewPolicy.standing(ofKubelet: node.kubelet, among: apiServers)
            else { continue }
            lines.append(
                "until the control plane is level, the kubelet of \(node.name) (\(node.kubelet)) is newer than an API "
                    + "server (\(oldest))"
            )
        }
        if case .external = input.etcd {
            lines.append("etcd is external: its snapshot is taken, its upgrade is yours")
        }
        if plan.policy.deleteEmptyDirData { lines.append("data in emptyDir volumes is lost (--delete-emptydir-data)") }
        if plan.policy.force { lines.append("pods without a controller do not come back (--force)") }
        if case .nodes = plan.policy.only {
            let waiting = plan.hops.last.map { hop in
                let moved = Set(
                    hop.stages.filter { $0.kind == .controlPlaneKubelets }.flatMap(\.turns).compactMap(\.node)
                )
                return hop.stages.filter { $0.kind == .controlPlane }.flatMap(\.turns).compactMap(\.node)
                    .filter { !moved.contains($0) }
            }
            if let waiting, !waiting.isEmpty {
                lines.append(
                    "the kubelet of \(waiting.joined(separator: ", ")) stays until the whole control plane is level"
                )
            }
        }
        return lines
    }

    /// What a minor brings that a reader should have heard of, by minor.
    private static let notes = [
        "1.22": "etcd goes from 3.4 to 3.5; beta APIs of Ingress, webhooks and CustomResourceDefinitions are gone",
        "1.24": "dockershim is gone: every node needs a CRI runtime before",
        "1.25": "PodSecurityPolicy is gone",
        "1.34": "etcd goes from 3.5 to 3.6; the way back is a restore of the snapshot",
        "1.35": "kubelets no longer start on cgroup v1 by default",
        "1.37": "etcd goes from 3.6 to 3.7; the way back is a restore of the snapshot",
    ]
}

extension Sequence where Element: Hashable {
    /// Each element once, where it first stands.
    func uniqued() -> [Element] {
        var seen: Set<Element> = []
        return filter { seen.insert($0).inserted }
    }
}
