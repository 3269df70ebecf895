import KubernetesVersions

/// What is expected of a plan: how long it takes, what will be away, what is risky. No part of the plan, nor of its
/// digest, as all of it is estimated.
package struct PlanAnnex: Sendable, Hashable, Codable {
    package struct HopEstimate: Sendable, Hashable, Codable {
        package var number: Int
        package var seconds: Int
        /// One for each stage of the hop, in order.
        package var stageSeconds: [Int]
    }

    package var seconds: Int
    package var hops: [HopEstimate]
    /// By step.
    package var stepSeconds: [String: Int]
    /// What will not be there for a while.
    package var unavailable: [String]
    package var risks: [String]

    package init(of plan: UpgradePlan, input: PlanInput, facts: PlanFacts = PlanFacts()) {
        let durations = NominalDurations(policy: plan.policy, facts: facts)
        var stepSeconds: [String: Int] = [:]
        hops = plan.hops.map { hop in
            let stages = hop.stages.map { stage in
                let turns = stage.turns.map { turn in
                    turn.steps.reduce(into: 0) { total, step in
                        let seconds = durations.seconds(of: step, in: stage.kind)
                        stepSeconds[step.id] = seconds
                        total += seconds
                    }
                }
                return NominalDurations.together(turns, concurrency: stage.concurrency)
            }
            return HopEstimate(number: hop.number, seconds: stages.reduce(0, +), stageSeconds: stages)
        }
        self.stepSeconds = stepSeconds
        seconds = hops.reduce(0) { $0 + $1.seconds }
        unavailable = PlanRisks.unavailable(plan, input, facts)
        risks = PlanRisks.risks(plan, input)
    }
}

/// How long steps take where nothing is in the way: plain figures of a healthy cluster.
struct NominalDurations {
    let policy: PlanPolicy
    let facts: PlanFacts

    func seconds(of step: PlannedStep, in stage: Stage.Kind) -> Int {
        switch step.action {
        case .gate: 5
        case .backUpCluster: 20
        case .taintOutdated: 2
        case .backUpNode: 15
        case .checkQuorum: 2
        case .switchRepository: 8
        case .installKubeadm: 12
        case .kubeadmPlan: 10
        case .kubeadmApply: 150
        case .kubeadmUpgradeNode: stage == .controlPlane ? 120 : 5
        case .verifyControlPlane: 20 + policy.stableSeconds
        case .drain: drain(step.node)
        case .installKubelet: 20
        case .restartKubelet: 5
        case .verifyNode: 20 + policy.stableSeconds
        case .uncordon: 1
        case .soak: policy.soakSeconds
        case .settle: 20 + policy.stableSeconds
        }
    }

    /// The longest grace period, and a while for each pod's replacement.
    private func drain(_ node: String?) -> Int {
        let load = node.flatMap { facts.loads[$0] } ?? PlanFacts.NodeLoad(pods: 10, graceSeconds: 30)
        if load.pods == 0 { return 2 }
        let expected = min(load.graceSeconds, 30) + 5 + load.pods
        return policy.drainTimeoutSeconds > 0 ? min(expected, policy.drainTimeoutSeconds) : expected
    }

    /// The time of turns that run side by side, each beginning when a place is free.
    static func together(_ turns: [Int], concurrency: Int) -> Int {
        guard concurrency > 1 else { return turns.reduce(0, +) }
        guard concurrency < turns.count else { return turns.max() ?? 0 }
        var places = Array(repeating: 0, count: concurrency)
        for turn in turns {
            let free = places.indices.min { places[$0] < places[$1] } ?? 0
            places[free] += turn
        }
        return places.max() ?? 0
    }
}
