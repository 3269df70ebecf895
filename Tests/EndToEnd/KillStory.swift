import Foundation
import Testing

extension EndToEnd {
    /// The sandbox kills the program (SIGKILL) around its effects: mutating requests and node commands.
    @Suite struct `killed at any moment` {
        @Test(.timeLimit(.minutes(40)))
        func `at every effect in turn, once before and once after it, a run still ends as it should`() async throws {
            try await RunningSandbox.withStall { sandbox in
                try await sandbox.fault("kill-client", "--every")
                let kills = try await sandbox.upgradeThroughKills(most: 2000)
                print("killed and resumed \(kills) times")
                #expect(kills > 50)
                try await sandbox.expectAsIfNeverKilled()
            }
        }

        @Test(.timeLimit(.minutes(60 * 12)))
        func `at single moments drawn by seed, a run still ends as it should`() async throws {
            let effects = try await RunningSandbox.withStall { sandbox in
                try await sandbox.fault("kill-client")
                expect(try await sandbox.upgradeStall())
                try await sandbox.expectAsIfNeverKilled()
                return try await sandbox.effects()
            }
            print("an undisturbed run has \(effects.count) effects")
            #expect(effects.count > 20)
            let environment = ProcessInfo.processInfo.environment
            let isLong = environment["KEELSTEP_LONG_TESTS"] != nil
            var random = SeededGenerator(seed: 20_261_123)
            // Always in the same order, so that a long run that was cut short can be taken up behind its last kill.
            let all = effects.indices.flatMap { [($0 + 1, false), ($0 + 1, true)] }.shuffled(using: &random)
            let first = environment["KEELSTEP_FIRST_KILL"].flatMap { Int($0) } ?? 1
            let chosen = isLong ? all.dropFirst(max(0, first - 1)) : all.prefix(20)
            for (number, (ordinal, isAfter)) in zip(1..., all).filter({ chosen.indices.contains($0.0 - 1) }) {
                let when = "\(isAfter ? "after" : "before") effect \(ordinal): \(effects[ordinal - 1].prefix(120))"
                print("kill \(number) of \(all.count), \(when)")
                try await RunningSandbox.withStall { sandbox in
                    try await sandbox.fault(["kill-client", "--at", "\(ordinal)"] + (isAfter ? ["--after"] : []))
                    // The order of effects differs a little from run to run: a last one may not come at all.
                    #expect(try await sandbox.upgradeThroughKills(most: 1) <= 1, "\(when)")
                    try await sandbox.expectAsIfNeverKilled()
                }
            }
        }
    }
}

/// SplitMix64: the same seed draws the same kills.
struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}

extension RunningSandbox {
    private static let target = "v1.32.6"

    /// A small cluster for one hop: one control-plane node, a worker, a second worker that somebody else has cordoned,
    /// and a Deployment under a budget that may run on all of them.
    static func withStall<Value>(_ body: (RunningSandbox) async throws -> Value) async throws -> Value {
        try await with("--control-planes", "1", "--workers", "2", "--speed", "200", shop: false) { sandbox in
            expect(try await sandbox.kubectl().run("cordon", "worker-2"))
            try await sandbox.openStall(replicas: 2)
            return try await body(sandbox)
        }
    }

    /// `keelstep upgrade`, past the worker that somebody has cordoned.
    func upgradeStall() async throws -> Program.Outcome {
        try await keelstep.run("upgrade", "--to", Self.target, "--yes", "--skip-node", "worker-2", "--stable-for", "0s")
    }

    /// Upgrades, and resumes after each kill until it is done; returns how often it was killed.
    func upgradeThroughKills(most: Int) async throws -> Int {
        var kills = 0
        while true {
            var outcome = try await keelstep.run("resume")
            if outcome.code == 2 { outcome = try await upgradeStall() }
            if outcome.code == 0 { return kills }
            guard outcome.code == 137, kills < most else {
                expect(outcome)
                throw StoryEnded()
            }
            kills += 1
        }
    }

    /// What a run that was killed leaves must be what an undisturbed run leaves.
    func expectAsIfNeverKilled(sourceLocation: SourceLocation = #_sourceLocation) async throws {
        let nodes = try await kubectl().run(
            "get",
            "nodes",
            "-o",
            "jsonpath={range .items[*]}{.metadata.name} {.status.nodeInfo.kubeletVersion}{\"\\n\"}{end}"
        )
        let expected = ["cp-1 \(Self.target)", "worker-1 \(Self.target)", "worker-2 v1.31.4"]
        #expect(nodes.output.split(separator: "\n").map(String.init) == expected, sourceLocation: sourceLocation)
        #expect(try await cordonedNodes() == ["worker-2"], sourceLocation: sourceLocation)
        let commands = try await sandbox("commands").output.split(separator: "\n")
        let successful = commands.filter { $0.hasPrefix("cp-1 0 kubeadm upgrade apply") }
        #expect(successful.count == 1, "\(successful)", sourceLocation: sourceLocation)
        #expect(try halfWrittenBackups() == [], sourceLocation: sourceLocation)
        try await expectStall(sourceLocation: sourceLocation)
        let taints = try await kubectl().run("get", "nodes", "-o", "jsonpath={.items[*].spec.taints[*].key}")
        #expect(!taints.output.contains("keelstep"), "\(taints.output)", sourceLocation: sourceLocation)
        let annotations = try await kubectl().run("get", "nodes", "-o", "jsonpath={.items[*].metadata.annotations}")
        #expect(!annotations.output.contains("keelstep"), "\(annotations.output)", sourceLocation: sourceLocation)
    }

    /// Files below the state folder that look like the beginning of a backup.
    func halfWrittenBackups() throws -> [String] {
        let files = FileManager.default.enumerator(atPath: folder + "/state")?.compactMap { $0 as? String } ?? []
        return files.filter { $0.contains("partial") || $0.contains(".tmp") }
    }

    /// The effects the sandbox has counted since `fault kill-client`.
    func effects() async throws -> [String] {
        try await sandbox("effects").output.split(separator: "\n").map(String.init)
    }

    func fault(_ words: [String]) async throws {
        expect(try await sandbox(["fault"] + words))
    }
}

/// A story could not go on; what was wrong has been recorded.
struct StoryEnded: Error {}
