import Foundation
import Testing

extension EndToEnd {
    /// The sandbox kills the program (SIGKILL) around its effects: mutating requests and node commands.
    @Suite struct `killed at any moment` {
        @Test(.timeLimit(.minutes(40)))
        func `at every effect in turn, once before and once after it, a run still ends as it should`() async throws {
            try await RunningSandbox.with("--control-planes", "1", "--workers", "2", "--speed", "100") { sandbox in
                expect(try await sandbox.kubectl().run("cordon", "worker-2"))
                try await sandbox.fault("kill-client", "--every")
                let kills = try await sandbox.upgradeThroughKills(to: "v1.32.6", most: 2000)
                print("killed and resumed \(kills) times")
                #expect(kills > 50)
                try await sandbox.expectAsIfNeverKilled(version: "v1.32.6", applies: 1)
            }
        }

        @Test(.timeLimit(.minutes(40)))
        func `at single moments drawn by seed, a run still ends as it should`() async throws {
            let effects = try await RunningSandbox.with(
                "--control-planes",
                "1",
                "--workers",
                "2",
                "--speed",
                "100"
            ) { sandbox in
                expect(try await sandbox.kubectl().run("cordon", "worker-2"))
                try await sandbox.fault("kill-client")
                expect(try await sandbox.upgrade(to: "v1.32.6"))
                return try await sandbox.effects()
            }
            #expect(effects.count > 20)
            let isLong = ProcessInfo.processInfo.environment["KEELSTEP_LONG_TESTS"] != nil
            var random = SeededGenerator(seed: 20_261_123)
            let all = effects.indices.flatMap { [($0 + 1, false), ($0 + 1, true)] }
            let chosen = isLong ? all : (0..<20).compactMap { _ in all.randomElement(using: &random) }
            for (ordinal, isAfter) in chosen {
                let when = "\(isAfter ? "after" : "before") effect \(ordinal): \(effects[ordinal - 1])"
                print("killing \(when)")
                try await RunningSandbox.with(
                    "--control-planes",
                    "1",
                    "--workers",
                    "2",
                    "--speed",
                    "100"
                ) { sandbox in
                    expect(try await sandbox.kubectl().run("cordon", "worker-2"))
                    try await sandbox.fault(["kill-client", "--at", "\(ordinal)"] + (isAfter ? ["--after"] : []))
                    let kills = try await sandbox.upgradeThroughKills(to: "v1.32.6", most: 1)
                    #expect(kills <= 1, "\(when)")
                    try await sandbox.expectAsIfNeverKilled(version: "v1.32.6", applies: 1)
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
    /// `keelstep upgrade`, past the worker the story has cordoned.
    func upgrade(to version: String) async throws -> Program.Outcome {
        try await keelstep.run("upgrade", "--to", version, "--yes", "--skip-node", "worker-2")
    }

    /// Upgrades, and resumes after each kill until it is done; returns how often it was killed.
    func upgradeThroughKills(to version: String, most: Int) async throws -> Int {
        var kills = 0
        while true {
            var outcome = try await keelstep.run("resume")
            if outcome.code == 2 { outcome = try await upgrade(to: version) }
            if outcome.code == 0 { return kills }
            guard outcome.code == 137, kills < most else {
                expect(outcome)
                throw StoryEnded()
            }
            kills += 1
        }
    }

    /// What a run that was killed leaves must be what an undisturbed run leaves.
    func expectAsIfNeverKilled(
        version: String,
        applies: Int,
        sourceLocation: SourceLocation = #_sourceLocation
    ) async throws {
        let nodes = try await kubectl().run(
            "get",
            "nodes",
            "-o",
            "jsonpath={range .items[*]}{.metadata.name} {.status.nodeInfo.kubeletVersion}{\"\\n\"}{end}"
        )
        for line in nodes.output.split(separator: "\n") where !line.hasPrefix("worker-2") {
            #expect(line.hasSuffix(" \(version)"), sourceLocation: sourceLocation)
        }
        #expect(try await cordonedNodes() == ["worker-2"], sourceLocation: sourceLocation)
        let commands = try await sandbox("commands").output.split(separator: "\n")
        let successful = commands.filter { $0.contains("kubeadm upgrade apply") && $0.contains(" 0 ") }
        #expect(successful.count == applies, "\(successful)", sourceLocation: sourceLocation)
        #expect(try halfWrittenBackups() == [], sourceLocation: sourceLocation)
        try await expectFullStrength(sourceLocation: sourceLocation)
        let taints = try await kubectl().run("get", "nodes", "-o", "jsonpath={.items[*].spec.taints[*].key}")
        #expect(!taints.output.contains("keelstep"), "\(taints.output)", sourceLocation: sourceLocation)
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
