package import Foundation
package import KubernetesModel
package import Placement

/// What forecasts look at, indexed once for all nodes.
package struct ForecastCluster: Sendable {
    let nodes: [String: Node]
    let podsByNode: [String: [Pod]]
    let state: ClusterState
    /// Budgets with their arithmetic, by namespace.
    let budgets: [String: [CountedBudget]]
    let workloads: [String: Workload]
    /// DaemonSets that are named as controllers and are no longer there.
    let missingDaemonSets: Set<ObjectKey>
    let terminatingNamespaces: Set<String>
    /// Ready pods of each owner, by node.
    let readyPods: [String: [String: Int]]
    let now: Date

    struct CountedBudget: Sendable {
        let budget: PodDisruptionBudget
        let status: BudgetStatus
        /// Pods there will be once every controller has made all of its own.
        let potential: Int
        let unready: [UnreadyPod]
    }

    /// Indexes a cluster.
    /// - Parameters:
    ///   - nodes: all nodes.
    ///   - pods: all pods.
    ///   - budgets: all budgets.
    ///   - workloads: Deployments, ReplicaSets, StatefulSets, DaemonSets, Jobs and ReplicationControllers.
    ///   - namespaces: all namespaces; what terminates is found there.
    ///   - state: nodes and pods indexed for placement, where the caller has them already.
    ///   - now: the time.
    package init(
        nodes: [Node],
        pods: [Pod],
        budgets: [PodDisruptionBudget],
        workloads: [Workload],
        namespaces: [KubernetesObject] = [],
        state: ClusterState? = nil,
        now: Date
    ) {
        self.nodes = Dictionary(nodes.map { ($0.name, $0) }, uniquingKeysWith: { $1 })
        podsByNode = Dictionary(grouping: pods.filter { $0.nodeName != nil }, by: { $0.nodeName ?? "" })
        self.state = state ?? ClusterState(nodes: nodes, pods: pods, namespaces: namespaces)
        let byUID = Dictionary(workloads.map { ($0.uid, $0) }, uniquingKeysWith: { $1 })
        self.workloads = byUID
        let daemonSets = Set(workloads.filter { $0.kind == "DaemonSet" }.map(\.key))
        missingDaemonSets = Set(pods.compactMap(\.daemonSet)).subtracting(daemonSets)
        terminatingNamespaces = Set(
            namespaces.filter { $0["status", "phase"]?.string == "Terminating" || $0.isTerminating }.map(\.name)
        )
        self.now = now

        var ready: [String: [String: Int]] = [:]
        for pod in pods where pod.isReady && !pod.isTerminating {
            guard let owner = pod.controller, let node = pod.nodeName else { continue }
            ready[owner.uid, default: [:]][node, default: 0] += 1
        }
        readyPods = ready

        let podsByNamespace = Dictionary(grouping: pods, by: \.namespace)
        self.budgets = Dictionary(grouping: budgets, by: \.namespace).mapValues { list in
            list.sorted { $0.key < $1.key }.map { budget in
                let covered = (podsByNamespace[budget.namespace] ?? []).filter(budget.matches)
                let status = BudgetArithmetic.status(of: budget, pods: covered, now: now) { owner, _ in
                    Self.scale(owner, byUID)
                }
                var scales: [String: Int] = [:]
                for pod in covered {
                    guard let scale = pod.controller.flatMap({ Self.scale($0, byUID) }) else { continue }
                    scales[scale.uid] = scale.replicas
                }
                return CountedBudget(
                    budget: budget,
                    status: status,
                    potential: max(status.expectedPods, scales.values.reduce(0, +)),
                    unready: covered.filter { !$0.isReady && !$0.isFinished }.map(UnreadyPod.init)
                        .sorted { $0.key < $1.key }
                )
            }
        }
    }

    /// The replicas behind a controller: a ReplicaSet's are its Deployment's. DaemonSets and Jobs have no scale.
    private static func scale(_ owner: OwnerReference, _ workloads: [String: Workload]) -> BudgetArithmetic.Scale? {
        guard let workload = workloads[owner.uid] else { return nil }
        switch workload.kind {
        case "ReplicaSet":
            if let deployment = workload.controller.flatMap({ workloads[$0.uid] }), deployment.kind == "Deployment" {
                return .init(uid: deployment.uid, replicas: deployment.desired)
            }
            return .init(uid: workload.uid, replicas: workload.desired)
        case "StatefulSet", "ReplicationController", "Deployment":
            return .init(uid: workload.uid, replicas: workload.desired)
        default: return nil
        }
    }

    /// The budgets that an eviction of the pod would have to pass.
    func budgets(covering pod: Pod) -> [CountedBudget] {
        guard pod.phase == "Running" || pod.phase == "Unknown", !pod.isTerminating else { return [] }
        return (budgets[pod.namespace] ?? []).filter { $0.budget.matches(pod) }
    }
}
