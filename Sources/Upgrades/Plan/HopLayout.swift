import KubernetesVersions
import Survey

/// Lays one hop out in stages: gate, back up, control plane, its kubelets, workers, settle.
struct HopLayout {
    let number: Int
    let work: HopWork
    let scope: PlanScope
    let policy: PlanPolicy
    let budget: UnavailableWorkers

    var hop: Hop {
        var stages = [
            Stage(kind: .gate, title: "gate", turns: [turn(.gate, [.gate])]),
            Stage(kind: .backUp, title: "back up", turns: [turn(.backUp, [.backUpCluster])]),
        ]
        let drained = (work.controlPlaneKubelets + work.workers).filter { !$0.isOnlyToBeGivenBack }
        if drained.count > 1 { stages[1].turns.append(turn(.backUp, [.taintOutdated])) }
        stages += controlPlane + controlPlaneKubelets + workers
        stages.append(Stage(kind: .settle, title: "settle", turns: [turn(.settle, [.settle])]))
        return Hop(number: number, from: work.from, to: work.to, stages: stages)
    }

    private var controlPlane: [Stage] {
        guard !work.controlPlane.isEmpty else { return [] }
        let turns = work.controlPlane.map { item in
            let upgrade: [StepAction] = item.isFirst ? [.kubeadmPlan, .kubeadmApply] : [.kubeadmUpgradeNode]
            return turn(
                .controlPlane,
                node: item.node,
                [.backUpNode, .checkQuorum, .switchRepository, .installKubeadm] + upgrade + [.verifyControlPlane]
            )
        }
        return [Stage(kind: .controlPlane, title: "control plane", turns: turns)]
    }

    private var controlPlaneKubelets: [Stage] {
        guard !work.controlPlaneKubelets.isEmpty else { return [] }
        let turns = work.controlPlaneKubelets.map { item in
            if item.isOnlyToBeGivenBack { return giveBack(item, .controlPlaneKubelets) }
            let repository: [StepAction] = item.needsRepository ? [.switchRepository] : []
            return turn(
                .controlPlaneKubelets,
                node: item.node,
                [.drain] + repository + [.installKubelet, .restartKubelet, .verifyNode, .uncordon]
            )
        }
        return [Stage(kind: .controlPlaneKubelets, title: "control-plane kubelets", turns: turns)]
    }

    /// Canaries first, then batches: a zone after the other, as many at once as may be away.
    private var workers: [Stage] {
        var rest = work.workers
        var stages: [Stage] = []
        var soaks = 0
        func append(_ title: String, _ items: [KubeletTurn]) {
            let turns = items.map(workerTurn)
            stages.append(
                Stage(kind: .workers, title: title, concurrency: min(budget.count, items.count), turns: turns)
            )
            guard policy.soakSeconds > 0 else { return }
            soaks += 1
            let step = PlannedStep(id: "\(number)/\(Stage.Kind.workers.rawValue)/soak-\(soaks)", action: .soak)
            stages.append(Stage(kind: .workers, title: "soak after \(title)", turns: [Turn(steps: [step])]))
        }

        let named = rest.filter { scope.canaries.contains($0.node) }
        rest.removeAll { scope.canaries.contains($0.node) }
        let counted = rest.prefix(max(0, policy.canaryCount))
        rest.removeFirst(counted.count)
        let canaries = named + counted
        if !canaries.isEmpty { append("canary", canaries) }

        let batches = self.batches(of: rest)
        for (index, batch) in batches.enumerated() {
            let zone = batch.first.map(\.zone) ?? ""
            let place = zone.isEmpty ? "" : " (zone \(zone))"
            append("workers, batch \(index + 1) of \(batches.count)\(place)", batch)
        }
        return stages
    }

    private func batches(of workers: [KubeletTurn]) -> [[KubeletTurn]] {
        let zones = Dictionary(grouping: workers, by: \.zone)
        return zones.keys.naturallySorted(by: \.self).flatMap { zone in
            let members = zones[zone] ?? []
            return stride(from: 0, to: members.count, by: budget.count).map { start in
                Array(members[start..<min(start + budget.count, members.count)])
            }
        }
    }

    /// A blocked drain leaves the node as it was: so it comes first.
    private func workerTurn(_ item: KubeletTurn) -> Turn {
        if item.isOnlyToBeGivenBack { return giveBack(item, .workers) }
        return turn(
            .workers,
            node: item.node,
            [
                .drain, .switchRepository, .installKubeadm, .kubeadmUpgradeNode, .installKubelet, .restartKubelet,
                .verifyNode, .uncordon,
            ]
        )
    }

    private func giveBack(_ item: KubeletTurn, _ stage: Stage.Kind) -> Turn {
        turn(stage, node: item.node, [.verifyNode, .uncordon])
    }

    /// `1/control-plane/cp-1/kubeadm-apply`, `1/back-up/taint-outdated`, `1/gate`.
    private func turn(_ stage: Stage.Kind, node: String? = nil, _ actions: [StepAction]) -> Turn {
        let steps = actions.map { action in
            var parts = [String(number), stage.rawValue]
            if let node { parts.append(node) }
            if action.rawValue != stage.rawValue { parts.append(action.rawValue) }
            return PlannedStep(id: parts.joined(separator: "/"), node: node, action: action)
        }
        return Turn(node: node, steps: steps)
    }
}
