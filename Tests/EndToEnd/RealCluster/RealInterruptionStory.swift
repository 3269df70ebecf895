import Foundation
import Subprocess
import SystemPackage
import Testing

extension EndToEnd {
    /// What cuts an upgrade of a real cluster short, and how it goes on.
    @Suite(.serialized, .enabled("needs a laboratory: lab/up") { RealCluster.isThere })
    struct RealClusterInterruptions {
        private static func upgrade(to version: String) -> [String] {
            ["upgrade", "--to", version, "--delete-emptydir-data", "--yes"]
        }

        @Test(.timeLimit(.minutes(60)))
        func `a real upgrade is killed ten times and resumed each time, to the end`() async throws {
            try await RealCluster.with { cluster in
                try await cluster.restore()
                var random = SeededGenerator(seed: 20_261_126)
                var arguments = Self.upgrade(to: "v1.22.0")
                for number in 1...10 {
                    let delay = Int.random(in: 3000...35_000, using: &random)
                    let (code, said) = try await cluster.killed(arguments, after: .milliseconds(delay))
                    print("kill \(number), after \(delay) ms: \(said.last ?? "")")
                    #expect(code == 137, "it ended by itself: \(said.suffix(5))")
                    // A kill before the run was begun leaves nothing to resume.
                    let status = try await cluster.keelstep.run("status")
                    let isBegun = !status.errors.contains("no run was ever begun")
                    arguments = isBegun ? ["resume"] : Self.upgrade(to: "v1.22.0")
                }
                let last = try await cluster.keelstep.run(arguments)
                expect(last)
                try await cluster.expectUpgraded(to: "v1.22.0")
            }
        }

        @Test(.timeLimit(.minutes(40)))
        func `a link that is down for half a minute in mid-step costs a real upgrade nothing`() async throws {
            try await RealCluster.with { cluster in
                try await cluster.restore()
                // What is said when the step's command begins on the node.
                let cuts = [
                    ("cp1", "kubeadm upgrades the control plane of cp1"),
                    ("w1", "apt-get installs kubelet and kubectl"), ("w2", "restart the kubelet"),
                ]
                let outcome = try await cluster.following(Self.upgrade(to: "v1.21.0")) { line in
                    let found = cuts.first { node, words in
                        line.contains(" \(node): ") && (line.hasSuffix(words) || line.hasSuffix(words + " v1.21.0"))
                    }
                    if let found { print("cutting \(found.0) for 30 s: \(line)") }
                    return found?.0
                }
                #expect(outcome.code == 0, "\(outcome.lines.suffix(30).joined(separator: "\n"))")
                #expect(outcome.cut == ["cp1", "w1", "w2"])
                #expect(!outcome.lines.contains { $0.contains("paused") })
                try await cluster.expectUpgraded(to: "v1.21.0")
            }
        }
    }
}

extension RealCluster {
    /// The cluster as `lab/up` first made it.
    func restore() async throws {
        expect(try await laboratory("restore").run([]))
    }

    func expectUpgraded(to version: String) async throws {
        let versions = try await nodes(".status.nodeInfo.kubeletVersion")
        #expect(Set(versions.values) == [version], "\(versions)")
        #expect(try await nodes(".spec.unschedulable").values.allSatisfy { $0 != "true" })
        for name in versions.keys.sorted() {
            let held = try await on(name, "apt-mark", "showhold")
            #expect(held.split(separator: "\n").sorted() == ["kubeadm", "kubectl", "kubelet"], "\(name): \(held)")
            #expect(try await on(name, "pgrep", "-x", "kubeadm", "||", "true").isEmpty)
        }
        let survey = try await keelstep.run("survey", "-o", "json")
        expect(survey)
        #expect(!survey.output.contains("keelstep.dev/cordoned"))
    }

    /// Runs the program and kills it (SIGKILL) some time after its first line; how it ended, and what it said.
    func killed(_ arguments: [String], after delay: Duration) async throws -> (code: Int32, lines: [String]) {
        var lines: [String] = []
        var killer: Task<Void, any Error>?
        let code = try await run(arguments) { line, pid in
            lines.append(line)
            guard killer == nil else { return }
            killer = Task {
                try await Task.sleep(for: delay)
                kill(pid, SIGKILL)
            }
        }
        killer?.cancel()
        return (code, lines)
    }

    /// Runs the program to its end; a node that `cutting` names at a line has its link down for half a minute.
    func following(
        _ arguments: [String],
        cutting: (String) -> String?
    ) async throws -> (code: Int32, lines: [String], cut: [String]) {
        var lines: [String] = []
        var cut: [String] = []
        var mending: [Task<Void, any Error>] = []
        let code = try await run(arguments) { line, _ in
            lines.append(line)
            guard let node = cutting(line), !cut.contains(node) else { return }
            cut.append(node)
            let link = try await self.link(of: node)
            try await set(link, isUp: false)
            mending.append(
                Task {
                    try await Task.sleep(for: .seconds(30))
                    try await set(link, isUp: true)
                }
            )
        }
        for task in mending { try await task.value }
        return (code, lines, cut)
    }

    private func run(
        _ arguments: [String],
        _ body: (_ line: String, _ pid: Int32) async throws -> Void
    ) async throws -> Int32 {
        let program = keelstep
        let result = try await Subprocess.run(
            .path(FilePath(program.path)),
            arguments: Arguments(arguments),
            environment: program.subprocessEnvironment,
            input: .none,
            output: .discarded,
            error: .sequence
        ) { execution in
            let pid = Int32(execution.processIdentifier.value)
            do {
                for try await line in execution.standardError.strings() {
                    try await body(line, pid)
                }
            } catch {
                kill(pid, SIGKILL)
                throw error
            }
        }
        return Program.code(result.terminationStatus)
    }

    /// The bridge's port that a node hangs on, found by the node's hardware address.
    private func link(of node: String) async throws -> String {
        let address = try #require(try await nodes(".status.addresses[?(@.type==\"InternalIP\")].address")[node])
        let neighbour = try await shell("ip", "neigh", "show", address)
        let hardware = try #require(neighbour.split(separator: " ").first { $0.split(separator: ":").count == 6 })
        let table = try await shell("bridge", "fdb", "show", "br", "lab0")
        let row = try #require(
            table.split(separator: "\n").first { $0.hasPrefix(hardware) && !$0.contains("permanent") }
        )
        let words = row.split(separator: " ")
        let mark = try #require(words.firstIndex(of: "dev"))
        return String(try #require(words.dropFirst(mark + 1).first))
    }

    private func set(_ link: String, isUp: Bool) async throws {
        _ = try await shell("ip", "link", "set", link, isUp ? "up" : "down")
    }

    /// This process is in the laboratory's network already.
    private func shell(_ words: String...) async throws -> String {
        let outcome = try await Program(path: "/usr/bin/env", environment: [:]).run(words)
        expect(outcome)
        return outcome.output
    }
}
