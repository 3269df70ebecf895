package import Foundation

/// What a short visit to a node tells: whether it can be worked on, and what it is.
package struct NodePing: Sendable, Hashable {
    package var login: NodeLogin
    package var facts: NodeFacts
    /// One command there and back, over the connection that stands already.
    package var latency: Duration
    /// How far the node's clock is ahead of ours, in whole seconds: it is asked for no more. Half the latency is
    /// allowed for.
    package var clockOffset: Duration

    /// Visits `node`; `now` is our own clock.
    package static func of(
        _ node: RemoteNode,
        now: @Sendable () -> Date = { Date() }
    ) async throws(NodeError) -> NodePing {
        let login: NodeLogin
        do { login = try await node.transport.login() } catch { throw .transport(error) }
        let facts = try await NodeFacts.read(node)
        let command = NodeFacts.clockCommand
        let start = now()
        let text = try await node.require(command).text
        let end = now()
        guard let clock = NodeFacts.clock(text) else {
            throw .unreadable(node: node.name, what: "the clock", text: text)
        }
        let latency = end.timeIntervalSince(start)
        // The node's clock is cut to the second, so ours is, too.
        let ours = start.addingTimeInterval(latency / 2).timeIntervalSince1970.rounded(.down)
        return NodePing(
            login: login,
            facts: facts,
            latency: .seconds(max(0, latency)),
            clockOffset: .seconds(clock.timeIntervalSince1970 - ours)
        )
    }
}
