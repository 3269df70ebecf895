import KubernetesVersions
import Survey

/// A plan as people read it.
package enum PlanText {
    /// `keelstep plan`: the path, the stages of each hop, what will be away.
    package static func lines(_ plan: UpgradePlan, annex: PlanAnnex, digest: String) -> [String] {
        var lines = head(plan, annex, digest)
        for (hop, estimate) in zip(plan.hops, annex.hops) {
            lines += ["", "Hop \(hop.number): \(hop.from) → \(hop.to), about \(DurationWords.about(estimate.seconds))"]
            lines += TextColumns.lines(
                header: ["STAGE", "NODES", "AT ONCE", "STEPS", "ABOUT"],
                rows: rows(hop, estimate),
                indent: "  "
            )
        }
        lines += list("Not touched", skippedRows(plan))
        lines += list("Away for a while", annex.unavailable)
        lines += list("To be known", annex.risks)
        return lines
    }

    /// `keelstep plan --explain`: what a person would type instead, in order.
    package static func explained(_ plan: UpgradePlan, annex: PlanAnnex, digest: String) -> [String] {
        var lines = head(plan, annex, digest)
        lines += ["", "$ is a shell where kubectl is, NODE# one as root on that node."]
        let entries = Dictionary(
            Runbook(for: plan).entries.map { ($0.step.id, $0.lines) },
            uniquingKeysWith: { first, _ in first }
        )
        for hop in plan.hops {
            lines += ["", "Hop \(hop.number): \(hop.from) → \(hop.to)"]
            for stage in hop.stages {
                lines += [
                    "", "  \(stage.title)" + (stage.concurrency > 1 ? ", \(stage.concurrency) nodes at once" : ""),
                ]
                for step in stage.turns.flatMap(\.steps) {
                    lines += ["", "    # \(title(of: step))"]
                    lines += (entries[step.id] ?? []).map { "    \(text($0))" }
                }
            }
        }
        return lines
    }

    /// What a step does, in a few words: `drain worker-1`.
    package static func title(of step: PlannedStep) -> String {
        let what =
            switch step.action {
            case .gate: "look before touching"
            case .backUpCluster: "back up the cluster"
            case .taintOutdated: "mark the nodes still to come"
            case .backUpNode: "back up etcd and the files of"
            case .checkQuorum: "check etcd's quorum before"
            case .switchRepository: "switch the package repository of"
            case .installKubeadm: "install kubeadm on"
            case .kubeadmPlan: "let kubeadm check the upgrade on"
            case .kubeadmApply: "upgrade the control plane with kubeadm on"
            case .kubeadmUpgradeNode: "upgrade with kubeadm on"
            case .verifyControlPlane: "verify the control plane on"
            case .drain: "drain"
            case .installKubelet: "install kubelet and kubectl on"
            case .restartKubelet: "restart the kubelet on"
            case .verifyNode: "verify"
            case .uncordon: "uncordon"
            case .soak: "soak"
            case .settle: "settle"
            }
        return step.node.map { "\(what) \($0)" } ?? what
    }

    private static func head(_ plan: UpgradePlan, _ annex: PlanAnnex, _ digest: String) -> [String] {
        let path = ([plan.hops.first?.from].compactMap(\.self) + plan.hops.map(\.to)).map(\.description)
        let nodes = Set(plan.steps.compactMap(\.node)).count
        return [
            "Plan \(digest.prefix(12)) for cluster \(plan.clusterUID)",
            path.joined(separator: " → "),
            "\(count(plan.hops.count, "hop")), \(count(nodes, "node")), \(count(plan.steps.count, "step")), "
                + "about \(DurationWords.about(annex.seconds))",
        ]
    }

    /// One row a stage; of very many batches the first and the last few.
    private static func rows(_ hop: Hop, _ estimate: PlanAnnex.HopEstimate) -> [[String]] {
        let rows = zip(hop.stages, estimate.stageSeconds).map { stage, seconds in
            let nodes = stage.turns.compactMap(\.node).uniqued()
            return [
                stage.title, names(nodes), nodes.isEmpty ? "" : String(stage.concurrency),
                String(stage.turns.reduce(0) { $0 + $1.steps.count }), DurationWords.about(seconds),
            ]
        }
        guard rows.count > 40 else { return rows }
        return rows.prefix(20) + [["… \(rows.count - 30) stages more"]] + rows.suffix(10)
    }

    private static func skippedRows(_ plan: UpgradePlan) -> [String] {
        let byReason = Dictionary(grouping: plan.skipped, by: \.value)
        return byReason.sorted { $0.key < $1.key }.map { reason, nodes in
            "\(names(nodes.map(\.key).naturallySorted(by: \.self), limit: 8)): \(reason)"
        }
    }

    private static func names(_ nodes: [String], limit: Int = 4) -> String {
        nodes.count <= limit
            ? nodes.joined(separator: ", ")
            : nodes.prefix(limit - 1).joined(separator: ", ") + " and \(nodes.count - limit + 1) more"
    }

    private static func list(_ title: String, _ items: [String]) -> [String] {
        items.isEmpty ? [] : ["", title] + items.map { "  \($0)" }
    }

    private static func count(_ number: Int, _ noun: String) -> String { "\(number) \(noun)\(number == 1 ? "" : "s")" }

    private static func text(_ line: Runbook.Line) -> String {
        switch line {
        case .here(let command): "$ \(command)"
        case .on(let node, let command): "\(node)# \(command)"
        case .note(let note): "(\(note))"
        }
    }
}
