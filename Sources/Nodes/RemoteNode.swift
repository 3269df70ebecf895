/// A node and the way to it: what the rooms above ask and order goes through here.
package struct RemoteNode: Sendable {
    package let name: String
    package let transport: any Transport

    package init(name: String, transport: any Transport) {
        self.name = name
        self.transport = transport
    }

    /// Runs a command; its exit code is the caller's to judge.
    package func run(_ command: Command) async throws(NodeError) -> CommandResult {
        do { return try await transport.run(command) } catch { throw .transport(error) }
    }

    /// Runs a command that has to succeed.
    @discardableResult
    package func require(_ command: Command) async throws(NodeError) -> CommandResult {
        let result = try await run(command)
        guard result.succeeded else { throw NodeError(node: name, command: command, result: result) }
        return result
    }

    /// Runs commands in order, and stops at the first that fails.
    package func require(_ commands: [Command]) async throws(NodeError) {
        for command in commands { try await require(command) }
    }
}
