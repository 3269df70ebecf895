import Foundation
import Settings
import Testing

@testable import Nodes
@testable import Survey

@Suite struct `the record of a command` {
    private func run(_ shell: NodeShell, input: [UInt8]? = nil) async throws -> (NodeShell.Reply, ChildProcess.Outcome)
    {
        let process = ChildProcess(
            program: "sh",
            arguments: shell.arguments,
            input: input ?? shell.command.input
        )
        let outcome = try await process.run()
        return (shell.reply(output: outcome.output, errorOutput: outcome.errorOutput), outcome)
    }

    @Test(.requiresRoot) func `lets it run once, however often it is asked for`() async throws {
        try await withFolder { folder in
            let shell = NodeShell(
                Command("sh", "-c", "cat >>\(folder)/runs; echo out; echo err >&2; exit 5", input: Array("x\n".utf8))
            )
            let replies = try await withThrowingTaskGroup(of: NodeShell.Reply.self) { group in
                for _ in 0..<6 { group.addTask { try await run(shell).0 } }
                return try await group.reduce(into: [NodeShell.Reply]()) { $0.append($1) }
            }
            let result = CommandResult(exitCode: 5, output: "out\n", errorOutput: "err\n")
            #expect(replies == Array(repeating: .finished(result), count: 6))
            #expect(try String(contentsOfFile: "\(folder)/runs", encoding: .utf8) == "x\n")
            // Later, without the input, which has been received.
            #expect(try await run(shell, input: []).0 == .finished(result))
        }
    }

    @Test(.requiresRoot) func `does not begin what was received in part`() async throws {
        try await withFolder { folder in
            let shell = NodeShell(Command("tee", "\(folder)/copy", input: Array("all of it".utf8)))
            let (reply, outcome) = try await run(shell, input: Array("all".utf8))
            #expect(reply == .cutOff)
            #expect(outcome.code == 121)
            #expect(!FileManager.default.fileExists(atPath: "\(folder)/copy"))
            #expect(try await run(shell).0 == .finished(CommandResult(exitCode: 0, output: "all of it")))
        }
    }

    @Test func `is told from the last line alone, and from its own mark`() {
        let shell = NodeShell(Command("x"), id: "abc")
        func reply(_ text: String) -> NodeShell.Reply { shell.reply(output: Array(text.utf8), errorOutput: []) }
        #expect(reply("data\nabc 0\nabc 3\n") == .finished(CommandResult(exitCode: 3, output: "data\nabc 0")))
        #expect(reply("\nabc 0\n") == .finished(CommandResult(exitCode: 0)))
        #expect(reply("\nabc lost\n") == .lost)
        for cut in ["", "\n", "abc 0", "\nabc 0", "\nabd 0\n", "\nabc 256\n", "\nabc -1\n", "\nabc x\n", "\nabc 0 0\n"]
        {
            #expect(reply(cut) == .cutOff, "\(cut)")
        }
    }

    @Test func `is kept of what changes something, and not of secrets`() {
        #expect(NodeShell(Command("apt-get", "update")).isRecorded)
        #expect(!NodeShell(Command("cat", "/etc/hosts", isReadOnly: true)).isRecorded)
        #expect(!NodeShell(Command("tee", "/etc/key", isSecret: true)).isRecorded)
    }
}

@Suite struct `what ssh says` {
    private let route: SSHRoute = {
        var access = SSHAccess()
        access.user = "ops"
        return SSHRoute(host: "10.0.0.1", access: access)
    }()

    @Test(arguments: [
        ("ops@10.0.0.1: Permission denied (publickey).", "it does not let ops in", false),
        ("Host key verification failed.", "its host key is not known yet", false),
        ("ssh: Could not resolve hostname n: Name or service not known", "cannot be resolved", false),
        ("Bad owner or permissions on /root/.ssh/config", "configuration is refused", false),
        ("ssh: connect to host 10.0.0.1 port 22: Connection refused", "Connection refused", true),
        ("ssh: connect to host 10.0.0.1 port 22: Connection timed out", "timed out", true),
        ("ssh: connect to host 10.0.0.1 port 22: No route to host", "No route to host", true),
        ("Timeout, server 10.0.0.1 not responding.", "not responding", true),
        ("client_loop: send disconnect: Broken pipe", "Broken pipe", true),
        ("kex_exchange_identification: Connection closed by remote host", "Connection closed", true),
        ("", "without a word", true),
    ]) func `is told as what helps, and whether waiting does`(text: String, words: String, mayPass: Bool) {
        switch SSHFailure(text, route: route) {
        case .away(let reason): #expect(mayPass && reason.contains(words), "\(reason)")
        case .notAdmitted(let reason): #expect(!mayPass && reason.contains(words), "\(reason)")
        }
    }

    @Test func `names the place of a host key that changed`() {
        let text = """
            @@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@
            @    WARNING: REMOTE HOST IDENTIFICATION HAS CHANGED!     @
            Offending ED25519 key in /home/me/.ssh/known_hosts:7
            Host key verification failed.
            """
        guard case .notAdmitted(let reason) = SSHFailure(text, route: route) else {
            Issue.record("it may pass")
            return
        }
        #expect(reason.contains("/home/me/.ssh/known_hosts:7"))
        #expect(reason.contains("ssh-keygen -R 10.0.0.1"))
    }

    @Test(arguments: [
        ("sudo: a password is required", "NOPASSWD"),
        ("sudo: no password was provided", "NOPASSWD"),
        ("Sorry, try again.\nsudo: 1 incorrect password attempt", "does not accept the password"),
        ("ops is not in the sudoers file.", "sudo lets ops not"),
        ("sh: 1: sudo: not found", "there is no sudo"),
        ("sudo: sorry, you must have a tty to run sudo", "requiretty"),
    ]) func `of sudo is told as what helps`(text: String, words: String) throws {
        let reason = try #require(Root.refusal(text, user: "ops"))
        #expect(reason.contains(words), "\(reason)")
    }

    @Test func `comes before every configuration, and has no room for options in names`() {
        let arguments = route.arguments(control: "/tmp/c")
        #expect(arguments.contains("StrictHostKeyChecking=yes"))
        #expect(arguments.contains("BatchMode=yes"))
        #expect(arguments.suffix(2) == ["-l", "ops"])
    }

    @Test func `is asked through sudo with the password first`() {
        #expect(Root.already.arguments(["sh"]) == ["sh"])
        #expect(Root.sudo.arguments(["sh"]) == ["sudo", "-n", "--", "sh"])
        let root = Root.sudoWithPassword(Array("pw".utf8))
        #expect(root.arguments(["sh"]) == ["sudo", "-k", "-S", "-p", "", "--", "sh"])
        #expect(root.input(Array("in".utf8)) == Array("pw\nin".utf8))
    }
}

@Suite struct `finding out how nodes are reached` {
    @Test func `makes what most take the default, and names the others`() {
        var byName = SSHAccess()
        byName.host = "{name}"
        let found: [String: NodeAccess] = ["a": .ssh(byName), "b": .ssh(byName), "c": .ssh(SSHAccess()), "d": .local]
        let settings = AccessFinder.shortened(found, base: SSHAccess())
        #expect(settings.fallback == .ssh(byName))
        #expect(settings.named == ["c": .ssh(SSHAccess()), "d": .local])
        #expect(AccessFinder.shortened([:], base: SSHAccess()).fallback == .ssh(SSHAccess()))
    }
}
