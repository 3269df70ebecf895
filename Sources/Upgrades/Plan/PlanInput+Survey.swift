package import KubernetesVersions
package import Survey

extension PlanInput {
    /// What the planner may know of a surveyed cluster.
    /// - Throws: ``PlanInputError`` when a node reports no kubelet version.
    package init(
        survey: ClusterSurvey,
        target: KubernetesVersion,
        policy: PlanPolicy
    ) throws(PlanInputError) {
        var nodes: [PlanNode] = []
        for node in survey.nodes {
            guard let kubelet = node.kubelet else { throw .noKubeletVersion(node: node.name) }
            nodes.append(
                PlanNode(
                    name: node.name,
                    uid: node.uid,
                    role: node.isControlPlane ? .controlPlane : .worker,
                    zone: node.zone,
                    kubeadm: node.kubeadmBinary ?? node.package("kubeadm")?.kubernetesVersion,
                    controlPlane: node.isControlPlane ? node.controlPlaneVersion : nil,
                    kubelet: kubelet,
                    isReady: node.isReady,
                    // A cordon of an earlier run of ours is that run's to undo, and no reason to leave the node out.
                    isCordoned: node.isCordoned && node.cordonedBy == nil,
                    isCordonedByUs: node.isCordoned && node.cordonedBy != nil
                )
            )
        }
        let etcd: PlanEtcd
        if let endpoints = survey.etcd.externalEndpoints {
            etcd = .external(endpoints: endpoints, isReachable: survey.etcd.members.contains(where: \.isHealthy))
        } else {
            etcd = .stacked(members: survey.etcd.members.map(\.name))
        }
        var offers: [String: [KubernetesVersion]] = [:]
        var unreadable: [String: String] = [:]
        for (minor, offer) in survey.offers {
            offers["\(minor)"] = offer.versions
            unreadable["\(minor)"] = offer.versions == nil ? offer.problem : nil
        }
        self.init(
            clusterUID: survey.clusterUID,
            target: target,
            clusterVersion: survey.kubeadm?.kubernetesVersion,
            nodes: nodes,
            etcd: etcd,
            offers: offers,
            unreadable: unreadable,
            policy: policy
        )
    }
}

/// Why a survey does not hold enough to plan from.
package enum PlanInputError: Error, Sendable, Hashable, CustomStringConvertible {
    case noKubeletVersion(node: String)

    package var description: String {
        switch self {
        case .noKubeletVersion(let node):
            "node \(node) reports no kubelet version; look whether its kubelet runs, or remove the node"
        }
    }
}
