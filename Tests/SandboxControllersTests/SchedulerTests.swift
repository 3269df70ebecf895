import KubernetesModel
import Sandbox
import Testing

@Suite(.timeLimit(.minutes(2))) struct `the scheduler` {
    private static func node(of name: String, _ moment: Moment) -> String? {
        moment.object(.pods, ObjectKey(namespace: "default", name: name))?.podNode
    }

    private static func refusal(of name: String, _ moment: Moment) -> String {
        let pod = moment.object(.pods, ObjectKey(namespace: "default", name: name))
        let condition = pod?.status.condition("PodScheduled")
        return condition?["reason"] == "Unschedulable" ? condition?["message"]?.string ?? "" : ""
    }

    @Test func `fills a node no further than its requests allow`() async throws {
        try await World.with(nodes: [TestNode("w-1", cpus: 2)]) { world in
            for index in 1...3 { try await world.apply(Manifest.pod("p-\(index)", cpu: "\"1\"")) }
            let full = try await world.until("one has to wait") { moment in
                (1...3).filter { !Self.refusal(of: "p-\($0)", moment).isEmpty }.count == 1
                    && moment.all(.pods).filter(\.isPodReady).count == 2
            }
            let waiting = try #require(full.all(.pods).first { $0.podNode == nil })
            #expect(Self.refusal(of: waiting.name, full).hasPrefix("0/1 nodes are available: 1 Insufficient cpu."))
            let gone = try #require(full.all(.pods).first { $0.podNode != nil })
            try await world.delete(.pods, gone.name)
            try await world.until("it has its room") { Self.node(of: waiting.name, $0) == "w-1" }
        }
    }

    @Test func `counts pods as well`() async throws {
        try await World.with(nodes: [TestNode("w-1", pods: 2)]) { world in
            for index in 1...3 { try await world.apply(Manifest.pod("p-\(index)", cpu: "1m")) }
            try await world.until("one has to wait") { moment in
                (1...3).contains { Self.refusal(of: "p-\($0)", moment).contains("Too many pods") }
            }
        }
    }

    @Test func `keeps pods off taints they do not tolerate`() async throws {
        let nodes = [TestNode("w-1", taints: [Taint(key: "gpu", value: "yes", effect: .noSchedule)])]
        try await World.with(nodes: nodes) { world in
            try await world.apply(Manifest.pod("plain"))
            try await world.apply(
                Manifest.pod("gpu", "tolerations: [{key: gpu, operator: Equal, value: \"yes\", effect: NoSchedule}]")
            )
            let moment = try await world.until("one runs, one waits") { moment in
                Self.node(of: "gpu", moment) == "w-1" && !Self.refusal(of: "plain", moment).isEmpty
            }
            #expect(Self.refusal(of: "plain", moment).contains("untolerated taint {gpu: yes}"))
        }
    }

    @Test func `puts nothing on a cordoned node, and goes on when it is uncordoned`() async throws {
        try await World.with(nodes: TestNode.several(1)) { world in
            try await world.cordon("w-1")
            try await world.until("it is tainted") { moment in
                moment.object(.nodes, ObjectKey(name: "w-1"))?.spec["taints"]?.array?.isEmpty == false
            }
            try await world.apply(Manifest.pod("plain"))
            try await world.until("it waits") { Self.refusal(of: "plain", $0).contains("unschedulable") }
            try await world.cordon("w-1", false)
            try await world.until("it runs") { Self.node(of: "plain", $0) == "w-1" }
        }
    }

    @Test func `obeys node selectors and node affinity`() async throws {
        let nodes = [TestNode("w-1", labels: ["disk": "hdd"]), TestNode("w-2", labels: ["disk": "ssd"])]
        try await World.with(nodes: nodes) { world in
            try await world.apply(Manifest.pod("selects", "nodeSelector: {disk: ssd}"))
            let required = """
                affinity: {nodeAffinity: {requiredDuringSchedulingIgnoredDuringExecution: {nodeSelectorTerms: \
                [{matchExpressions: [{key: disk, operator: NotIn, values: [ssd]}]}]}}}
                """
            try await world.apply(Manifest.pod("avoids", required))
            try await world.apply(Manifest.pod("dreams", "nodeSelector: {disk: tape}"))
            try await world.until("two run, one waits") { moment in
                Self.node(of: "selects", moment) == "w-2" && Self.node(of: "avoids", moment) == "w-1"
                    && Self.refusal(of: "dreams", moment).contains("didn't match Pod's node affinity/selector")
            }
        }
    }

    @Test func `keeps apart what wants to be apart, and together what wants to be together`() async throws {
        try await World.with(nodes: TestNode.several(2)) { world in
            func term(_ kind: String) -> String {
                """
                affinity: {\(kind): {requiredDuringSchedulingIgnoredDuringExecution: \
                [{topologyKey: kubernetes.io/hostname, labelSelector: {matchLabels: {app: db}}}]}}
                """
            }
            try await world.apply(Manifest.workload("Deployment", "db", replicas: 3, pod: term("podAntiAffinity")))
            let apart = try await world.until("two run, the third waits") { moment in
                Set(moment.ready("db").compactMap(\.podNode)) == ["w-1", "w-2"]
                    && moment.pods("db").contains { !Self.refusal(of: $0.name, moment).isEmpty }
            }
            #expect(apart.ready("db").count == 2)
            try await world.change(.deployments, "db") { $0["spec", "replicas"] = 1 }
            let one = try await world.until("one is left") { $0.pods("db").count == 1 && $0.ready("db").count == 1 }
            try await world.apply(Manifest.workload("Deployment", "cache", replicas: 3, pod: term("podAffinity")))
            let together = try await world.until("three caches run") { $0.ready("cache").count == 3 }
            #expect(Set(together.ready("cache").compactMap(\.podNode)) == Set(one.ready("db").compactMap(\.podNode)))
        }
    }

    @Test func `spreads over zones where it must`() async throws {
        let nodes = [TestNode("w-1", zone: "a"), TestNode("w-2", zone: "a"), TestNode("w-3", zone: "b")]
        try await World.with(nodes: nodes) { world in
            try await world.cordon("w-3")
            let spread = """
                topologySpreadConstraints: [{maxSkew: 1, topologyKey: topology.kubernetes.io/zone, \
                whenUnsatisfiable: DoNotSchedule, labelSelector: {matchLabels: {app: web}}}]
                """
            try await world.apply(Manifest.workload("Deployment", "web", replicas: 4, pod: spread))
            try await world.until("one runs in zone a, the rest wait for zone b") { moment in
                moment.ready("web").count == 1
                    && moment.pods("web").filter { !Self.refusal(of: $0.name, moment).isEmpty }.count == 3
            }
            try await world.cordon("w-3", false)
            let even = try await world.until("all run") { $0.ready("web").count == 4 }
            #expect(even.ready("web").filter { $0.podNode == "w-3" }.count == 2)
        }
    }
}
