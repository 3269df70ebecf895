import Foundation
import KubernetesModel

/// The file on a node that says which run is at work there: who takes over from a run that died sees what it began.
package struct NodeMarker: Sendable {
    package static let path = "/var/lib/keelstep/run.json"

    package struct Content: Sendable, Hashable {
        package var run: String
        package var step: String
        /// RFC 3339.
        package var started: String

        package init(run: String, step: String, started: String) {
            self.run = run
            self.step = step
            self.started = started
        }

        package var text: String {
            let value: JSONValue = [
                "format": 1, "run": .string(run), "step": .string(step), "started": .string(started),
            ]
            return value.text + "\n"
        }

        /// Nil for what is no marker.
        package init?(_ text: String) {
            guard let value = try? JSONValue(parsing: Array(text.utf8)), let run = value["run"]?.string,
                let step = value["step"]?.string
            else { return nil }
            self.init(run: run, step: step, started: value["started"]?.string ?? "")
        }
    }

    package let node: RemoteNode

    package init(_ node: RemoteNode) { self.node = node }

    /// What the node's marker says; nil when there is none.
    package func read() async throws(NodeError) -> Content? {
        guard let text = try await NodeFiles(node).read(Self.path) else { return nil }
        guard let content = Content(text) else {
            throw .unreadable(node: node.name, what: "the marker \(Self.path)", text: text)
        }
        return content
    }

    package static func writeCommands(_ content: Content) -> [Command] {
        NodeFiles.writeCommands(content.text, to: path)
    }

    /// Marks the node; the run's own earlier marker is replaced.
    /// - Throws: ``NodeError/marked(node:marker:)`` when another run's stands there.
    package func set(_ content: Content) async throws(NodeError) {
        if let present = try await read(), present.run != content.run {
            throw .marked(node: node.name, marker: present)
        }
        try await node.require(Self.writeCommands(content))
    }

    /// Marks the node whoever marked it before: for a run that has taken over with right.
    package func take(_ content: Content) async throws(NodeError) {
        try await node.require(Self.writeCommands(content))
    }

    package static let removeCommand = Command("rm", "-f", path)

    package func remove() async throws(NodeError) { try await node.require(Self.removeCommand) }
}
