/// Reaches a node through the system's OpenSSH client.
package struct SSHTransport: Transport {
    package let node: String
    private let connection: SSHConnection
    private let folder: String
    private let clock: any Clock<Duration>
    /// How long a node that went away in the middle of a command may stay away: long enough for a boot.
    private let patience: Duration

    init(
        node: String,
        connection: SSHConnection,
        folder: String,
        patience: Duration = .seconds(600),
        clock: any Clock<Duration> = .continuous
    ) {
        self.node = node
        self.connection = connection
        self.folder = folder
        self.patience = patience
        self.clock = clock
    }

    package func run(_ command: Command) async throws(TransportError) -> CommandResult {
        guard !command.arguments.isEmpty else {
            throw .refused(node: node, command: command, reason: "there is no program to run")
        }
        let shell = NodeShell(command)
        let first = try await connection.open()
        let outcome = try await attempt(shell, first)
        if case .known(let result) = outcome { return result }
        return try await afterLoss(shell, first, outcome)
    }

    /// The connection was lost. Whether the command began is not known: the same record is asked for again, which
    /// starts what never began and only waits for what did. A command without a record is repeated once.
    private func afterLoss(
        _ shell: NodeShell,
        _ first: SSHConnection.Session,
        _ outcome: Outcome
    )
        async throws(TransportError) -> CommandResult
    {
        guard case .lost(var reason) = outcome else { throw .cancelled(node: node, command: shell.command) }
        let elapsed = Self.stopwatch(clock)
        var wait = Duration.milliseconds(200)
        while shell.isRecorded ? elapsed() < patience : wait == .milliseconds(200) {
            do { try await clock.sleep(for: wait) } catch { throw .cancelled(node: node, command: shell.command) }
            wait = min(wait * 2, .seconds(5))
            let session: SSHConnection.Session
            do {
                session = try await connection.open()
            } catch .unreachable(_, let words) {
                reason = words
                continue
            }
            if shell.isRecorded, session.bootID != first.bootID {
                throw .interrupted(node: node, command: shell.command, reason: "the node has booted in the meantime")
            }
            switch try await attempt(shell, session) {
            case .known(let result): return result
            case .lost(let words): reason = words
            }
        }
        throw .connectionLost(node: node, command: shell.command, reason: reason)
    }

    private static func stopwatch<C: Clock<Duration>>(_ clock: C) -> () -> Duration {
        let start = clock.now
        return { start.duration(to: clock.now) }
    }

    private enum Outcome {
        case known(CommandResult)
        case lost(String)
    }

    private func attempt(_ shell: NodeShell, _ session: SSHConnection.Session) async throws(TransportError) -> Outcome {
        let command = shell.command
        let words = session.root.arguments(["sh"] + shell.arguments).map(ShellWord.quoted).joined(separator: " ")
        // One argument of execve(2) may have 128 KiB.
        guard words.utf8.count < 120_000 else {
            throw .refused(node: node, command: command, reason: "it is longer than a command line may be")
        }
        var process = await connection.ssh(words)
        process.input = session.root.input(command.input)
        let outcome: ChildProcess.Outcome
        do { outcome = try await process.run() } catch .tooMuchOutput(let limit) {
            throw .refused(node: node, command: command, reason: "it wrote more than \(limit >> 20) MiB")
        } catch {
            if Task.isCancelled { throw .cancelled(node: node, command: command) }
            throw .unreachable(node: node, reason: "ssh: \(error)")
        }
        switch shell.reply(output: outcome.output, errorOutput: outcome.errorOutput) {
        case .finished(let result): return .known(result)
        case .lost: throw .interrupted(node: node, command: command, reason: "it was killed together with its shell")
        case .cutOff:
            if Task.isCancelled { throw .cancelled(node: node, command: command) }
            if outcome.code == 255 || outcome.code > 128 {
                await connection.forget(session)
                return .lost(SSHFailure.lastLine(outcome.errorText))
            }
            let reason = Root.refusal(outcome.errorText, user: session.user)
            if let reason { throw .notAdmitted(node: node, reason: reason) }
            throw .refused(node: node, command: command, reason: SSHFailure.lastLine(outcome.errorText))
        }
    }

    package func login() async throws(TransportError) -> NodeLogin {
        let session = try await connection.open()
        return NodeLogin(user: session.user, sudo: session.root.rights)
    }

    package func withForwardedPort<Value: Sendable>(
        host: String,
        port: Int,
        _ body: @Sendable (_ localSocketPath: String) async throws -> Value
    ) async throws -> Value {
        let session = try await connection.open()
        try await probe(host: host, port: port)
        let path = "\(folder)/\(NodeShell.newID().prefix(12))"
        let forward = ["-L", "\(path):\(host.contains(":") ? "[\(host)]" : host):\(port)"]
        var opened = try await connection.ssh(control: ["-O", "forward"] + forward).run()
        if opened.code != 0, opened.errorText.contains("Control socket connect") {
            // The master ended in between.
            await connection.forget(session)
            _ = try await connection.open()
            opened = try await connection.ssh(control: ["-O", "forward"] + forward).run()
        }
        guard opened.code == 0 else {
            throw TransportError.unreachable(
                node: node,
                reason: "\(host):\(port) cannot be forwarded: \(SSHFailure.lastLine(opened.errorText))"
            )
        }
        let result: Result<Value, any Error>
        do { result = .success(try await body(path)) } catch { result = .failure(error) }
        await cancel(forward, path)
        return try result.get()
    }

    /// One stream is opened first, so that a port nobody serves is said here and not as a broken connection there.
    private func probe(host: String, port: Int) async throws {
        let target = "\(host.contains(":") ? "[\(host)]" : host):\(port)"
        let outcome = try await connection.ssh(control: ["-W", target]).run()
        guard outcome.code != 0 else { return }
        var reason = SSHFailure.lastLine(outcome.errorText)
        if ["administratively prohibited", "Session open refused by peer"].contains(where: outcome.errorText.contains) {
            reason = "its sshd forbids forwarding; allow it there (AllowTcpForwarding local)"
        }
        throw TransportError.unreachable(node: node, reason: "\(target) as seen from it: \(reason)")
    }

    /// Ends the forwarding also for one who was cancelled.
    private func cancel(_ forward: [String], _ path: String) async {
        let process = connection.ssh(control: ["-O", "cancel"] + forward)
        await Task {
            _ = try? await process.run()
            _ = try? await ChildProcess(program: "rm", arguments: ["-f", "--", path]).run()
        }.value
    }
}
