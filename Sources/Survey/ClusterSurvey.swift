package import Foundation
package import KubernetesVersions
import Nodes

/// What there is: one cluster at one moment. What could not be read is here as a reason, never left out silently.
package struct ClusterSurvey: Sendable {
    package var takenAt: Date
    /// The API's address.
    package var server: String
    /// What the API server that answered says of itself: `v1.31.4`.
    package var serverVersion: String
    /// UID of the `kube-system` namespace: the cluster's identity.
    package var clusterUID: String
    /// Nil where there is none, or none that can be read; ``gaps`` says why.
    package var kubeadm: KubeadmConfiguration?
    /// In natural order of their names.
    package var nodes: [NodeSurvey]
    package var etcd: EtcdSurvey
    /// What the package repositories offer, by minor, as seen from ``OfferSurvey/node``.
    package var offers: [MinorVersion: OfferSurvey]
    /// Who leads, of controller manager and scheduler.
    package var leaders: [LeaderSurvey]
    package var workloads: [WorkloadSurvey]
    package var budgets: [BudgetSurvey]
    package var gaps: [SurveyGap]
    /// The objects themselves, for checks and forecasts; no part of what is printed.
    package var objects: ClusterObjects

    package init(
        takenAt: Date,
        server: String,
        serverVersion: String,
        clusterUID: String,
        kubeadm: KubeadmConfiguration? = nil,
        nodes: [NodeSurvey],
        etcd: EtcdSurvey,
        offers: [MinorVersion: OfferSurvey] = [:],
        leaders: [LeaderSurvey] = [],
        workloads: [WorkloadSurvey] = [],
        budgets: [BudgetSurvey] = [],
        gaps: [SurveyGap] = [],
        objects: ClusterObjects = ClusterObjects()
    ) {
        self.takenAt = takenAt
        self.server = server
        self.serverVersion = serverVersion
        self.clusterUID = clusterUID
        self.kubeadm = kubeadm
        self.nodes = nodes
        self.etcd = etcd
        self.offers = offers
        self.leaders = leaders
        self.workloads = workloads
        self.budgets = budgets
        self.gaps = gaps
        self.objects = objects
    }

    package var controlPlane: [NodeSurvey] { nodes.filter(\.isControlPlane) }

    /// Versions of all API servers that are known.
    package var apiServers: [KubernetesVersion] { controlPlane.compactMap { $0.component(.apiServer)?.version } }
}

/// Something that could not be read, and why.
package struct SurveyGap: Sendable, Hashable {
    package var what: String
    package var reason: String

    package init(what: String, reason: String) {
        self.what = what
        self.reason = reason
    }
}

/// What one minor's package repository offers, or why it could not be read.
package struct OfferSurvey: Sendable, Hashable {
    /// The node whose source was read.
    package var node: String
    /// Ascending; nil when it could not be read.
    package var versions: [KubernetesVersion]?
    package var problem: String?

    package init(node: String, versions: [KubernetesVersion]?, problem: String? = nil) {
        self.node = node
        self.versions = versions
        self.problem = problem
    }
}

/// One leader-election Lease.
package struct LeaderSurvey: Sendable, Hashable {
    package var component: String
    package var holder: String
    /// RFC 3339, as the Lease has it.
    package var renewed: String

    package init(component: String, holder: String, renewed: String) {
        self.component = component
        self.holder = holder
        self.renewed = renewed
    }
}

package struct WorkloadSurvey: Sendable, Hashable {
    package var kind: String
    package var namespace: String
    package var name: String
    package var desired: Int
    package var ready: Int
    package var available: Int

    package init(kind: String, namespace: String, name: String, desired: Int, ready: Int, available: Int) {
        self.kind = kind
        self.namespace = namespace
        self.name = name
        self.desired = desired
        self.ready = ready
        self.available = available
    }
}

package struct BudgetSurvey: Sendable, Hashable {
    package var namespace: String
    package var name: String
    /// `minAvailable 2`.
    package var rule: String
    package var currentHealthy: Int
    package var desiredHealthy: Int
    package var disruptionsAllowed: Int

    package init(
        namespace: String,
        name: String,
        rule: String,
        currentHealthy: Int,
        desiredHealthy: Int,
        disruptionsAllowed: Int
    ) {
        self.namespace = namespace
        self.name = name
        self.rule = rule
        self.currentHealthy = currentHealthy
        self.desiredHealthy = desiredHealthy
        self.disruptionsAllowed = disruptionsAllowed
    }
}
