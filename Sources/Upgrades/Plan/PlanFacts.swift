/// What the annex of a plan may know of the cluster beyond the plan's input: it never changes the plan.
package struct PlanFacts: Sendable, Hashable {
    /// The pods that a drain of the node would move.
    package struct NodeLoad: Sendable, Hashable {
        package var pods: Int
        /// The longest grace period among them.
        package var graceSeconds: Int

        package init(pods: Int, graceSeconds: Int) {
            self.pods = pods
            self.graceSeconds = graceSeconds
        }
    }

    /// By node.
    package var loads: [String: NodeLoad]
    /// Workloads with one replica, which are away while their pod moves: `Deployment shop/report`.
    package var singles: [String]

    package init(loads: [String: NodeLoad] = [:], singles: [String] = []) {
        self.loads = loads
        self.singles = singles
    }
}
