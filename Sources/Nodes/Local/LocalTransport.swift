/// Works on the node that this program runs on.
package struct LocalTransport: Transport {
    package let node: String
    private let sudoPassword: [UInt8]?

    package init(node: String, sudoPassword: [UInt8]? = nil) {
        self.node = node
        self.sudoPassword = sudoPassword
    }

    package func run(_ command: Command) async throws(TransportError) -> CommandResult {
        guard !command.arguments.isEmpty else {
            throw .refused(node: node, command: command, reason: "there is no program to run")
        }
        let shell = NodeShell(command)
        let words = root.arguments(["sh"] + shell.arguments)
        var process = ChildProcess(program: words[0], arguments: Array(words.dropFirst()))
        process.input = root.input(command.input)
        let outcome: ChildProcess.Outcome
        do { outcome = try await process.run() } catch .notFound(let program) {
            let user = LocalUser.name
            let reason = Root.refusal("\(program): command not found", user: user) ?? "there is no \(program)"
            throw .notAdmitted(node: node, reason: reason)
        } catch .tooMuchOutput(let limit) {
            throw .refused(node: node, command: command, reason: "it wrote more than \(limit >> 20) MiB")
        } catch {
            if Task.isCancelled { throw .cancelled(node: node, command: command) }
            throw .refused(node: node, command: command, reason: "\(error)")
        }
        switch shell.reply(output: outcome.output, errorOutput: outcome.errorOutput) {
        case .finished(let result): return result
        case .lost: throw .interrupted(node: node, command: command, reason: "it was killed together with its shell")
        case .cutOff:
            if Task.isCancelled { throw .cancelled(node: node, command: command) }
            if let reason = Root.refusal(outcome.errorText, user: LocalUser.name) {
                throw .notAdmitted(node: node, reason: reason)
            }
            throw .refused(node: node, command: command, reason: SSHFailure.lastLine(outcome.errorText))
        }
    }

    package func login() async throws(TransportError) -> NodeLogin {
        NodeLogin(user: LocalUser.name, sudo: root.rights)
    }

    private var root: Root { LocalUser.isRoot ? .already : sudoPassword.map(Root.sudoWithPassword) ?? .sudo }

    package func withForwardedPort<Value: Sendable>(
        host: String,
        port: Int,
        _ body: @Sendable (_ localSocketPath: String) async throws -> Value
    ) async throws -> Value {
        try await withStream(host: host, port: port) { _, _ in }
        return try await PortBridge(source: self, host: host, port: port).run(body)
    }
}

extension LocalTransport: StreamSource {
    func withStream(
        host: String,
        port: Int,
        _ body: @Sendable (_ stream: ByteStream, _ reader: inout ByteStreamReader) async throws -> Void
    ) async throws {
        let stream: ByteStream
        do { stream = try await ByteStream.connect(host: host, port: port) } catch {
            throw TransportError.unreachable(node: node, reason: "\(host):\(port) as seen from it: \(error)")
        }
        try await stream.channel.executeThenClose { incoming, _ in
            var reader = ByteStreamReader(incoming)
            try await body(stream, &reader)
        }
    }
}
