import Foundation
import KubernetesModel
import Testing

@testable import Draining

@Suite struct `a drain's forecast` {
    private func forecast(
        _ pods: [Pod],
        budgets: [PodDisruptionBudget] = [],
        nodes: [Node]? = nil,
        replicas: Int = 3,
        workloads: [Workload] = [],
        namespaces: [KubernetesObject] = [],
        _ change: (inout DrainPolicy) -> Void = { _ in }
    ) throws -> DrainForecast {
        var policy = DrainPolicy()
        policy.ignoreDaemonSets = true
        change(&policy)
        let cluster = ForecastCluster(
            nodes: nodes ?? [node("worker-1"), node("worker-2")],
            pods: pods,
            budgets: budgets,
            workloads: workloads + [workload(.replicaSets, "web", uid: "rs", replicas: replicas)],
            namespaces: namespaces,
            now: Date(timeIntervalSince1970: 1_767_225_600)
        )
        return try #require(DrainForecast.forecast(["worker-1"], in: cluster, policy: policy).first)
    }

    private func elsewhere(_ object: inout KubernetesObject) { object["spec", "nodeName"] = "worker-2" }

    private func codes(_ forecast: DrainForecast) -> [String] {
        forecast.obstacles.map { "\($0.certainty.rawValue) \($0.kind.code)" }
    }

    @Test func `finds nothing where nothing stands in the way`() throws {
        let found = try forecast([pod("a"), pod("b", elsewhere)])
        #expect(found.obstacles == [])
        #expect(found.evictions == [ObjectKey(namespace: "shop", name: "a")])
        #expect(found.newHomes == [ObjectKey(namespace: "shop", name: "a"): "worker-2"])
    }

    @Test func `is the same for each node, whether it is asked for alone or after others`() throws {
        let nodes = (1...4).map { node("worker-\($0)") }
        let pods = (1...4).flatMap { number in
            ["a", "b"].map { name in
                pod("\(name)\(number)") {
                    $0["spec", "nodeName"] = .string("worker-\(number)")
                    guard name == "a" else { return }
                    $0["spec", "affinity", "podAntiAffinity", "requiredDuringSchedulingIgnoredDuringExecution"] = [
                        ["topologyKey": "kubernetes.io/hostname", "labelSelector": ["matchLabels": ["app": "x"]]]
                    ]
                }
            }
        }
        let cluster = ForecastCluster(
            nodes: nodes,
            pods: pods,
            budgets: [],
            workloads: [workload(.replicaSets, "web", uid: "rs", replicas: 8)],
            now: Date(timeIntervalSince1970: 1_767_225_600)
        )
        let names = nodes.map(\.name)
        let together = DrainForecast.forecast(names, in: cluster, policy: DrainPolicy(), alongside: ["worker-4"])
        let alone = names.flatMap {
            DrainForecast.forecast([$0], in: cluster, policy: DrainPolicy(), alongside: ["worker-4"])
        }
        #expect(together == alone)
        #expect(together.map(\.newHomes.count) == [2, 2, 2, 2])
        #expect(together == DrainForecast.forecast(names, in: cluster, policy: DrainPolicy(), alongside: ["worker-4"]))
    }

    @Test func `finds a budget that can never allow anything`() throws {
        let found = try forecast([pod("a")], budgets: [budget("web", minAvailable: 1)], replicas: 1)
        #expect(codes(found) == ["blocks drain-budget-never-allows", "warns drain-all-replicas-here"])
        #expect(found.isBlocked)
        #expect(found.obstacles[0].kind.budgets == [ObjectKey(namespace: "shop", name: "web")])
        #expect(found.obstacles[0].remedy == "run at least 2 replicas, or relax the budget (maxUnavailable 1)")
    }

    @Test func `tells a budget that is used up for now, and by whom`() throws {
        let sick = pod("sick") {
            elsewhere(&$0)
            unready(&$0)
        }
        let found = try forecast([pod("a"), pod("b", elsewhere), sick], budgets: [budget("web", minAvailable: 2)])
        #expect(codes(found) == ["mayBlock drain-budget-exhausted"])
        #expect(
            found.obstacles[0].why.contains(
                "needs 2 healthy pods and has 2; not ready: shop/sick (not ready on worker-2)"
            )
        )
    }

    @Test func `does not take a budget for hopeless while replicas are only being made`() throws {
        let found = try forecast(
            [pod("a"), pod("b", elsewhere)],
            budgets: [budget("web", minAvailable: 2)],
            replicas: 3
        )
        #expect(codes(found) == ["mayBlock drain-budget-exhausted"])
    }

    @Test func `counts the rounds a tight budget costs`() throws {
        let found = try forecast(
            [pod("a"), pod("b"), pod("c"), pod("d", elsewhere)],
            budgets: [budget("web", minAvailable: 3)],
            replicas: 4
        )
        #expect(codes(found) == ["warns drain-budget-slow"])
        #expect(found.obstacles[0].kind == .budgetAllowsFew(ObjectKey(namespace: "shop", name: "web"), waves: 3))
    }

    @Test func `finds overlapping budgets`() throws {
        let budgets = [budget("one", minAvailable: 1), budget("two", minAvailable: 1)]
        let found = try forecast([pod("a"), pod("b", elsewhere), pod("c", elsewhere)], budgets: budgets)
        #expect(codes(found) == ["blocks drain-overlapping-budgets"])
        #expect(found.obstacles[0].why.contains("shop/one and shop/two"))
    }

    @Test func `lets pending and finished pods go whatever the budget says`() throws {
        let pending = pod("a") { $0["status", "phase"] = "Pending" }
        let found = try forecast([pending, pod("b", elsewhere)], budgets: [budget("web", minAvailable: 2)])
        #expect(!found.isBlocked)
        #expect(found.obstacles.allSatisfy { $0.kind.budgets.isEmpty })
    }

    @Test func `lets unready pods go where the budget always allows that`() throws {
        var always = budget("web", minAvailable: 2).object
        always["spec", "unhealthyPodEvictionPolicy"] = "AlwaysAllow"
        let found = try forecast([pod("a", unready), pod("b", elsewhere)], budgets: [PodDisruptionBudget(always)])
        #expect(found.obstacles == [])
    }

    @Test func `finds pods that no other node can take`() throws {
        let big = pod("big") { $0["spec", "containers"] = [["name": "c", "resources": ["requests": ["cpu": "3"]]]] }
        let other = pod("other") {
            elsewhere(&$0)
            $0["spec", "containers"] = [["name": "c", "resources": ["requests": ["cpu": "2"]]]]
        }
        let found = try forecast([big, other])
        #expect(codes(found) == ["blocks drain-nowhere-to-go"])
        #expect(found.obstacles[0].why.contains("1 Insufficient cpu"))
        #expect(found.obstacles[0].remedy.contains("--accept-outage worker-1"))
        let alone = try forecast([pod("a")], nodes: [node("worker-1")])
        #expect(codes(alone) == ["blocks drain-nowhere-to-go", "warns drain-all-replicas-here"])
    }

    @Test func `counts the room that replacements take from one another`() throws {
        let half: (inout KubernetesObject) -> Void = {
            $0["spec", "containers"] = [["name": "c", "resources": ["requests": ["cpu": "2500m"]]]]
        }
        let found = try forecast([pod("a", half), pod("b", half), pod("c", elsewhere)])
        #expect(found.newHomes.count == 1)
        #expect(codes(found) == ["blocks drain-nowhere-to-go"])
    }

    @Test func `finds what needs a flag`() throws {
        let found = try forecast([pod("bare", unmanaged), pod("scratch", withEmptyDir), pod("x", elsewhere)])
        #expect(codes(found) == ["blocks drain-flag-needed", "blocks drain-flag-needed"])
        #expect(found.obstacles.map(\.remedy).allSatisfy { $0.contains("(--") })
        let allowed = try forecast([pod("bare", unmanaged), pod("scratch", withEmptyDir), pod("x", elsewhere)]) {
            $0.force = true
            $0.deleteEmptyDirData = true
        }
        #expect(!allowed.isBlocked)
    }

    @Test func `tells at once what will hold a pod that first needs a flag, and what holds the others`() throws {
        let found = try forecast(
            [pod("scratch", withEmptyDir), pod("bare", unmanaged)],
            budgets: [budget("web", minAvailable: 2)],
            replicas: 1
        )
        #expect(
            codes(found) == [
                "blocks drain-budget-never-allows", "blocks drain-flag-needed", "blocks drain-flag-needed",
                "warns drain-all-replicas-here",
            ]
        )
        #expect(found.evictions == [] && found.newHomes == [:])
    }

    @Test func `finds finalizers, long grace, dying namespaces and pods that come back`() throws {
        let odd = pod("odd") {
            $0.finalizers = ["example.com/hold"]
            $0["spec", "terminationGracePeriodSeconds"] = 3600
            $0["spec", "tolerations"] = [["operator": "Exists"]]
        }
        var namespace = KubernetesObject(.namespaces, name: "shop")
        namespace["status", "phase"] = "Terminating"
        let found = try forecast([odd, pod("x", elsewhere)], namespaces: [namespace]) { $0.timeout = .seconds(900) }
        #expect(
            codes(found) == [
                "mayBlock drain-finalizers", "mayBlock drain-grace-beyond-timeout",
                "mayBlock drain-namespace-terminating",
                "mayBlock drain-returns-to-node",
            ]
        )
    }

    @Test func `knows that a silent kubelet ends no pod`() throws {
        let found = try forecast(
            [pod("a"), pod("b", elsewhere)],
            nodes: [node("worker-1", isReady: false), node("worker-2")]
        )
        #expect(codes(found).contains("blocks drain-kubelet-silent"))
    }

    @Test func `does not offer a node that is emptied at the same time`() throws {
        let cluster = ForecastCluster(
            nodes: [node("worker-1"), node("worker-2"), node("worker-3")],
            pods: [pod("a")],
            budgets: [],
            workloads: [],
            now: Date(timeIntervalSince1970: 0)
        )
        let found = DrainForecast.forecast(["worker-1"], in: cluster, policy: DrainPolicy(), alongside: ["worker-2"])
        #expect(found[0].newHomes.values.sorted() == ["worker-3"])
    }
}
