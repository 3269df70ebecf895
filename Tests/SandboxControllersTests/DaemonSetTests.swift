import KubernetesModel
import Sandbox
import Testing

@Suite(.timeLimit(.minutes(2))) struct `a DaemonSet` {
    private static func nodes(_ moment: Moment) -> [String] { moment.ready("agent").compactMap(\.podNode).sorted() }

    private static func set(_ moment: Moment) -> KubernetesObject? {
        moment.object(.daemonSets, ObjectKey(namespace: "default", name: "agent"))
    }

    @Test func `runs on every node it may, cordoned ones too`() async throws {
        let dedicated = Taint(key: "dedicated", value: "gpu", effect: .noSchedule)
        let nodes = [TestNode("w-1"), TestNode("w-2"), TestNode("w-3", taints: [dedicated])]
        try await World.with(nodes: nodes) { world in
            try await world.cordon("w-2")
            try await world.apply(Manifest.workload("DaemonSet", "agent"))
            let moment = try await world.until("both run it") { Self.nodes($0) == ["w-1", "w-2"] }
            let final = try await world.until("it has counted them") { Self.set($0)?.status["numberReady"] == 2 }
            #expect(Self.set(final)?.status["desiredNumberScheduled"] == 2)
            #expect(moment.pods("agent").count == 2)
            try await world.change(.daemonSets, "agent") { set in
                set["spec", "template", "spec", "tolerations"] = [["key": "dedicated", "operator": "Exists"]]
            }
            try await world.until("the third too") { Self.nodes($0) == ["w-1", "w-2", "w-3"] }
        }
    }

    @Test func `follows its node selector as labels change`() async throws {
        try await World.with(nodes: TestNode.several(2)) { world in
            try await world.apply(Manifest.workload("DaemonSet", "agent", pod: "nodeSelector: {disk: ssd}"))
            try await world.change(.nodes, "w-2") { $0.labels["disk"] = "ssd" }
            try await world.until("it runs there") { Self.nodes($0) == ["w-2"] }
            try await world.change(.nodes, "w-2") { $0.labels["disk"] = nil }
            try await world.until("it is gone from there") { $0.pods("agent").isEmpty }
        }
    }

    @Test func `rolls one node at a time`() async throws {
        try await World.with(nodes: TestNode.several(3)) { world in
            try await world.apply(Manifest.workload("DaemonSet", "agent"))
            try await world.until("all run it") { Self.nodes($0).count == 3 }
            try await world.never("two away") {
                Self.nodes($0).count < 2
            } while: {
                try await world.change(.daemonSets, "agent") { set in
                    set["spec", "template", "metadata", "annotations"] = ["turn": "2"]
                }
                try await world.until("all are new") { moment in
                    moment.ready("agent").filter { $0.annotations["turn"] == "2" }.count == 3
                        && Self.set(moment)?.status["updatedNumberScheduled"] == 3
                }
            }
        }
    }

    @Test func `puts its pod back on a node it was deleted from`() async throws {
        try await World.with(nodes: TestNode.several(1)) { world in
            try await world.apply(Manifest.workload("DaemonSet", "agent"))
            let before = try await world.until("it runs") { Self.nodes($0) == ["w-1"] }
            let old = before.pods("agent")[0]
            try await world.delete(.pods, old.name)
            try await world.until("another runs") { $0.ready("agent").contains { $0.uid != old.uid } }
        }
    }
}
