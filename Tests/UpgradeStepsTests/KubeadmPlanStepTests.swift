import Runs
import Testing

@testable import Upgrades

@Suite(.timeLimit(.minutes(1))) struct `kubeadm's own plan` {
    @Test func `waits for a kubeadm that a killed run left behind`() async throws {
        try await Workbench.with { bench, _ in
            let left = KubeadmPlanStep(work: bench.work(node: "cp-1", kubeadm: [77]), nodeName: "cp-1")
            let waiting = try await left.probe(bench.context())
            #expect(waiting == .underWay("kubeadm runs on node cp-1 (process 77)"))
            let free = KubeadmPlanStep(work: bench.work(node: "cp-1"), nodeName: "cp-1")
            let begun = try await free.probe(bench.context())
            #expect(begun == .notStarted)
            let past = bench.work(node: "cp-1", manifests: Workbench.to, kubeadm: [77])
            let passed = try await KubeadmPlanStep(work: past, nodeName: "cp-1").probe(bench.context())
            #expect(passed == .done)
        }
    }
}
