/// How a node is reached: over SSH, on this machine itself, or through a sandbox's socket.
package protocol Transport: Sendable {
    /// Runs `command` as root on the node and waits for its end.
    ///
    /// A non-zero exit code is a result, not an error. Cancelling the task stops waiting; whether the command goes
    /// on is the node's affair, and the caller probes before it tries again.
    func run(_ command: Command) async throws(TransportError) -> CommandResult

    /// As whom commands arrive there, and how they become root's.
    func login() async throws(TransportError) -> NodeLogin

    /// Opens a byte stream to a TCP port as seen from the node (`127.0.0.1:2379` is that node's own etcd).
    /// - Returns: the path of a Unix socket on this machine that leads there for as long as `body` runs.
    func withForwardedPort<Value: Sendable>(
        host: String,
        port: Int,
        _ body: @Sendable (_ localSocketPath: String) async throws -> Value
    ) async throws -> Value
}

/// Who one is on a node.
package struct NodeLogin: Sendable, Hashable {
    package enum Rights: String, Sendable, Hashable {
        case root = "not needed"
        case sudo = "without a password"
        case sudoWithPassword = "with a password"
    }

    package var user: String
    package var sudo: Rights

    package init(user: String, sudo: Rights) {
        self.user = user
        self.sudo = sudo
    }
}

/// Why a command's result is not known. The command may or may not have run: probe before repeating it.
package enum TransportError: Error {
    case unreachable(node: String, reason: String)
    case connectionLost(node: String, command: Command, reason: String)
    case refused(node: String, command: Command, reason: String)
    case protocolViolation(node: String, reason: String)
    case cancelled(node: String, command: Command)
    /// The node is there and does not let us work on it (key, user, sudo); trying again changes nothing.
    case notAdmitted(node: String, reason: String)
    /// The command was started and did not come to its end: half of it may have happened.
    case interrupted(node: String, command: Command, reason: String)
}

extension TransportError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .unreachable(let node, let reason): "cannot reach node \(node): \(reason); is it up?"
        case .connectionLost(let node, let command, let reason):
            "the connection to node \(node) was lost while `\(command)` ran: \(reason); its fate will be probed"
        case .refused(let node, let command, let reason): "node \(node) refused `\(command)`: \(reason)"
        case .protocolViolation(let node, let reason): "node \(node) answered something unintelligible: \(reason)"
        case .notAdmitted(let node, let reason): "cannot work on node \(node): \(reason)"
        case .interrupted(let node, let command, let reason):
            "`\(command)` on node \(node) did not come to its end: \(reason); what it did will be probed"
        case .cancelled(let node, let command): "stopped waiting for `\(command)` on node \(node)"
        }
    }
}
