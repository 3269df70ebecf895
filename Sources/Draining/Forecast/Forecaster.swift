import KubernetesModel
import Placement

/// Forecasts drains, one node's after another's.
///
/// Moves are tried on one state and taken back, because a copy of it for each node would cost as much as the cluster
/// is large.
struct Forecaster {
    let cluster: ForecastCluster
    private let policy: DrainPolicy
    private let alongside: Set<String>
    var state: ClusterState
    var node = ""
    private var obstacles: [DrainObstacle] = []
    var moved: [PodNeeds] = []

    init(cluster: ForecastCluster, policy: DrainPolicy, alongside: Set<String>) {
        self.cluster = cluster
        self.policy = policy
        self.alongside = alongside
        state = cluster.state
        for name in alongside { cordon(name) }
    }

    mutating func forecast(_ node: String) -> DrainForecast {
        self.node = node
        cordon(node)
        let forecast = look()
        for pod in moved { state.place(pod, on: node) }
        if !alongside.contains(node), let object = cluster.nodes[node] { state.insert(object) }
        moved = []
        obstacles = []
        return forecast
    }

    private mutating func cordon(_ name: String) {
        guard var object = cluster.nodes[name]?.object else { return }
        object["spec", "unschedulable"] = true
        state.insert(Node(object))
    }

    private mutating func look() -> DrainForecast {
        let pods = chosenPods()
        let sorting = DrainSorting(pods, policy, missingDaemonSets: cluster.missingDaemonSets, at: cluster.now)
        refusals(among: pods)
        // What holds the pods that need a flag is told with the flag, and not only once it is given.
        let all = DrainSorting(
            pods,
            policy.withEveryFlag,
            missingDaemonSets: cluster.missingDaemonSets,
            at: cluster.now
        ).victims
        let goers = all.filter { !$0.isCritical } + all.filter(\.isCritical)
        silentKubelet(goers)
        budgets(goers)
        let homes = newHomes(of: goers)
        for pod in goers { peculiarities(of: pod) }
        wholeWorkloads(goers)
        let evicted = Set(sorting.victims.map(\.key))
        return DrainForecast(
            node: node,
            evictions: goers.map(\.key).filter(evicted.contains),
            newHomes: homes.filter { evicted.contains($0.key) },
            obstacles: obstacles.sorted {
                ($1.certainty, $0.kind.code, $0.description) < ($0.certainty, $1.kind.code, $1.description)
            }
        )
    }

    private func chosenPods() -> [Pod] {
        let pods = cluster.podsByNode[node] ?? []
        guard !policy.podSelector.isEmpty, let selector = try? LabelSelector(parsing: policy.podSelector) else {
            return pods
        }
        return pods.filter { selector.matches($0.labels) }
    }

    mutating func add(
        _ kind: DrainObstacle.Kind,
        _ certainty: DrainObstacle.Certainty,
        _ pods: [ObjectKey],
        why: String,
        remedy: String
    ) {
        obstacles.append(
            DrainObstacle(kind: kind, certainty: certainty, pods: pods.sorted(), why: why, remedy: remedy)
        )
    }

    private mutating func refusals(among pods: [Pod]) {
        var refused: [DrainDecision.Refusal: [ObjectKey]] = [:]
        for pod in pods {
            let decision = DrainDecision.decide(
                pod,
                policy,
                missingDaemonSets: cluster.missingDaemonSets,
                at: cluster.now
            )
            if case .refuse(let refusal) = decision { refused[refusal, default: []].append(pod.key) }
        }
        for (refusal, pods) in refused {
            let (why, remedy) = refusal.explanation
            add(.flagNeeded(refusal), .blocks, pods, why: why, remedy: remedy)
        }
    }

    private mutating func silentKubelet(_ victims: [Pod]) {
        guard let object = cluster.nodes[node], !object.isReady, !victims.isEmpty else { return }
        add(
            .kubeletSilent,
            .blocks,
            victims.map(\.key),
            why: "node \(node) is not ready, so its kubelet will not end them",
            remedy: "bring the node back, or leave it out"
        )
    }

    // MARK: Budgets

    private mutating func budgets(_ victims: [Pod]) {
        var covered: [ObjectKey: (counted: ForecastCluster.CountedBudget, pods: [Pod])] = [:]
        for pod in victims {
            let covering = cluster.budgets(covering: pod)
            if covering.count > 1 {
                let names = covering.map(\.budget.key)
                add(
                    .overlappingBudgets(names),
                    .blocks,
                    [pod.key],
                    why: "the budgets \(names.map(\.description).joined(separator: " and ")) both cover it, "
                        + "and the API then evicts nothing, whatever they allow",
                    remedy: "delete or narrow all but one of them"
                )
            } else if let one = covering.first, !one.passes(unready: pod) {
                covered[one.budget.key, default: (one, [])].pods.append(pod)
            }
        }
        for (_, entry) in covered.sorted(by: { $0.key < $1.key }) { budget(entry.counted, entry.pods) }
    }

    private mutating func budget(_ counted: ForecastCluster.CountedBudget, _ pods: [Pod]) {
        let budget = counted.budget
        let status = counted.status
        let keys = pods.map(\.key)
        let name = "budget \(budget.key) (\(budget.rule))"
        if let failure = status.failure {
            add(
                .budgetNeverAllows(budget.key),
                .blocks,
                keys,
                why: "\(name) allows nothing, because its pods cannot be counted: \(failure)",
                remedy: "use minAvailable with a number, or correct its selector"
            )
        } else if status.desiredHealthy >= counted.potential {
            let enough = status.desiredHealthy + 1
            let replicas = budget.maxUnavailable == nil ? "run at least \(enough) replicas, or " : ""
            add(
                .budgetNeverAllows(budget.key),
                .blocks,
                keys,
                why:
                    "\(name) wants \(status.desiredHealthy) of \(counted.potential) pods healthy, so it never lets one go",
                remedy: "\(replicas)relax the budget (maxUnavailable 1)"
            )
        } else if status.disruptionsAllowed == 0 {
            let unready = counted.unready.prefix(5).map(\.description).joined(separator: ", ")
            add(
                .budgetAllowsNoneNow(budget.key),
                .mayBlock,
                keys,
                why: "\(name) needs \(status.desiredHealthy) healthy pods and has \(status.currentHealthy)"
                    + (unready.isEmpty ? "" : "; not ready: \(unready)"),
                remedy: unready.isEmpty ? "wait until its pods have started" : "make these pods ready first"
            )
        } else if pods.count > status.disruptionsAllowed {
            let waves = (pods.count + status.disruptionsAllowed - 1) / status.disruptionsAllowed
            add(
                .budgetAllowsFew(budget.key, waves: waves),
                .warns,
                keys,
                why:
                    "\(name) lets \(status.disruptionsAllowed) go at a time, so \(pods.count) pods take \(waves) rounds, "
                    + "each as long as a replacement needs to get ready",
                remedy: "nothing need be done; it takes longer"
            )
        }
    }

    // MARK: One pod's peculiarities

    private mutating func peculiarities(of pod: Pod) {
        let finalizers = pod.object.finalizers
        if !finalizers.isEmpty {
            add(
                .finalizers(finalizers),
                .mayBlock,
                [pod.key],
                why: "its finalizers \(finalizers.joined(separator: ", ")) keep it until somebody removes them",
                remedy: "see that their controller runs"
            )
        }
        if cluster.terminatingNamespaces.contains(pod.namespace), !pod.isTerminating {
            add(
                .namespaceTerminating,
                .mayBlock,
                [pod.key],
                why: "namespace \(pod.namespace) is being deleted, and refuses evictions until this pod's turn comes",
                remedy: "wait for the namespace to go"
            )
        }
        let grace = policy.gracePeriod >= 0 ? Int64(policy.gracePeriod) : pod.terminationGracePeriodSeconds
        if policy.timeout > .zero, grace > policy.timeout.components.seconds {
            add(
                .graceBeyondTimeout(seconds: grace),
                .mayBlock,
                [pod.key],
                why: "it may take \(grace)s to end, longer than the drain's time limit",
                remedy: "raise --drain-timeout above \(grace)s"
            )
        }
        if pod.controller != nil, !pod.isFinished, pod.tolerates(.unschedulable) {
            add(
                .returnsToNode,
                .mayBlock,
                [pod.key],
                why: "it tolerates the cordon's taint, so its replacement may come back to this node",
                remedy: "remove the toleration of node.kubernetes.io/unschedulable"
            )
        }
    }

    /// Workloads that would have no ready pod left.
    private mutating func wholeWorkloads(_ victims: [Pod]) {
        let byOwner = Dictionary(grouping: victims.filter(\.isReady), by: { $0.controller?.uid ?? "" })
        for (uid, pods) in byOwner where !uid.isEmpty {
            guard let ready = cluster.readyPods[uid], ready.count == 1, ready[node] == pods.count,
                let owner = pods.first?.controller, owner.kind != "Job"
            else { continue }
            let name =
                cluster.workloads[uid]?.controller.map { "\($0.kind) \($0.name)" } ?? "\(owner.kind) \(owner.name)"
            add(
                .allReplicasHere(name),
                .warns,
                pods.map(\.key),
                why: "all ready pods of \(name) are on this node, so it is away until a replacement is ready",
                remedy: "run more replicas, spread over nodes"
            )
        }
    }
}

extension ForecastCluster.CountedBudget {
    /// Unready pods go without the budget's leave: always under AlwaysAllow, else while the healthy ones suffice.
    fileprivate func passes(unready pod: Pod) -> Bool {
        guard !pod.isReady else { return false }
        if budget.unhealthyPods == .alwaysAllow { return true }
        return status.desiredHealthy > 0 && status.currentHealthy >= status.desiredHealthy
    }
}

extension DrainPolicy {
    /// The same, letting every pod go that any flag would let go.
    fileprivate var withEveryFlag: DrainPolicy {
        var policy = self
        policy.force = true
        policy.deleteEmptyDirData = true
        policy.ignoreDaemonSets = true
        return policy
    }
}

extension DrainDecision.Refusal {
    fileprivate var explanation: (why: String, remedy: String) {
        switch self {
        case .daemonSet: ("a DaemonSet runs it, and would put it right back", "ignore such pods (\(flag))")
        case .orphanOfDaemonSet(let name):
            ("its DaemonSet '\(name)' is gone, so nothing will make it again", "delete it, or let it go (\(flag))")
        case .localStorage:
            ("it keeps data in an emptyDir, which is lost with it", "save what matters, then allow it (\(flag))")
        case .unmanaged: ("no controller will make it again", "save what matters, then let it go (\(flag))")
        }
    }
}
