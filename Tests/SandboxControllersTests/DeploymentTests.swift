import KubernetesModel
import Sandbox
import Testing

@Suite(.timeLimit(.minutes(2))) struct `a Deployment` {
    private static func deployment(_ moment: Moment) -> KubernetesObject? {
        moment.object(.deployments, ObjectKey(namespace: "default", name: "web"))
    }

    private static func isRolledOut(_ moment: Moment, _ replicas: Int64) -> Bool {
        guard let web = deployment(moment) else { return false }
        let status = web.status
        return status["observedGeneration"]?.integer == web.generation && status["replicas"]?.integer == replicas
            && status["updatedReplicas"]?.integer == replicas && status["availableReplicas"]?.integer == replicas
    }

    private static func images(_ moment: Moment) -> Set<String> {
        Set(moment.pods("web").compactMap { $0.spec["containers"]?[0]?["image"]?.string })
    }

    private static func setImage(_ image: String, in world: World) async throws {
        try await world.change(.deployments, "web") { web in
            web["spec", "template"] = [
                "metadata": ["labels": ["app": "web"]],
                "spec": ["containers": [["name": "main", "image": .string(image)]]],
            ]
        }
    }

    @Test func `runs its replicas, and says so`() async throws {
        try await World.with(nodes: TestNode.several(2)) { world in
            try await world.apply(Manifest.workload("Deployment", "web", replicas: 3))
            let moment = try await world.until("three are available") { Self.isRolledOut($0, 3) }
            let web = try #require(Self.deployment(moment))
            #expect(web.status.isTrue("Available"))
            #expect(web.status.condition("Progressing")?["reason"] == "NewReplicaSetAvailable")
            let set = try #require(moment.all(.replicaSets).first)
            #expect(set.controller?.uid == web.uid)
            #expect(set.annotations["deployment.kubernetes.io/revision"] == "1")
            #expect(moment.pods("web").allSatisfy { $0.controller?.uid == set.uid })
        }
    }

    @Test func `rolls within its limits`() async throws {
        try await World.with(nodes: TestNode.several(2)) { world in
            let limits = "strategy: {rollingUpdate: {maxSurge: 1, maxUnavailable: 0}}"
            try await world.apply(Manifest.workload("Deployment", "web", replicas: 4, settings: limits))
            try await world.until("four are available") { Self.isRolledOut($0, 4) }
            try await world.never("fewer than four available, or more than five at all") { moment in
                let replicas = moment.all(.replicaSets).reduce(0) { $0 + ($1.spec["replicas"]?.int ?? 0) }
                return moment.ready("web").count < 4 || replicas > 5
            } while: {
                try await Self.setImage("r.example/app:2", in: world)
                try await world.until("four new ones are available") {
                    Self.isRolledOut($0, 4) && Self.images($0) == ["r.example/app:2"]
                }
            }
            let sets = try await world.now().all(.replicaSets)
            #expect(sets.count == 2)
            #expect(Set(sets.map { $0.annotations["deployment.kubernetes.io/revision"] }) == ["1", "2"])
        }
    }

    @Test func `recreates: no new pod before the old ones are gone`() async throws {
        try await World.with(nodes: TestNode.several(1)) { world in
            try await world.apply(
                Manifest.workload("Deployment", "web", replicas: 2, settings: "strategy: {type: Recreate}")
            )
            try await world.until("two are available") { Self.isRolledOut($0, 2) }
            try await world.never("old and new at once") {
                Self.images($0).count > 1
            } while: {
                try await Self.setImage("r.example/app:2", in: world)
                try await world.until("two new ones are available") {
                    Self.isRolledOut($0, 2) && Self.images($0) == ["r.example/app:2"]
                }
            }
        }
    }

    @Test func `goes back to a ReplicaSet it had before`() async throws {
        try await World.with(nodes: TestNode.several(1)) { world in
            try await world.apply(Manifest.workload("Deployment", "web", replicas: 1))
            let first = try await world.until("it is available") { Self.isRolledOut($0, 1) }
            for image in ["r.example/app:2", "r.example/app:1"] {
                try await Self.setImage(image, in: world)
                try await world.until("\(image) is there") { Self.isRolledOut($0, 1) && Self.images($0) == [image] }
            }
            let last = try await world.now()
            #expect(last.all(.replicaSets).count == 2)
            let set = try #require(last.all(.replicaSets).first { $0.spec["replicas"] == 1 })
            #expect(set.uid == first.all(.replicaSets).first?.uid)
            #expect(set.annotations["deployment.kubernetes.io/revision"] == "3")
        }
    }

    @Test func `paused, waits; scaled, it takes away what is missed least`() async throws {
        try await World.with(nodes: TestNode.several(1)) { world in
            try await world.apply(Manifest.workload("Deployment", "web", replicas: 3))
            let before = try await world.until("three are available") { Self.isRolledOut($0, 3) }
            let costly = before.pods("web")[1]
            try await world.change(.pods, costly.name) {
                $0.annotations["controller.kubernetes.io/pod-deletion-cost"] = "10"
            }
            try await world.change(.deployments, "web") { $0["spec", "paused"] = true }
            try await Self.setImage("r.example/app:2", in: world)
            try await world.change(.deployments, "web") { $0["spec", "replicas"] = 1 }
            let after = try await world.until("one is left") { moment in
                moment.pods("web").count == 1 && Self.deployment(moment)?.status["replicas"] == 1
            }
            #expect(after.pods("web").first?.uid == costly.uid)
            #expect(after.all(.replicaSets).count == 1)
            try await world.change(.deployments, "web") { $0["spec", "paused"] = nil }
            try await world.until("it goes on") { Self.images($0) == ["r.example/app:2"] }
        }
    }

    @Test func `that gets nowhere says so after its deadline`() async throws {
        try await World.with(nodes: TestNode.several(1)) { world in
            try await world.apply(
                Manifest.workload(
                    "Deployment",
                    "web",
                    replicas: 1,
                    settings: "progressDeadlineSeconds: 20",
                    pod: "nodeSelector: {disk: none}"
                )
            )
            try await world.until("its deadline is exceeded") { moment in
                Self.deployment(moment)?.status.condition("Progressing")?["reason"] == "ProgressDeadlineExceeded"
            }
        }
    }
}
