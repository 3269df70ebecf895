import KubernetesModel
import Sandbox
import Testing

@Suite(.timeLimit(.minutes(2))) struct `a ReplicaSet` {
    private static func set(_ moment: Moment) -> KubernetesObject? {
        moment.object(.replicaSets, ObjectKey(namespace: "default", name: "web"))
    }

    @Test func `makes hundreds of pods at once, and replaces what is deleted`() async throws {
        try await World.with([.controllers]) { world in
            try await world.apply(Manifest.workload("ReplicaSet", "web", replicas: 200))
            let full = try await world.until("it has 200 pods") { moment in
                Self.set(moment)?.status["replicas"] == 200 && moment.pods("web").count == 200
            }
            let gone = try #require(full.pods("web").first)
            try await world.delete(.pods, gone.name)
            try await world.until("the one is replaced") { moment in
                moment.pods("web").count == 200 && !moment.pods("web").contains { $0.uid == gone.uid }
            }
        }
    }

    @Test func `adopts a pod that matches, and makes one fewer`() async throws {
        try await World.with([.controllers]) { world in
            try await world.apply(Manifest.pod("stray", labels: "{app: web}"))
            try await world.apply(Manifest.workload("ReplicaSet", "web", replicas: 2))
            let moment = try await world.until("two are there") { Self.set($0)?.status["replicas"] == 2 }
            let stray = try #require(moment.pods("web").first { $0.name == "stray" })
            #expect(stray.controller?.uid == Self.set(moment)?.uid)
            #expect(moment.pods("web").count == 2)
        }
    }

    @Test func `counts as available what was ready for long enough`() async throws {
        try await World.with(nodes: TestNode.several(1), speed: 10) { world in
            try await world.apply(
                Manifest.workload("ReplicaSet", "web", replicas: 1, settings: "minReadySeconds: 30")
            )
            let ready = try await world.until("one is ready") { Self.set($0)?.status["readyReplicas"] == 1 }
            #expect(Self.set(ready)?.status["availableReplicas"] == nil)
            try await world.until("it is available") { Self.set($0)?.status["availableReplicas"] == 1 }
        }
    }
}
