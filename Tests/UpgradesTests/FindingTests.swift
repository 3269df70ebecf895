import Checks
import Draining
import Foundation
import KubernetesModel
import KubernetesVersions
import Survey
import Testing

@testable import Upgrades

@Suite struct `a finding` {
    private func survey(
        _ nodes: [NodeSurvey] = [],
        etcd: [EtcdMemberSurvey] = [],
        pods: [Pod] = []
    ) -> ClusterSurvey {
        ClusterSurvey(
            takenAt: Date(timeIntervalSince1970: 1_790_000_000),
            server: "https://127.0.0.1:6443",
            serverVersion: "v1.31.4",
            clusterUID: "u",
            nodes: nodes,
            etcd: EtcdSurvey(members: etcd),
            objects: ClusterObjects(pods: pods)
        )
    }

    private func silent(_ name: String, isControlPlane: Bool) -> NodeSurvey {
        var node = NodeSurvey(name: name, uid: name, isControlPlane: isControlPlane, kubelet: nil)
        node.accessProblem = "no route"
        return node
    }

    private func kiosk(_ number: Int) -> Pod {
        var object = KubernetesObject(.pods, namespace: "shop", name: "kiosk-\(number)")
        object["spec", "nodeName"] = "worker-1"
        object["status", "phase"] = "Running"
        return Pod(object)
    }

    @Test func `of a drain names the pods, for people and for programs`() throws {
        let one = BlockedDrains.findings(survey(pods: [kiosk(1)]), nodes: ["worker-1"], policy: DrainPolicy())
        let finding = try #require(one.first)
        #expect(
            finding.lines.first
                == "blocker KS-D-drain-flag-needed drain of worker-1: pod shop/kiosk-1: no controller will make it again"
        )
        #expect(finding.value["pods"] == ["shop/kiosk-1"])
        let many = BlockedDrains.findings(
            survey(pods: (1...7).map(kiosk)),
            nodes: ["worker-1"],
            policy: DrainPolicy()
        )
        #expect(
            many.first?.lines.first?.contains(
                ": pods shop/kiosk-1, shop/kiosk-2, shop/kiosk-3, shop/kiosk-4, shop/kiosk-5 and 2 more: "
            ) == true
        )
        #expect(many.first?.value["pods"]?.strings.count == 7)
    }

    @Test func `of a node that cannot be asked offers to leave out a worker, and no control-plane node`() {
        let found = SickCluster.findings(
            survey([silent("cp-1", isControlPlane: true), silent("worker-1", isControlPlane: false)]),
            skipping: []
        )
        #expect(found.map(\.code) == ["KS-N-access", "KS-N-access"])
        #expect(found.map { $0.remedy.contains("--skip-node") } == [false, true])
    }

    @Test func `of a member that nobody could ask does not call it sick`() {
        let unasked = EtcdMemberSurvey(name: "cp-1", node: "cp-1", wasAsked: false, problem: "no route")
        let cluster = survey(etcd: [unasked])
        #expect(SickCluster.findings(cluster, skipping: []).map(\.why) == ["it could not be asked: no route"])
        let lines = SurveyText.lines(cluster)
        #expect(lines.contains("  etcd cp-1: not asked: no route"))
        #expect(lines.contains { $0.hasPrefix("cp-1") && $0.contains("not asked") })
        #expect(cluster.value["etcd", "members"]?[0]?["healthy"] == .null)
    }

    @Test func `that no node can be reached is the first reason for no plan`() {
        let nodes = [silent("worker-1", isControlPlane: false), silent("cp-1", isControlPlane: true)]
        #expect(PlanRefusal(noWayIn: survey(nodes)) == .noWayToNodes(first: "cp-1", reason: "no route"))
        var reached = nodes
        reached[0].accessProblem = nil
        #expect(PlanRefusal(noWayIn: survey(reached)) == nil)
        #expect(PlanRefusal(noWayIn: survey()) == nil)
        #expect(PlanRefusal.noWayToNodes(first: "cp-1", reason: "x").exitCode == 3)
    }
}
