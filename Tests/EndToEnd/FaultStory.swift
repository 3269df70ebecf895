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
                try await sandbox.openKiosk()
                try await sandbox.fault("command", "--node", "cp-1", "--match", "find /etc/kubernetes")
                let begun = try await sandbox.keelstep.run(
                    "upgrade",
                    "--to",
                    "v1.32.6",
                    "--yes",
                    "--force",
                    "--stable-for",
                    "0s",
                    "--drain-timeout",
                    "15s"
                )
                expectPause(begun, at: "back up the cluster", because: "node cp-1")

                try await sandbox.swapFault("etcd", "cp-3")
                expectPause(
                    try await sandbox.goOn(),
                    at: "cp-1: check etcd's quorum",
                    because: "with cp-1 down, 1 of 3 etcd members would be left, 2 are needed (unhealthy: cp-3)"
                )

                let onFire = ["--text", "error: the disk is on fire"]
                try await sandbox.swapFault(["command", "--node", "cp-1", "--match", "kubeadm upgrade apply"] + onFire)
                expectPause(
                    try await sandbox.goOn(),
                    at: "cp-1: kubeadm upgrade apply v1.32.6",
                    because: "the disk is on fire"
                )

                try await sandbox.swapFault("command", "--node", "cp-2", "--match", "kubeadm upgrade node", "--hang")
                expectPause(try await sandbox.goOn(), at: "cp-2: kubeadm upgrade node", because: "20 s")

                try await sandbox.swapFault("kubelet", "cp-1")
                expectPause(
                    try await sandbox.goOn(),
                    at: "cp-1: restart the kubelet",
                    because: "does not stay up after its restart"
                )

                try await sandbox.swapFault("pod", "shop/kiosk")
                expectPause(try await sandbox.goOn(), at: "worker-1: drain", because: "shop/kiosk")

                try await sandbox.swapFault("api", "--answer", "timeout", "--path", "/api/v1/nodes/worker-1")
                expectPause(try await sandbox.goOn(), at: "worker-1", because: "was not answered within")

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
                let pod = "/api/v1/namespaces/kube-system/pods/kube-scheduler-cp-1"
                let refused = ["--text", "error: dial tcp 127.0.0.1:6443: connect: connection refused"]
                try await sandbox.fault(["command", "--match", "kubeadm upgrade apply", "--times", "1"] + refused)
                try await sandbox.fault("command", "--node", "worker-1", "--match", "apt-get install", "--times", "2")
                try await sandbox.fault("api", "--answer", "500", "--path", "/api/v1/nodes/worker-1", "--times", "4")
                try await sandbox.fault("api", "--answer", "429", "--path", "/api/v1/nodes/worker-2", "--times", "4")
                try await sandbox.fault("api", "--answer", "timeout", "--path", pod, "--times", "1")
                try await sandbox.fault("command", "--match", "kubeadm upgrade node")
                let begun = try await sandbox.keelstep.run("upgrade", "--to", "v1.32.6", "--yes", "--stable-for", "0s")
                expectPause(begun, at: "worker-1: kubeadm upgrade node", because: "broken on purpose")

                // What lasts until it is lifted is lifted once the run is seen to wait for it.
                try await sandbox.swapFault("partition", "worker-1")
                try await sandbox.fault("command", "--node", "worker-2", "--match", "kubeadm upgrade node")
                let (_, second) = try await sandbox.keelstep.beside(["resume"]) { _ in
                    try await sandbox.lift("node worker-1 is cut off", onceTold: "connection to node worker-1 was lost")
                }
                expectPause(second, at: "worker-2: kubeadm upgrade node", because: "broken on purpose")

                try await sandbox.swapFault("etcd", "cp-1")
                let (_, third) = try await sandbox.keelstep.beside(["resume"]) { _ in
                    try await sandbox.lift("etcd member of cp-1 is stopped", onceTold: "cannot reach etcd member cp-1")
                }
                expect(third)
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
    fileprivate func swapFault(_ words: String...) async throws { try await swapFault(words) }

    fileprivate func swapFault(_ words: [String]) async throws {
        expect(try await sandbox("fault", "clear"))
        try await fault(words)
    }

    /// A pod of nobody's on worker-1, which a drain takes with --force only.
    fileprivate func openKiosk() async throws {
        let file = folder + "/kiosk.yaml"
        let manifest = """
            apiVersion: v1
            kind: Pod
            metadata: {name: kiosk, namespace: shop}
            spec: {nodeName: worker-1, containers: [{name: kiosk, image: "registry.example/shop/kiosk:1"}]}

            """
        try Data(manifest.utf8).write(to: URL(filePath: file))
        expect(try await kubectl().run("apply", "-f", file))
        expect(try await kubectl().run("wait", "-n", "shop", "--for=condition=Ready", "pod/kiosk", "--timeout=60s"))
    }

    /// Lifts the fault of that description once `status` tells, from another process, what the run waits for.
    fileprivate func lift(_ fault: String, onceTold text: String) async throws {
        try await eventually("the run says '\(text)'") {
            try await keelstep.run("status").output.contains(text)
        }
        let listed = try await sandbox("fault", "list").output.split(separator: "\n")
        let line = try #require(listed.first { $0.contains(fault) }, "\(listed)")
        expect(try await sandbox("fault", "clear", String(line.prefix { $0.isNumber })))
    }
}
