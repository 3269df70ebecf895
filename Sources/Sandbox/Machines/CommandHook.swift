package import Nodes

/// What happens around each command of a machine, on behalf of tests that kill clients.
package struct CommandHook: Sendable {
    /// Called before a command of the client process; false means that the client is dead, and the command must not
    /// run.
    package var before: @Sendable (_ node: String, _ command: Command, _ client: Int32) async -> Bool
    /// Called after it, before it is answered.
    package var after:
        @Sendable (_ node: String, _ command: Command, _ result: CommandResult, _ client: Int32) async -> Void

    package init(
        before: @escaping @Sendable (_ node: String, _ command: Command, _ client: Int32) async -> Bool,
        after:
            @escaping @Sendable (_ node: String, _ command: Command, _ result: CommandResult, _ client: Int32) async ->
            Void
    ) {
        self.before = before
        self.after = after
    }

    /// Names a command on a node the same in every run: without its input, and without what is made up anew each time.
    package static func key(_ node: String, _ command: Command) -> String {
        "\(node) \(command.arguments.map(stable).joined(separator: " "))"
    }

    private static func stable(_ word: String) -> String {
        word.split(separator: "/", omittingEmptySubsequences: false)
            .map { $0.hasPrefix("apt-") && $0.count == 16 ? "apt-X" : String($0) }.joined(separator: "/")
    }
}
