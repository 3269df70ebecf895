import KubernetesModel
import Sandbox
import Testing

@Suite(.timeLimit(.minutes(2))) struct `a node` {
    private static func node(_ moment: Moment, _ name: String = "w-1") -> KubernetesObject? {
        moment.object(.nodes, ObjectKey(name: name))
    }

    private static func taints(_ moment: Moment, _ name: String = "w-1") -> Set<String> {
        let taints = node(moment, name)?.spec["taints"]?.array ?? []
        return Set(taints.compactMap { Taint($0)?.description })
    }

    private static let unreachable: Set<String> = [
        "node.kubernetes.io/unreachable:NoSchedule", "node.kubernetes.io/unreachable:NoExecute",
    ]

    @Test func `that falls silent is Unknown, tainted, and its pods are not ready; until it speaks again`() async throws
    {
        let nodes = TestNode.several(2)
        try await World.with(nodes: nodes, nodeGracePeriod: .milliseconds(1500)) { world in
            try await world.apply(
                Manifest.workload("Deployment", "web", replicas: 1, pod: "nodeSelector: {kubernetes.io/hostname: w-1}")
            )
            try await world.until("it runs") { $0.ready("web").count == 1 }
            nodes[0].machine.change { $0.isPartitioned = true }
            let lost = try await world.until("it is unreachable") { moment in
                Self.unreachable.isSubset(of: Self.taints(moment)) && moment.ready("web").isEmpty
            }
            #expect(Self.node(lost)?.status.condition("Ready")?["status"] == "Unknown")
            #expect(Self.node(lost)?.status.condition("Ready")?["reason"] == "NodeStatusUnknown")
            #expect(Self.node(lost, "w-2")?.status.isTrue("Ready") == true)
            #expect(Self.taints(lost, "w-2").isEmpty)
            nodes[0].machine.change { $0.isPartitioned = false }
            try await world.until("it is back") { moment in
                Self.taints(moment).isEmpty && Self.node(moment)?.status.isTrue("Ready") == true
                    && moment.ready("web").count == 1
            }
        }
    }

    @Test func `whose kubelet stops is found out in the same way`() async throws {
        let nodes = TestNode.several(1)
        try await World.with(nodes: nodes, nodeGracePeriod: .milliseconds(1500)) { world in
            nodes[0].machine.change { $0.runningVersion = nil }
            try await world.until("it is unreachable") { Self.unreachable.isSubset(of: Self.taints($0)) }
        }
    }

    @Test func `cordoned has the taint that says so, and loses it uncordoned`() async throws {
        try await World.with(nodes: TestNode.several(1)) { world in
            try await world.cordon("w-1")
            try await world.until("it is tainted") { Self.taints($0) == [Taint.unschedulable.description] }
            try await world.cordon("w-1", false)
            try await world.until("it is not") { Self.taints($0).isEmpty }
        }
    }

    @Test func `with a NoExecute taint sends away who does not bear it`() async throws {
        try await World.with(nodes: TestNode.several(1)) { world in
            try await world.apply(Manifest.pod("shy"))
            try await world.apply(
                Manifest.pod("bold", "tolerations: [{key: maintenance, operator: Exists, effect: NoExecute}]")
            )
            try await world.until("both run") { $0.all(.pods).filter(\.isPodReady).count == 2 }
            try await world.change(.nodes, "w-1") {
                $0["spec", "taints"] = [["key": "maintenance", "effect": "NoExecute"]]
            }
            try await world.until("one is left") { $0.all(.pods).map(\.name) == ["bold"] }
        }
    }
}
