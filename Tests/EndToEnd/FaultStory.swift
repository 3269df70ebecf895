import Foundation
import Testing

extension EndToEnd {
    @Suite struct `what goes wrong during a run` {
        /// One fault after another on one cluster: each pauses the run, is lifted, and the run goes on to the next.
        @Test(.timeLimit(.minutes(20)))
        func `pauses it with node, step and remedy, and resume goes on once it is gone`() async throws {
            try await RunningSandbox.with("--control-planes", "3", "--workers", "2", "--speed", "200", shop: false) {
                sandbox in
                try await sandbox.openStall(replicas: 4)
                try await sandbox.fault(
                    "command",
                    "--node",
                    "cp-1",
                    "--match",
                    "kubeadm upgrade apply",
                    "--text",
                    "error: the disk is on fire"
                )
                let options = ["--stable-for", "0s", "--drain-timeout", "15s", "--step-timeout", "20s"]
                let begun = try await sandbox.keelstep.run(["upgrade", "--to", "v1.32.6", "--yes"] + options)
                expectPause(begun, at: "cp-1: kubeadm upgrade apply v1.32.6", because: "the disk is on fire")

                try await sandbox.swapFault("command", "--node", "cp-2", "--match", "kubeadm upgrade node", "--hang")
                expectPause(try await sandbox.goOn(), at: "cp-2: kubeadm upgrade node", because: "20 s")

                try await sandbox.swapFault("etcd", "cp-1")
                expectPause(
                    try await sandbox.goOn(),
                    at: "cp-3: check etcd's quorum",
                    because: "with cp-3 down, 1 of 3 etcd members would be left, 2 are needed (unhealthy: cp-1)"
                )

                try await sandbox.swapFault("kubelet", "cp-1")
                expectPause(
                    try await sandbox.goOn(),
                    at: "cp-1: restart the kubelet",
                    because: "does not stay up after its restart"
                )

                let pod = try await sandbox.pod(on: "worker-1")
                try await sandbox.swapFault("pod", pod)
                expectPause(try await sandbox.goOn(), at: "worker-1: drain", because: pod)

                try await sandbox.swapFault("api", "--answer", "timeout", "--path", "/api/v1/nodes/worker-1")
                expectPause(try await sandbox.goOn(), at: "worker-1", because: "API server")

                try await sandbox.swapFault("partition", "worker-2")
                expectPause(try await sandbox.goOn(), at: "worker-2", because: "worker-2")

                expect(try await sandbox.sandbox("fault", "clear"))
                expect(try await sandbox.goOn(), code: 0)
                try await sandbox.expectEveryNode(at: "v1.32.6")
                try await sandbox.expectHealthyEtcd(members: 3)
                try await sandbox.expectNoneCordoned()
                try await sandbox.expectStall()
            }
        }

        @Test(.timeLimit(.minutes(10)))
        func `is waited out where it passes by itself`() async throws {
            try await RunningSandbox.with("--control-planes", "1", "--workers", "2", "--speed", "100", shop: false) {
                sandbox in
                try await sandbox.openStall(replicas: 2)
                try await sandbox.fault("command", "--match", "kubeadm upgrade apply", "--times", "1")
                try await sandbox.fault("command", "--node", "worker-1", "--match", "apt-get install", "--times", "2")
                try await sandbox.fault("api", "--answer", "500", "--path", "/api/v1/nodes/worker-1", "--times", "4")
                try await sandbox.fault("api", "--answer", "429", "--path", "/api/v1/nodes/worker-2", "--times", "4")
                try await sandbox.fault("api", "--answer", "timeout", "--path", "/apis/apps", "--times", "1")
                let words = ["upgrade", "--to", "v1.32.6", "--yes", "--stable-for", "0s"]
                let (_, outcome) = try await sandbox.keelstep.beside(words) { _ in
                    // What lasts until it is lifted is lifted once the run is seen to wait for it.
                    try await sandbox.passing(["partition", "worker-2"], once: "drain", waitsOn: "worker-2")
                }
                expect(outcome)
                try await sandbox.expectEveryNode(at: "v1.32.6")
                try await sandbox.expectNoneCordoned()
                try await sandbox.expectStall()
            }
        }
    }
}

/// The run is paused (exit code 4) at that step, for that reason, and says what to do.
private func expectPause(
    _ outcome: Program.Outcome,
    at step: String,
    because cause: String,
    sourceLocation: SourceLocation = #_sourceLocation
) {
    expect(outcome, code: 4, sourceLocation: sourceLocation)
    let told = outcome.errors.range(of: "\npaused: ").map { String(outcome.errors[$0.upperBound...]) } ?? ""
    #expect(told.hasPrefix(step), "\(outcome)", sourceLocation: sourceLocation)
    #expect(told.contains(cause), "\(told)", sourceLocation: sourceLocation)
    #expect(told.contains("`keelstep resume`"), "\(told)", sourceLocation: sourceLocation)
}

extension RunningSandbox {
    func goOn() async throws -> Program.Outcome { try await keelstep.run("resume", "--step-timeout", "20s") }

    /// Lifts every fault and puts another in their place.
    fileprivate func swapFault(_ words: String...) async throws {
        expect(try await sandbox("fault", "clear"))
        try await fault(words)
    }

    /// `namespace/name` of a pod of the stall on that node.
    fileprivate func pod(on node: String) async throws -> String {
        let pods = try await kubectl().run(
            "get",
            "pods",
            "-n",
            "shop",
            "--field-selector",
            "spec.nodeName=\(node)",
            "-o",
            "jsonpath={.items[0].metadata.name}"
        )
        expect(pods)
        return "shop/\(pods.output)"
    }

    /// Puts a fault in when the run has done `step` on `node`, and lifts it once the run says that it waits.
    fileprivate func passing(_ fault: [String], once step: String, waitsOn node: String) async throws {
        try await eventually("\(node): \(step) under way") {
            try await keelstep.run("status").output.contains("→ \(node): \(step)")
        }
        try await self.fault(fault)
        try await eventually("the run waits for \(node)") {
            try await keelstep.run("status").output.contains("cannot reach node \(node)")
        }
        expect(try await sandbox("fault", "clear"))
    }
}
