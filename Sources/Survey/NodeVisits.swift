package import Nodes
package import Settings

/// Short visits to many nodes at once.
package enum NodeVisits {
    package struct Outcome: Sendable, Hashable {
        package var node: NodeIdentity
        package var ping: NodePing?
        /// Why there is no ``ping``.
        package var problem: String?
    }

    /// Visits the nodes, up to `concurrency` at a time, each for at most `patience`; the outcomes are in their order.
    package static func visit(
        _ nodes: [NodeIdentity],
        concurrency: Int = 16,
        patience: Duration = .seconds(40),
        clock: any Clock<Duration> = .continuous,
        transport: @escaping @Sendable (NodeIdentity) throws(NoWayToNode) -> any Transport
    ) async -> [Outcome] {
        await concurrentMap(nodes, limit: concurrency) { node in
            let outcome = await withinLimit(patience, clock: clock) { await visit(node, transport) }
            return outcome ?? Outcome(node: node, problem: "no answer within \(patience)")
        }
    }

    private static func visit(
        _ node: NodeIdentity,
        _ transport: @Sendable (NodeIdentity) throws(NoWayToNode) -> any Transport
    ) async -> Outcome {
        do {
            let remote = RemoteNode(name: node.name, transport: try transport(node))
            return Outcome(node: node, ping: try await NodePing.of(remote))
        } catch { return Outcome(node: node, problem: "\(error)") }
    }
}
