import Nodes
import Synchronization

/// Every command that ran on a node of the sandbox, in the order they ended.
final class CommandLog: Sendable {
    private let state = Mutex<[String]>([])

    func append(_ line: String) { state.withLock { $0.append(line) } }
    var lines: [String] { state.withLock { $0 } }
}

extension ClientKiller {
    /// Around a request of a client of ours; others are let alone.
    var beforeRequest: APIFaults.Hook {
        { [self] request in
            guard let pid = Self.pid(userAgent: request.userAgent) else { return true }
            return before(Self.key(request), pid: pid) == .goOn
        }
    }

    var afterRequest: APIFaults.Hook {
        { [self] request in
            guard let pid = Self.pid(userAgent: request.userAgent) else { return true }
            return after(Self.key(request), pid: pid) == .goOn
        }
    }

    private static func key(_ request: MutatingRequest) -> String {
        key(method: request.method, path: request.path, body: request.body)
    }

    func commandHook(log: CommandLog) -> CommandHook {
        CommandHook(
            before: { [self] node, command, client in before(CommandHook.key(node, command), pid: client) == .goOn },
            after: { [self] node, command, result, client in
                log.append("\(node) \(result.exitCode) \(command)")
                _ = after(CommandHook.key(node, command), pid: client)
            }
        )
    }
}
