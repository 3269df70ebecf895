package import KubernetesModel

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// The emulated kube-scheduler of one control-plane node: works while it holds the Lease.
///
/// Decides for one pod at a time, with the pods it has decided for already counted in, and binds several at a time.
package struct Scheduler: Sendable {
    package static let lease = ObjectKey(namespace: "kube-system", name: "kube-scheduler")
    package static let name = "default-scheduler"

    let access: any ClusterAccess
    let clock: SandboxClock
    let log: @Sendable (String) -> Void
    private let identity: String

    package init(
        node: String,
        access: any ClusterAccess,
        clock: SandboxClock,
        log: @escaping @Sendable (String) -> Void = { _ in }
    ) {
        self.access = access
        self.clock = clock
        self.log = log
        identity = "\(node)_\(UUID().uuidString.lowercased())"
    }

    /// Campaigns and works until cancelled; then releases the Lease.
    package func run() async {
        let election = LeaderElection(
            lease: Self.lease,
            identity: identity,
            access: access,
            renewInterval: LeaderElection.renewInterval(clock)
        )
        await election.run { await work() }
    }

    /// Schedules, whoever leads.
    package func work() async {
        let events = EventRecorder(component: Self.name)
        let cluster = CachedCluster(
            access: access,
            watching: [.pods, .nodes, .namespaces],
            clock: clock,
            events: events
        )
        let round = SchedulingRound(cluster: cluster)
        await withDiscardingTaskGroup { group in
            group.addTask { await events.run(access) }
            group.addTask { await round.run(log: log) }
            group.addTask { await cluster.runInformers() }
        }
    }
}
