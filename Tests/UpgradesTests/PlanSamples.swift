import KubernetesVersions

@testable import Upgrades

/// Clusters to plan for.
enum PlanSamples {
    static let from = KubernetesVersion(1, 31, 4)
    static let offers: [String: [KubernetesVersion]] = [
        "1.31": [from, KubernetesVersion(1, 31, 14)],
        "1.32": [KubernetesVersion(1, 32, 6), KubernetesVersion(1, 32, 10)],
        "1.33": [KubernetesVersion(1, 33, 2)],
    ]

    /// Three control-plane nodes and `workers` workers in three zones, all at v1.31.4.
    static func input(workers: Int, policy: PlanPolicy = PlanPolicy()) -> PlanInput {
        let zones = ["a", "b", "c"]
        let controlPlane = (1...3).map { index in
            PlanNode(
                name: "cp-\(index)",
                uid: "uid-cp-\(index)",
                role: .controlPlane,
                zone: zones[index - 1],
                kubeadm: from,
                controlPlane: from,
                kubelet: from
            )
        }
        let rest = (0..<workers).map { index in
            PlanNode(
                name: "worker-\(index + 1)",
                uid: "uid-worker-\(index + 1)",
                role: .worker,
                zone: zones[index % 3],
                kubeadm: from,
                controlPlane: nil,
                kubelet: from
            )
        }
        return PlanInput(
            clusterUID: "2b7c9e1a-0000-4000-8000-000000000001",
            target: KubernetesVersion(1, 33, 2),
            clusterVersion: from,
            nodes: controlPlane + rest,
            etcd: .stacked(members: ["cp-1", "cp-2", "cp-3"]),
            offers: offers,
            policy: policy
        )
    }
}
