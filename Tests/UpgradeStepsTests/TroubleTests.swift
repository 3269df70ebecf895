import Backups
import Etcd
import Nodes
import Runs
import Testing

@testable import Upgrades

@Suite struct `a trouble with a backup` {
    private func sorted(_ error: any Error) -> String {
        switch TroubleSorter.upgrades(error) {
        case .transient: "transient"
        case .failed: "failed"
        case .permanent: "permanent"
        }
    }

    private let away = EtcdError.unreachable(member: "cp-1", reason: "connection refused")
    private let expired = EtcdError.identityRefused(member: "cp-2", reason: "expired")

    @Test func `passes while any member may come back`() {
        #expect(sorted(BackupError.noHealthyMember(["cp-1": away, "cp-2": expired])) == "transient")
        #expect(sorted(BackupError.noHealthyMember(["cp-1": away])) == "transient")
        #expect(sorted(BackupError.noHealthyMember(["cp-2": expired])) == "permanent")
        let missing = BackupError.missingFile(node: "cp-2", path: "/etc/kubernetes/pki/etcd/ca.crt")
        #expect(sorted(BackupError.noHealthyMember(["cp-1": missing, "cp-2": expired])) == "permanent")
    }

    @Test func `that somebody has to see to pauses at once`() {
        for error in [
            BackupError.noRoom(path: "/b", needed: 2, free: 1), .damaged(path: "/b", problems: ["x"]),
            .badIndex(path: "/b", reason: "x"), .cannotRead(path: "/b", reason: "x"),
            .strangePath(node: "cp-1", path: "/etc/shadow"),
        ] { #expect(sorted(error) == "permanent", "\(error)") }
    }

    @Test func `of a node is that node's`() {
        let transport = NodeError.transport(.unreachable(node: "cp-1", reason: "x"))
        #expect(sorted(BackupError.node(transport)) == "transient")
        #expect(sorted(BackupError.node(.notInstalled(node: "cp-1", program: "find"))) == "permanent")
    }
}

@Suite struct `a pause` {
    @Test func `need not wait for steps that only wait themselves, and waits for those that change something`()
        async throws
    {
        try await Workbench.with { bench, _ in
            let work = bench.work()
            let script = UpgradeScript(work.environment)
            func isInterruptible(_ action: StepAction) -> Bool {
                script.step(PlannedStep(id: "s", node: "cp-1", action: action), work.hop).label.isInterruptible
            }
            let waiting: [StepAction] = [.gate, .checkQuorum, .verifyControlPlane, .verifyNode, .soak, .settle]
            #expect(waiting.allSatisfy(isInterruptible))
            let acting: [StepAction] = [
                .backUpCluster, .backUpNode, .switchRepository, .installKubeadm, .kubeadmApply, .kubeadmUpgradeNode,
                .drain, .installKubelet, .restartKubelet, .uncordon,
            ]
            #expect(!acting.contains(where: isInterruptible))
        }
    }
}

@Suite(.timeLimit(.minutes(1))) struct `a wait` {
    @Test func `that is cut off tells no trouble that comes of it`() async throws {
        try await Workbench.with { bench, _ in
            let (started, start) = AsyncStream.makeStream(of: Void.self)
            let wait = Task {
                try await bench.context().hold(for: .zero, watching: [], bench.client) {
                    start.finish()
                    do { try await Task.sleep(for: .seconds(3600)) } catch { throw StepError.transient("cut off") }
                    return nil
                }
            }
            for await _ in started {}
            wait.cancel()
            await #expect(throws: CancellationError.self) { try await wait.value }
            #expect(bench.progress == [])
        }
    }
}

@Suite struct `etcd's health` {
    private func objection(_ members: [String: String?], _ node: String) -> String? {
        EtcdHealthReport(members: members).objection(toRestarting: node)
    }

    @Test func `lets a member restart while the others are a quorum`() {
        #expect(objection(["a": nil, "b": nil, "c": nil], "a") == nil)
        #expect(objection(["a": "sick", "b": nil, "c": nil], "a") == nil, "the sick one may")
        #expect(
            objection(["a": nil, "b": "sick", "c": nil], "a")
                == "with a down, 1 of 3 etcd members would be left, 2 are needed (unhealthy: b)"
        )
        #expect(objection(["a": nil, "b": nil], "a") == "with a down, 1 of 2 etcd members would be left, 2 are needed")
    }

    @Test func `lets the only member restart where it is well`() {
        #expect(objection(["a": nil], "a") == nil)
        #expect(objection(["a": "no leader"], "a") == "etcd member a is not healthy: no leader")
    }
}
