package import KubernetesVersions

/// Everything the planner may look at. The same input gives the same plan, byte for byte.
package struct PlanInput: Sendable, Hashable, Codable {
    /// UID of the `kube-system` namespace.
    package var clusterUID: String
    package var target: KubernetesVersion
    /// `kubernetesVersion` of the kubeadm-config ConfigMap: what `kubeadm upgrade node` would go to.
    package var clusterVersion: KubernetesVersion?
    package var nodes: [PlanNode]
    package var etcd: PlanEtcd
    /// What the package repositories offer, by minor ("1.32"), ascending; a minor that could not be read is absent.
    package var offers: [String: [KubernetesVersion]]
    /// Why a minor's repository could not be read, by minor.
    package var unreadable: [String: String]
    package var policy: PlanPolicy

    package init(
        clusterUID: String,
        target: KubernetesVersion,
        clusterVersion: KubernetesVersion?,
        nodes: [PlanNode],
        etcd: PlanEtcd,
        offers: [String: [KubernetesVersion]],
        unreadable: [String: String] = [:],
        policy: PlanPolicy
    ) {
        self.clusterUID = clusterUID
        self.target = target
        self.clusterVersion = clusterVersion
        self.nodes = nodes
        self.etcd = etcd
        self.offers = offers
        self.unreadable = unreadable
        self.policy = policy
    }
}

package enum NodeRole: String, Sendable, Hashable, Codable {
    case controlPlane = "control-plane"
    case worker
}

package struct PlanNode: Sendable, Hashable, Codable {
    package var name: String
    package var uid: String
    package var role: NodeRole
    /// `topology.kubernetes.io/zone`; empty when the node has none.
    package var zone: String
    /// The installed kubeadm; nil when the node could not be asked.
    package var kubeadm: KubernetesVersion?
    /// Lowest version among the API server, controller manager and scheduler manifests; nil on workers.
    package var controlPlane: KubernetesVersion?
    /// The kubelet that runs (`status.nodeInfo.kubeletVersion`).
    package var kubelet: KubernetesVersion
    package var isReady: Bool
    /// `spec.unschedulable` before anything of ours.
    package var isCordoned: Bool
    /// Cordoned by an earlier run of ours, which its annotation says: to be finished and uncordoned.
    package var isCordonedByUs: Bool

    package init(
        name: String,
        uid: String,
        role: NodeRole,
        zone: String = "",
        kubeadm: KubernetesVersion?,
        controlPlane: KubernetesVersion?,
        kubelet: KubernetesVersion,
        isReady: Bool = true,
        isCordoned: Bool = false,
        isCordonedByUs: Bool = false
    ) {
        self.name = name
        self.uid = uid
        self.role = role
        self.zone = zone
        self.kubeadm = kubeadm
        self.controlPlane = controlPlane
        self.kubelet = kubelet
        self.isReady = isReady
        self.isCordoned = isCordoned
        self.isCordonedByUs = isCordonedByUs
    }
}

package enum PlanEtcd: Sendable, Hashable {
    /// One member a control-plane node, as static pods; the names are the members'.
    case stacked(members: [String])
    /// Never upgraded by us: its snapshot is taken, its version checked.
    case external(endpoints: [String], isReachable: Bool)
}

/// What the operator chose; every field has the default of the command line.
package struct PlanPolicy: Sendable, Hashable, Codable {
    /// Workers that may be away at once: `1`, `3`, `20%` (rounded down, at least 1).
    package var maxUnavailable: String = "1"
    /// Workers upgraded alone before all others: names, or a number of them.
    package var canary: [String] = []
    package var canaryCount: Int = 0
    /// Seconds to wait and watch after the canaries, and after each batch.
    package var soakSeconds: Int = 0
    package var drainTimeoutSeconds: Int = 900
    /// The patch to take in a minor between (`--via`), by minor ("1.32").
    package var via: [String: KubernetesVersion] = [:]
    package var skipNodes: [String] = []
    package var only: Scope = .all
    package var deleteEmptyDirData: Bool = false
    package var force: Bool = false
    /// Nodes that may be emptied although nothing else can take their pods.
    package var acceptOutage: [String] = []
    /// How long a verified state must hold before the next step.
    package var stableSeconds: Int = 10

    package enum Scope: Sendable, Hashable {
        case all
        case controlPlane
        case nodes([String])
    }

    package init() {}
}
