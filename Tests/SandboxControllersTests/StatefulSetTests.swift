import KubernetesModel
import Sandbox
import Testing

@Suite(.timeLimit(.minutes(2))) struct `a StatefulSet` {
    private static func set(_ moment: Moment) -> KubernetesObject? {
        moment.object(.statefulSets, ObjectKey(namespace: "default", name: "db"))
    }

    private static func names(_ pods: [KubernetesObject]) -> [String] { pods.map(\.name).sorted() }

    @Test func `starts its pods one after the other`() async throws {
        try await World.with(nodes: TestNode.several(2)) { world in
            try await world.never("a pod before the one below it is ready") { moment in
                let ready = moment.ready("db").count
                return moment.pods("db").contains { (Int($0.name.dropFirst(3)) ?? 0) > ready }
            } while: {
                try await world.apply(Manifest.workload("StatefulSet", "db", replicas: 3))
                let full = try await world.until("three are ready") { Self.set($0)?.status["readyReplicas"] == 3 }
                #expect(Self.names(full.pods("db")) == ["db-0", "db-1", "db-2"])
                #expect(full.pods("db").allSatisfy { $0.spec["hostname"]?.string == $0.name })
            }
        }
    }

    @Test func `with the Parallel policy waits for none`() async throws {
        try await World.with([.controllers]) { world in
            try await world.apply(
                Manifest.workload("StatefulSet", "db", replicas: 3, settings: "podManagementPolicy: Parallel")
            )
            try await world.until("all are made, though none runs") { $0.pods("db").count == 3 }
        }
    }

    @Test func `takes away the highest first`() async throws {
        try await World.with(nodes: TestNode.several(1)) { world in
            try await world.apply(Manifest.workload("StatefulSet", "db", replicas: 3))
            try await world.until("three are ready") { Self.set($0)?.status["readyReplicas"] == 3 }
            try await world.never("a lower one goes before a higher") { moment in
                let left = moment.pods("db").filter { !$0.isTerminating }
                return Self.names(left) != (0..<left.count).map { "db-\($0)" }
            } while: {
                try await world.change(.statefulSets, "db") { $0["spec", "replicas"] = 1 }
                try await world.until("one is left") { Self.names($0.pods("db")) == ["db-0"] }
            }
        }
    }

    @Test func `gives a lost pod its name again, only once the old object is gone`() async throws {
        try await World.with(nodes: TestNode.several(1)) { world in
            try await world.apply(Manifest.workload("StatefulSet", "db", replicas: 2))
            let before = try await world.until("two are ready") { $0.ready("db").count == 2 }
            let old = before.pods("db")[0]
            try await world.delete(.pods, old.name)
            let after = try await world.until("it is back") { moment in
                moment.ready("db").contains { $0.name == old.name && $0.uid != old.uid }
            }
            #expect(after.pods("db").count == 2)
        }
    }

    @Test func `rolls from the top, down to its partition`() async throws {
        try await World.with(nodes: TestNode.several(1)) { world in
            try await world.apply(
                Manifest.workload(
                    "StatefulSet",
                    "db",
                    replicas: 3,
                    settings: "updateStrategy: {rollingUpdate: {partition: 1}}"
                )
            )
            try await world.until("three are ready") { Self.set($0)?.status["readyReplicas"] == 3 }
            try await world.never("more than one away") {
                $0.ready("db").count < 2
            } while: {
                try await world.change(.statefulSets, "db") { set in
                    set["spec", "template", "metadata", "annotations"] = ["turn": "2"]
                }
                try await world.until("two are new") { moment in
                    moment.ready("db").filter { $0.annotations["turn"] == "2" }.count == 2
                        && moment.ready("db").count == 3
                }
            }
            let end = try await world.now()
            #expect(end.pods("db").filter { $0.annotations["turn"] == nil }.map(\.name) == ["db-0"])
            #expect(Self.set(end)?.status["currentRevision"] != Self.set(end)?.status["updateRevision"])
        }
    }

    @Test func `keeps a claim for each pod, also when the pod is replaced`() async throws {
        try await World.with(nodes: TestNode.several(1)) { world in
            let claim = "volumeClaimTemplates: [{metadata: {name: data}, spec: {accessModes: [ReadWriteOnce]}}]"
            try await world.apply(Manifest.workload("StatefulSet", "db", replicas: 1, settings: claim))
            let before = try await world.until("it is ready") { $0.ready("db").count == 1 }
            #expect(before.all(.persistentVolumeClaims).map(\.name) == ["data-db-0"])
            try await world.delete(.pods, "db-0")
            let after = try await world.until("it is back") { moment in
                moment.ready("db").contains { $0.uid != before.pods("db")[0].uid }
            }
            #expect(after.all(.persistentVolumeClaims).map(\.uid) == before.all(.persistentVolumeClaims).map(\.uid))
            #expect(after.pods("db")[0].spec["volumes"]?[0]?["persistentVolumeClaim"]?["claimName"] == "data-db-0")
        }
    }
}
