import Foundation

/// The one connection to a node that all its commands share (OpenSSH's ControlMaster), opened when it is first needed
/// and again when it broke.
actor SSHConnection {
    let node: String
    let route: SSHRoute
    /// The password `sudo` is to be given where it wants one.
    private let sudoPassword: [UInt8]?
    private let control: String
    private var opening: Task<Result<Session, TransportError>, Never>?
    private var session: Session?
    /// The end of the master before, whose socket the next one takes.
    private var leaving: Task<Void, Never>?

    /// What is known of the other end once somebody has logged in.
    struct Session: Sendable, Hashable {
        let user: String
        let root: Root
        /// Tells one boot of the node from the next.
        let bootID: String
        /// Tells one opening of the connection from the next.
        let serial: String
    }

    /// The connection's socket lies in `folder`; only its owner may enter it, and its path is short (a socket's path
    /// ends at 107 bytes, and ssh adds 17 to it for a moment).
    init(node: String, route: SSHRoute, sudoPassword: [UInt8]?, folder: String) {
        self.node = node
        self.route = route
        self.sudoPassword = sudoPassword
        control = "\(folder)/\(NodeShell.newID().prefix(12))"
    }

    /// The open connection; it is opened when there is none. Who asks meanwhile waits for the same attempt.
    func open() async throws(TransportError) -> Session {
        // OpenSSH's master ends after a while of silence, and takes its socket with it.
        if let session, FileManager.default.fileExists(atPath: control) { return session }
        let attempt = opening ?? Task { await self.connect() }
        opening = attempt
        return try await attempt.value.get()
    }

    /// Says that the connection of that session is of no use any more.
    func forget(_ broken: Session) async {
        guard session == broken else { return }
        await close()
    }

    func close() async {
        session = nil
        let end = Task { await self.exit() }
        leaving = end
        await end.value
    }

    /// `ssh` over the shared connection, with a remote command line.
    func ssh(_ line: String) -> ChildProcess {
        ChildProcess(program: "ssh", arguments: route.arguments(control: control) + ["--", route.host, line])
    }

    /// `ssh` about the shared connection itself and its forwardings.
    nonisolated func ssh(control options: [String]) -> ChildProcess {
        let arguments = route.arguments(control: control, ["ClearAllForwardings": "no"])
        return ChildProcess(program: "ssh", arguments: arguments + options + ["--", route.host])
    }

    /// Asks the master process to end; there may be none.
    private func exit() async { _ = try? await ssh(control: ["-O", "exit"]).run() }

    private func connect() async -> Result<Session, TransportError> {
        await leaving?.value
        let result: Result<Session, TransportError>
        do throws(TransportError) { result = .success(try await greet()) } catch { result = .failure(error) }
        session = try? result.get()
        opening = nil
        return result
    }

    /// Logs in, and learns who we are there and how to become root.
    private func greet() async throws(TransportError) -> Session {
        let further = ["ControlMaster": "yes", "ControlPersist": "90"]
        let script = "id -un; id -u; \(Self.bootScript); sudo -n true 2>&1 && echo root"
        let line = ["sh", "-c", script].map(ShellWord.quoted).joined(separator: " ")
        let arguments = route.arguments(control: control, further) + ["--", route.host, line]
        let process = ChildProcess(program: "ssh", arguments: arguments)
        let outcome = try await within(.seconds(30), process)
        let lines = String(decoding: outcome.output, as: UTF8.self).split(whereSeparator: \.isNewline).map(String.init)
        guard lines.count >= 3, outcome.code != 255 else {
            switch SSHFailure(outcome.errorText, route: route) {
            case .away(let reason): throw .unreachable(node: node, reason: reason)
            case .notAdmitted(let reason): throw .notAdmitted(node: node, reason: reason)
            }
        }
        let root: Root
        if lines[1] == "0" {
            root = .already
        } else if lines.last == "root" {
            root = .sudo
        } else if let sudoPassword {
            root = .sudoWithPassword(sudoPassword)
        } else {
            let words = lines.dropFirst(3).joined(separator: " ")
            let reason = Root.refusal(words, user: lines[0]) ?? "sudo failed: \(words)"
            await exit()
            throw .notAdmitted(node: node, reason: reason)
        }
        return Session(user: lines[0], root: root, bootID: lines[2], serial: NodeShell.newID())
    }

    /// The kernel's boot, and the start of its first process: a container boots without its kernel.
    private static let bootScript =
        "echo \"$(cat /proc/sys/kernel/random/boot_id).$(cut -d' ' -f22 /proc/1/stat 2>/dev/null)\""

    private func within(_ limit: Duration, _ process: ChildProcess) async throws(TransportError) -> ChildProcess.Outcome
    {
        let outcome = await withTaskGroup(of: Result<ChildProcess.Outcome, ChildProcess.Trouble>?.self) { group in
            group.addTask {
                do throws(ChildProcess.Trouble) { return .success(try await process.run()) } catch {
                    return .failure(error)
                }
            }
            group.addTask {
                try? await Task.sleep(for: limit)
                return nil
            }
            let first = await group.next() ?? nil
            group.cancelAll()
            return first
        }
        switch outcome {
        case .success(let outcome): return outcome
        case .failure(.notFound):
            throw .notAdmitted(node: node, reason: "this machine has no ssh; install OpenSSH's client")
        case .failure(let trouble): throw .unreachable(node: node, reason: "ssh: \(trouble)")
        case nil: throw .unreachable(node: node, reason: "no login within \(limit)")
        }
    }
}
