import KubernetesVersions
package import Runs

/// Makes of a plan the script that runs it: one step of this folder for each planned step.
package struct UpgradeScript: Sendable {
    let environment: UpgradeEnvironment

    package init(_ environment: UpgradeEnvironment) { self.environment = environment }

    package var script: RunScript {
        let plan = environment.plan
        return RunScript(
            title: "upgrade to \(plan.target)",
            hops: plan.hops.map { hop in
                RunScript.Hop(
                    number: hop.number,
                    title: "\(hop.from) → \(hop.to)",
                    stages: hop.stages.map { stage in
                        RunScript.Stage(
                            title: stage.title,
                            concurrency: stage.concurrency,
                            turns: stage.turns.map { turn in
                                RunScript.Turn(node: turn.node, steps: turn.steps.map { step($0, hop) })
                            }
                        )
                    }
                )
            }
        )
    }

    func step(_ planned: PlannedStep, _ hop: Hop) -> any Step {
        let work = StepWork(label: label(planned, hop), hop: hop, environment: environment)
        let node = planned.node ?? ""
        return switch planned.action {
        case .gate: GateStep(work: work)
        case .backUpCluster: BackUpClusterStep(work: work)
        case .taintOutdated: TaintOutdatedStep(work: work)
        case .backUpNode: BackUpNodeStep(work: work, nodeName: node)
        case .checkQuorum: CheckQuorumStep(work: work, nodeName: node)
        case .switchRepository: SwitchRepositoryStep(work: work, nodeName: node)
        case .installKubeadm: InstallKubeadmStep(work: work, nodeName: node)
        case .kubeadmPlan: KubeadmPlanStep(work: work, nodeName: node)
        case .kubeadmApply: KubeadmApplyStep(work: work, nodeName: node)
        case .kubeadmUpgradeNode: KubeadmUpgradeNodeStep(work: work, nodeName: node)
        case .verifyControlPlane: VerifyControlPlaneStep(work: work, nodeName: node)
        case .drain: DrainStep(work: work, nodeName: node)
        case .installKubelet: InstallKubeletStep(work: work, nodeName: node)
        case .restartKubelet: RestartKubeletStep(work: work, nodeName: node)
        case .verifyNode: VerifyNodeStep(work: work, nodeName: node)
        case .uncordon: UncordonStep(work: work, nodeName: node)
        case .soak: SoakStep(work: work)
        case .settle: SettleStep(work: work)
        }
    }

    private func label(_ planned: PlannedStep, _ hop: Hop) -> StepLabel {
        let facts = planned.action.facts(hop.to, environment.plan.policy)
        var deadline = facts.deadline
        if let limit = environment.stepLimit, planned.action != .drain { deadline = min(deadline, limit) }
        return StepLabel(
            id: planned.id,
            title: facts.title,
            node: planned.node,
            needsAPI: facts.needsAPI,
            deadline: deadline,
            isCheck: facts.isCheck,
            isInterruptible: planned.action.onlyWaits,
            estimate: facts.estimate
        )
    }
}

extension StepAction {
    fileprivate struct Facts {
        var title: String
        var deadline: Duration
        var estimate: Duration
        var needsAPI = true
        var isCheck = false
    }

    /// Whether the step only waits for evidence. What `settle` changes (taints of ours go) it changes again on resume.
    fileprivate var onlyWaits: Bool {
        switch self {
        case .gate, .checkQuorum, .verifyControlPlane, .verifyNode, .soak, .settle: true
        case .backUpCluster, .taintOutdated, .backUpNode, .switchRepository, .installKubeadm, .kubeadmPlan,
            .kubeadmApply, .kubeadmUpgradeNode, .drain, .installKubelet, .restartKubelet, .uncordon:
            false
        }
    }

    fileprivate func facts(_ version: KubernetesVersion, _ policy: PlanPolicy) -> Facts {
        let stable = Duration.seconds(policy.stableSeconds)
        func minutes(_ count: Int) -> Duration { .seconds(60 * count) }
        return switch self {
        case .gate: Facts(title: "gate", deadline: minutes(5), estimate: .seconds(1), isCheck: true)
        case .backUpCluster: Facts(title: "back up the cluster", deadline: minutes(30), estimate: .seconds(10))
        case .taintOutdated: Facts(title: "taint outdated nodes", deadline: minutes(2), estimate: .seconds(1))
        case .backUpNode:
            Facts(title: "back up etcd and the node", deadline: minutes(30), estimate: .seconds(10), needsAPI: false)
        case .checkQuorum:
            Facts(
                title: "check etcd's quorum",
                deadline: minutes(5),
                estimate: .seconds(1),
                needsAPI: false,
                isCheck: true
            )
        case .switchRepository:
            Facts(
                title: "switch repository to v\(version.minorVersion)",
                deadline: minutes(10),
                estimate: .seconds(5),
                needsAPI: false
            )
        case .installKubeadm:
            Facts(title: "install kubeadm \(version)", deadline: minutes(15), estimate: .seconds(10), needsAPI: false)
        case .kubeadmPlan:
            Facts(
                title: "kubeadm upgrade plan \(version)",
                deadline: minutes(5),
                estimate: .seconds(5),
                needsAPI: false,
                isCheck: true
            )
        case .kubeadmApply:
            Facts(
                title: "kubeadm upgrade apply \(version)",
                deadline: minutes(30),
                estimate: .seconds(90),
                needsAPI: false
            )
        case .kubeadmUpgradeNode:
            Facts(title: "kubeadm upgrade node", deadline: minutes(30), estimate: .seconds(40), needsAPI: false)
        case .verifyControlPlane:
            Facts(
                title: "verify the control plane at \(version)",
                deadline: minutes(15),
                estimate: stable + .seconds(5),
                isCheck: true
            )
        case .drain:
            Facts(
                title: "drain",
                deadline: policy.drainTimeoutSeconds > 0
                    ? .seconds(policy.drainTimeoutSeconds) + minutes(1) : minutes(60 * 24 * 30),
                estimate: .seconds(40)
            )
        case .installKubelet:
            Facts(
                title: "install kubelet and kubectl \(version)",
                deadline: minutes(15),
                estimate: .seconds(10),
                needsAPI: false
            )
        case .restartKubelet:
            Facts(title: "restart the kubelet", deadline: minutes(5), estimate: .seconds(5), needsAPI: false)
        case .verifyNode:
            Facts(
                title: "verify the node at \(version)",
                deadline: minutes(10),
                estimate: stable + .seconds(10),
                isCheck: true
            )
        case .uncordon: Facts(title: "uncordon", deadline: minutes(2), estimate: .seconds(1))
        case .soak:
            Facts(
                title: "soak for \(policy.soakSeconds) s",
                deadline: .seconds(policy.soakSeconds) + minutes(10),
                estimate: .seconds(policy.soakSeconds),
                isCheck: true
            )
        case .settle:
            Facts(title: "settle at \(version)", deadline: minutes(20), estimate: stable + .seconds(5))
        }
    }
}
