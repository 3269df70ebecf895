import KubernetesVersions
import Survey

/// Which nodes take part, and why the others do not.
struct PlanScope {
    /// All nodes, in natural order of their names.
    let nodes: [PlanNode]
    let included: Set<String>
    /// Nodes left out by choice, with the reason.
    let leftOut: [String: String]
    let canaries: Set<String>
    let choice: PlanPolicy.Scope

    var controlPlane: [PlanNode] { nodes.filter { $0.role == .controlPlane } }
    var workers: [PlanNode] { nodes.filter { $0.role == .worker } }

    func includes(_ node: PlanNode) -> Bool { included.contains(node.name) }

    init(_ input: PlanInput) throws(PlanRefusal) {
        let policy = input.policy
        choice = policy.only
        nodes = input.nodes.naturallySorted(by: \.name)
        var names: Set<String> = []
        for node in nodes where !names.insert(node.name).inserted { throw .sameNameTwice(node.name) }
        guard nodes.contains(where: { $0.role == .controlPlane }) else { throw .noControlPlane }

        try Self.require(policy.skipNodes, in: names, option: "--skip-node")
        try Self.require(policy.acceptOutage, in: names, option: "--accept-outage")
        try Self.require(policy.canary, in: names, option: "--canary")
        if case .nodes(let chosen) = policy.only { try Self.require(chosen, in: names, option: "--only") }
        for (option, value) in [
            ("--canary", policy.canaryCount), ("--soak", policy.soakSeconds),
            ("--drain-timeout", policy.drainTimeoutSeconds),
        ] where value < 0 { throw .negative(option: option, value) }

        let skipped = Set(policy.skipNodes)
        var chosen: Set<String>?
        if case .nodes(let names) = policy.only { chosen = Set(names) }
        var included: Set<String> = []
        var leftOut: [String: String] = [:]
        for node in nodes {
            if skipped.contains(node.name) {
                leftOut[node.name] = "left out by --skip-node"
            } else if policy.only == .controlPlane, node.role != .controlPlane {
                leftOut[node.name] = "not on the control plane, as --only asks"
            } else if let chosen, !chosen.contains(node.name) {
                leftOut[node.name] = "not named by --only"
            } else {
                included.insert(node.name)
            }
        }
        self.included = included
        self.leftOut = leftOut

        let canaries = Set(policy.canary)
        self.canaries = canaries
        let noWorkers = nodes.filter { canaries.contains($0.name) && $0.role != .worker }.map(\.name)
        guard noWorkers.isEmpty else { throw .canaryIsNoWorker(noWorkers) }
        let absent = nodes.filter { canaries.contains($0.name) && !included.contains($0.name) }.map(\.name)
        guard absent.isEmpty else { throw .canaryLeftOut(absent) }
    }

    private static func require(
        _ names: [String],
        in present: Set<String>,
        option: String
    ) throws(PlanRefusal) {
        let unknown = names.filter { !present.contains($0) }
        guard unknown.isEmpty else { throw .unknownNodes(option: option, unknown) }
    }
}
