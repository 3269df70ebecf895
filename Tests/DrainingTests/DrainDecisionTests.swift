import Foundation
import KubernetesModel
import Testing

@testable import Draining

@Suite struct `a drain's decision over a pod` {
    private let now = Date(timeIntervalSince1970: 1_767_225_600)  // 2026-01-01T00:00:00Z

    private func decide(
        _ pod: Pod,
        missing: Set<ObjectKey> = [],
        _ change: (inout DrainPolicy) -> Void = { _ in }
    ) -> DrainDecision {
        var policy = DrainPolicy()
        change(&policy)
        return DrainDecision.decide(pod, policy, missingDaemonSets: missing, at: now)
    }

    @Test func `evicts a pod that its controller makes again`() {
        #expect(decide(pod("web")) == .evict(warnings: []))
        #expect(decide(pod("web", owned(by: "Whatever", "x"))) == .evict(warnings: []))
    }

    @Test func `refuses a DaemonSet's pod, or leaves it when told to ignore such`() {
        let agent = pod("agent", owned(by: "DaemonSet", "agent"))
        #expect(decide(agent) == .refuse(.daemonSet))
        #expect(decide(agent) { $0.ignoreDaemonSets = true } == .skip(.daemonSet))
        #expect(decide(agent) { $0.force = true } == .refuse(.daemonSet))
    }

    @Test func `evicts a finished DaemonSet's pod`() {
        let agent = pod("agent") {
            owned(by: "DaemonSet", "agent")(&$0)
            finished(&$0)
        }
        #expect(decide(agent) == .evict(warnings: []))
    }

    @Test func `takes an orphan of a DaemonSet only by force`() {
        let agent = pod("agent", owned(by: "DaemonSet", "agent"))
        let missing: Set = [ObjectKey(namespace: "shop", name: "agent")]
        #expect(decide(agent, missing: missing) { $0.ignoreDaemonSets = true } == .refuse(.orphanOfDaemonSet("agent")))
        #expect(decide(agent, missing: missing) { $0.force = true } == .evict(warnings: [.orphanOfDaemonSet("agent")]))
    }

    @Test func `passes over mirror pods without a word`() {
        let mirror = pod("etcd-cp-1", in: "kube-system") {
            unmanaged(&$0)
            withEmptyDir(&$0)
            $0.annotations = ["kubernetes.io/config.mirror": "x"]
        }
        #expect(decide(mirror) == .skip(.mirror))
    }

    @Test func `wants a flag for emptyDir volumes`() {
        #expect(decide(pod("web", withEmptyDir)) == .refuse(.localStorage))
        #expect(decide(pod("web", withEmptyDir)) { $0.deleteEmptyDirData = true } == .evict(warnings: [.localStorage]))
    }

    @Test func `wants a flag for pods without a controller`() {
        #expect(decide(pod("bare", unmanaged)) == .refuse(.unmanaged))
        #expect(decide(pod("bare", unmanaged)) { $0.force = true } == .evict(warnings: [.unmanaged]))
    }

    @Test func `keeps every warning`() {
        let bare = pod("bare") {
            unmanaged(&$0)
            withEmptyDir(&$0)
        }
        let decision = decide(bare) {
            $0.force = true
            $0.deleteEmptyDirData = true
        }
        #expect(decision == .evict(warnings: [.localStorage, .unmanaged]))
        #expect(decide(bare) == .refuse(.localStorage))
    }

    @Test func `lets finished pods go without flags`() {
        let done = pod("done") {
            unmanaged(&$0)
            withEmptyDir(&$0)
            finished(&$0)
        }
        #expect(decide(done) == .evict(warnings: []))
    }

    @Test func `does not wait for what has been terminating for long, when told so`() {
        let stuck = pod("stuck") {
            unmanaged(&$0)
            $0["metadata", "deletionTimestamp"] = "2025-12-31T23:59:00Z"
        }
        #expect(decide(stuck) { $0.skipWaitForDeleteTimeout = 59 } == .skip(.terminating))
        #expect(decide(stuck) { $0.skipWaitForDeleteTimeout = 60 } == .refuse(.unmanaged))
        #expect(decide(stuck) == .refuse(.unmanaged))
    }

    @Test func `over all pods says the same of each in one line, ordinary pods first`() {
        var policy = DrainPolicy()
        policy.ignoreDaemonSets = true
        policy.force = true
        let pods = [
            pod("z"), pod("agent-b", owned(by: "DaemonSet", "agent")), pod("agent-a", owned(by: "DaemonSet", "agent")),
            pod("bare", unmanaged),
            pod("dns", in: "kube-system") { $0["spec", "priorityClassName"] = "system-cluster-critical" },
        ]
        let sorting = DrainSorting(pods, policy, missingDaemonSets: [], at: now)
        #expect(
            sorting.warnings.map(\.description) == [
                "deleting Pods that declare no controller: shop/bare",
                "ignoring DaemonSet-managed Pods: shop/agent-a, shop/agent-b",
            ]
        )
        #expect(sorting.lowestTier.map(\.name) == ["bare", "z"])
        #expect(sorting.laterTiers.map(\.name) == ["dns"])
        let refused = DrainSorting(pods, DrainPolicy(), missingDaemonSets: [], at: now)
        #expect(
            refused.refused.map(\.description) == [
                "DaemonSet-managed Pods (use --ignore-daemonsets to ignore): shop/agent-a, shop/agent-b",
                "Pods that declare no controller (use --force to override): shop/bare",
            ]
        )
        #expect(refused.flags == ["--force", "--ignore-daemonsets"])
    }
}
