import Nodes
import Synchronization
import Testing

/// A node of nothing but files, as far as markers and holds go.
private final class FileNode: Transport {
    private let state = Mutex([String: [UInt8]]())

    func text(_ path: String) -> String? { state.withLock { $0[path] }.map { String(decoding: $0, as: UTF8.self) } }
    func write(_ text: String, to path: String) { state.withLock { $0[path] = Array(text.utf8) } }

    var remote: RemoteNode { RemoteNode(name: "cp-1", transport: self) }

    func login() async throws(TransportError) -> NodeLogin { NodeLogin(user: "root", sudo: .root) }

    func run(_ command: Command) async throws(TransportError) -> CommandResult {
        let words = command.arguments
        return state.withLock { files in
            switch words[0] {
            case "cat":
                guard let bytes = files[words[1]] else {
                    return CommandResult(exitCode: 1, output: "", errorOutput: "cat: No such file or directory\n")
                }
                return CommandResult(exitCode: 0, output: bytes)
            case "install":
                if words.contains("/dev/stdin") { files[words[words.count - 1]] = command.input }
                return CommandResult(exitCode: 0)
            case "mv":
                files[words[words.count - 1]] = files.removeValue(forKey: words[words.count - 2])
                return CommandResult(exitCode: 0)
            case "rm":
                files[words[words.count - 1]] = nil
                return CommandResult(exitCode: 0)
            default: return CommandResult(exitCode: 127)
            }
        }
    }

    func withForwardedPort<Value: Sendable>(
        host: String,
        port: Int,
        _ body: @Sendable (String) async throws -> Value
    ) async throws -> Value { throw TransportError.unreachable(node: "cp-1", reason: "it has no ports") }
}

@Suite struct `a node's marker` {
    private let node = FileNode()
    private let ours = NodeMarker.Content(run: "r1", step: "1/cp-1/apply", started: "2026-07-24T04:09:49Z")
    private var marker: NodeMarker { NodeMarker(node.remote) }

    @Test func `is set, read, moved on by its own run, and removed`() async throws {
        #expect(try await marker.read() == nil)
        try await marker.set(ours)
        #expect(try await marker.read() == ours)
        var next = ours
        next.step = "1/cp-1/verify"
        try await marker.set(next)
        #expect(try await marker.read() == next)
        #expect(node.text("\(NodeMarker.path).new") == nil)
        try await marker.remove()
        #expect(try await marker.read() == nil)
        try await marker.remove()
    }

    @Test func `of another run is left alone, unless that run is taken over with right`() async throws {
        try await marker.set(ours)
        let other = NodeMarker.Content(run: "r2", step: "s", started: "")
        let error = await #expect(throws: NodeError.self) { try await marker.set(other) }
        guard case .marked("cp-1", ours) = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect("\(try #require(error))".contains("run r1"))
        #expect(try await marker.read() == ours)
        try await marker.take(other)
        #expect(try await marker.read() == other)
    }

    @Test(arguments: ["", "{", "[]", "{}", #"{"run":"r1"}"#, #"{"run":1,"step":"s"}"#])
    func `that makes no sense is not taken for none`(text: String) async throws {
        node.write(text, to: NodeMarker.path)
        let error = await #expect(throws: NodeError.self) { _ = try await marker.read() }
        guard case .unreadable = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        await #expect(throws: NodeError.self) { try await marker.set(ours) }
        #expect(node.text(NodeMarker.path) == text)
    }

    @Test func `is text that another program could read`() {
        #expect(
            ours.text
                == #"{"format":1,"run":"r1","started":"2026-07-24T04:09:49Z","step":"1/cp-1/apply"}"# + "\n"
        )
        #expect(NodeMarker.Content(ours.text) == ours)
    }
}
