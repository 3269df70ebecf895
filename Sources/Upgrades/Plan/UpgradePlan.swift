package import KubernetesVersions

/// What will be done, in order: a value that can be printed, saved, compared and hashed.
///
/// Hops run one after another, and so do the stages of a hop. The turns of a stage may run together,
/// ``Stage/concurrency`` at a time; the steps of a turn run in order.
package struct UpgradePlan: Sendable, Hashable, Codable {
    package static let currentFormat = 1

    package var format: Int = Self.currentFormat
    package var clusterUID: String
    package var target: KubernetesVersion
    package var hops: [Hop]
    /// Nodes left out, with the reason.
    package var skipped: [String: String]
    package var policy: PlanPolicy

    package init(
        clusterUID: String,
        target: KubernetesVersion,
        hops: [Hop],
        skipped: [String: String],
        policy: PlanPolicy
    ) {
        self.clusterUID = clusterUID
        self.target = target
        self.hops = hops
        self.skipped = skipped
        self.policy = policy
    }

    package var steps: [PlannedStep] { hops.flatMap { $0.stages.flatMap { $0.turns.flatMap(\.steps) } } }
}

/// One minor version, or patches within one.
package struct Hop: Sendable, Hashable, Codable {
    /// 1, 2, …
    package var number: Int
    /// The lowest version in the cluster when the hop begins.
    package var from: KubernetesVersion
    package var to: KubernetesVersion
    package var stages: [Stage]

    package init(number: Int, from: KubernetesVersion, to: KubernetesVersion, stages: [Stage]) {
        self.number = number
        self.from = from
        self.to = to
        self.stages = stages
    }
}

package struct Stage: Sendable, Hashable, Codable {
    package enum Kind: String, Sendable, Hashable, Codable {
        case gate
        case backUp = "back-up"
        case controlPlane = "control-plane"
        case controlPlaneKubelets = "control-plane-kubelets"
        case workers
        case settle
    }

    package var kind: Kind
    /// `control plane`, `canary`, `workers, batch 2 of 3 (zone b)`: for people.
    package var title: String
    /// How many turns may be under way at once.
    package var concurrency: Int
    package var turns: [Turn]

    package init(kind: Kind, title: String, concurrency: Int = 1, turns: [Turn]) {
        self.kind = kind
        self.title = title
        self.concurrency = concurrency
        self.turns = turns
    }
}

/// One node's steps in a stage, or the cluster's.
package struct Turn: Sendable, Hashable, Codable {
    package var node: String?
    package var steps: [PlannedStep]

    package init(node: String? = nil, steps: [PlannedStep]) {
        self.node = node
        self.steps = steps
    }
}

package struct PlannedStep: Sendable, Hashable, Codable {
    /// Unique in the plan and stable between runs: `1/control-plane/cp-1/apply`.
    package var id: String
    package var node: String?
    package var action: StepAction

    package init(id: String, node: String? = nil, action: StepAction) {
        self.id = id
        self.node = node
        self.action = action
    }
}

/// What a step does. Versions are those of the step's hop.
package enum StepAction: String, Sendable, Hashable, Codable {
    case gate
    case backUpCluster = "back-up-cluster"
    /// Soft taint on every node still to come in this hop.
    case taintOutdated = "taint-outdated"
    case backUpNode = "back-up-node"
    case checkQuorum = "check-quorum"
    case switchRepository = "switch-repository"
    case installKubeadm = "install-kubeadm"
    case kubeadmPlan = "kubeadm-plan"
    case kubeadmApply = "kubeadm-apply"
    case kubeadmUpgradeNode = "kubeadm-upgrade-node"
    /// Static pods at the version, Ready and steady; leases of controller manager and scheduler renewed.
    case verifyControlPlane = "verify-control-plane"
    case drain
    case installKubelet = "install-kubelet"
    case restartKubelet = "restart-kubelet"
    case verifyNode = "verify-node"
    case uncordon
    case soak
    case settle
}
