package import KubernetesModel

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// The emulated kube-controller-manager of one control-plane node: works while it holds the Lease.
///
/// Run it for as long as the node's static pod runs; cancelled, it releases the Lease, so that another takes over soon.
package struct ControllerManager: Sendable {
    package static let lease = ObjectKey(namespace: "kube-system", name: "kube-controller-manager")

    /// What the controllers keep in memory.
    package static let watched: [Resource] = [
        .pods, .nodes, .namespaces, .leases, .deployments, .replicaSets, .statefulSets, .daemonSets, .jobs, .cronJobs,
        .controllerRevisions, .podDisruptionBudgets, .configMaps, .secrets, .services, .serviceAccounts, .endpoints,
        .persistentVolumeClaims,
    ]

    let node: String
    let access: any ClusterAccess
    let clock: SandboxClock
    let namespacedResources: [Resource]
    let nodeGracePeriod: Duration?
    let log: @Sendable (String) -> Void
    private let identity: String

    /// - Parameters:
    ///   - node: the control-plane node it runs on.
    ///   - access: the API, as that node reaches it.
    ///   - clock: the pace of durations that workloads name.
    ///   - namespacedResources: what the deletion of a namespace empties.
    ///   - nodeGracePeriod: how long a node may be silent; by default 40 s at the clock's speed, at least 10 s.
    ///   - log: told of failures; all work is retried.
    package init(
        node: String,
        access: any ClusterAccess,
        clock: SandboxClock,
        namespacedResources: [Resource] = [.events] + Self.watched,
        nodeGracePeriod: Duration? = nil,
        log: @escaping @Sendable (String) -> Void = { _ in }
    ) {
        self.node = node
        self.access = access
        self.clock = clock
        self.namespacedResources = namespacedResources
        self.nodeGracePeriod = nodeGracePeriod
        self.log = log
        identity = "\(node)_\(UUID().uuidString.lowercased())"
    }

    /// Campaigns and works until cancelled.
    package func run() async {
        let election = LeaderElection(
            lease: Self.lease,
            identity: identity,
            access: access,
            renewInterval: LeaderElection.renewInterval(clock)
        )
        await election.run { await work() }
    }

    /// Runs every controller, whoever leads.
    package func work() async {
        let events = EventRecorder(component: "controller-manager")
        let cluster = CachedCluster(access: access, watching: Self.watched, clock: clock, events: events)
        await withDiscardingTaskGroup { group in
            func start(_ controller: some Controller, workers: Int = 8) {
                group.addTask { await controller.run(on: cluster, workers: workers, log: log) }
            }
            group.addTask { await cluster.runInformers() }
            group.addTask { await events.run(access) }
            start(DeploymentController(cluster: cluster))
            start(ReplicaSetController(cluster: cluster))
            start(StatefulSetController(cluster: cluster))
            start(DaemonSetController(cluster: cluster))
            start(JobController(cluster: cluster))
            start(DisruptionController(cluster: cluster))
            start(NodeLifecycleController(cluster: cluster, gracePeriod: nodeGracePeriod), workers: 16)
            start(TaintEvictionController(cluster: cluster))
            start(PodCollector(cluster: cluster))
            start(GarbageCollector(cluster: cluster))
            start(NamespaceController(cluster: cluster, contents: namespacedResources), workers: 2)
        }
    }
}
