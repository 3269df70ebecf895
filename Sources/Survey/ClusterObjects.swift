package import KubernetesModel

/// The objects a survey has read.
package struct ClusterObjects: Sendable {
    package var nodes: [Node]
    package var pods: [Pod]
    package var budgets: [PodDisruptionBudget]
    /// Deployments, ReplicaSets, StatefulSets, DaemonSets and Jobs.
    package var workloads: [Workload]
    package var namespaces: [KubernetesObject]

    package init(
        nodes: [Node] = [],
        pods: [Pod] = [],
        budgets: [PodDisruptionBudget] = [],
        workloads: [Workload] = [],
        namespaces: [KubernetesObject] = []
    ) {
        self.nodes = nodes
        self.pods = pods
        self.budgets = budgets
        self.workloads = workloads
        self.namespaces = namespaces
    }
}
