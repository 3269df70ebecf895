import KubernetesVersions

/// Makes the plan of an upgrade; pure, and the same for the same input, whatever the order of its nodes.
package enum Planner {
    /// Plans from where the cluster stands: only what is still needed, one minor at a time.
    /// - Throws: ``PlanRefusal`` with the reason and the remedy.
    package static func plan(_ input: PlanInput) throws(PlanRefusal) -> UpgradePlan {
        do { return try make(input) } catch {
            switch error {
            case .controlPlaneUnknown(let nodes, _):
                throw .controlPlaneUnknown(nodes, mayBeLeftOut: mayLeaveOut(nodes, input))
            case .notReady(let nodes, _): throw .notReady(nodes, mayBeLeftOut: mayLeaveOut(nodes, input))
            case .cordoned(let nodes, _): throw .cordoned(nodes, mayBeLeftOut: mayLeaveOut(nodes, input))
            default: throw error
            }
        }
    }

    /// Whether there is a plan without these nodes, or only others are still in its way.
    private static func mayLeaveOut(_ nodes: [String], _ input: PlanInput) -> Bool {
        var input = input
        input.policy.skipNodes += nodes
        do {
            _ = try make(input)
            return true
        } catch {
            switch error {
            case .controlPlaneUnknown, .notReady, .cordoned: return true
            default: return false
            }
        }
    }

    private static func make(_ input: PlanInput) throws(PlanRefusal) -> UpgradePlan {
        let scope = try PlanScope(input)
        var cluster = try PlannedCluster(input, scope)
        let path = try UpgradePath(
            for: input,
            controlPlane: cluster.controlPlaneVersions,
            chosenKubelets: scope.nodes.filter(scope.includes).map(\.kubelet)
        )
        if case .external(let endpoints, isReachable: false) = input.etcd { throw .externalEtcdUnreachable(endpoints) }
        let budget = try UnavailableWorkers(input.policy.maxUnavailable, scope)

        var hops: [Hop] = []
        for (index, version) in path.versions.enumerated() {
            let work = try cluster.takeHop(to: version, isLast: index == path.versions.count - 1)
            guard !work.isEmpty else { continue }
            let layout = HopLayout(
                number: hops.count + 1,
                work: work,
                scope: scope,
                policy: input.policy,
                budget: budget
            )
            hops.append(layout.hop)
        }
        try cluster.checkNodesThatMove()
        guard !hops.isEmpty else { throw .nothingToDo(input.target) }

        var skipped = scope.leftOut
        for node in scope.nodes where scope.includes(node) && !cluster.touched.contains(node.name) {
            skipped[node.name] = cluster.reasonForRest(of: node, target: input.target)
        }
        return UpgradePlan(
            clusterUID: input.clusterUID,
            target: input.target,
            hops: hops,
            skipped: skipped,
            policy: input.policy
        )
    }
}
