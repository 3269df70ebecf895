import KubernetesModel
import Sandbox
import Testing

@Suite(.timeLimit(.minutes(2))) struct `the status of a PodDisruptionBudget` {
    private struct Sum: Hashable, CustomStringConvertible {
        var allowed: Int64
        var healthy: Int64
        var desired: Int64
        var expected: Int64
        var description: String { "allowed \(allowed), healthy \(healthy) of \(expected), desired \(desired)" }

        init(_ allowed: Int64, healthy: Int64, desired: Int64, of expected: Int64) {
            self.allowed = allowed
            self.healthy = healthy
            self.desired = desired
            self.expected = expected
        }

        init?(_ moment: Moment) {
            guard let budget = moment.object(.podDisruptionBudgets, ObjectKey(namespace: "default", name: "web")),
                budget.status["observedGeneration"]?.integer == budget.generation
            else { return nil }
            func count(_ name: String) -> Int64 { budget.status[name]?.integer ?? -1 }
            self.init(
                count("disruptionsAllowed"),
                healthy: count("currentHealthy"),
                desired: count("desiredHealthy"),
                of: count("expectedPods")
            )
        }
    }

    private static func expect(_ world: World, _ rule: String, _ sum: Sum) async throws {
        try await world.apply(Manifest.budget("web", rule, app: "web"))
        try await world.until("\(rule): \(sum)") { Sum($0) == sum }
        try await world.delete(.podDisruptionBudgets, "web")
    }

    @Test func `follows its rule`() async throws {
        try await World.with(nodes: TestNode.several(1)) { world in
            try await world.apply(Manifest.workload("Deployment", "web", replicas: 5))
            try await world.until("five are ready") { $0.ready("web").count == 5 }
            try await Self.expect(world, "minAvailable: 3", Sum(2, healthy: 5, desired: 3, of: 5))
            try await Self.expect(world, "minAvailable: 5", Sum(0, healthy: 5, desired: 5, of: 5))
            try await Self.expect(world, "minAvailable: 50%", Sum(2, healthy: 5, desired: 3, of: 5))
            try await Self.expect(world, "maxUnavailable: 1", Sum(1, healthy: 5, desired: 4, of: 5))
            try await Self.expect(world, "maxUnavailable: 0", Sum(0, healthy: 5, desired: 5, of: 5))
            try await Self.expect(world, "maxUnavailable: 30%", Sum(2, healthy: 5, desired: 3, of: 5))
        }
    }

    @Test func `counts what the workload wants, not the pods there are`() async throws {
        try await World.with(nodes: [TestNode("w-1", pods: 3)]) { world in
            try await world.apply(Manifest.workload("Deployment", "web", replicas: 5))
            try await world.until("three have room") { $0.ready("web").count == 3 }
            try await Self.expect(world, "maxUnavailable: 2", Sum(0, healthy: 3, desired: 3, of: 5))
            try await Self.expect(world, "maxUnavailable: 3", Sum(1, healthy: 3, desired: 2, of: 5))
        }
    }

    @Test func `changes with its pods`() async throws {
        try await World.with(nodes: TestNode.several(2)) { world in
            try await world.apply(Manifest.workload("Deployment", "web", replicas: 4, pod: "nodeSelector: {disk: ssd}"))
            try await world.apply(Manifest.budget("web", "maxUnavailable: 1", app: "web"))
            try await world.until("none runs") { Sum($0) == Sum(0, healthy: 0, desired: 3, of: 4) }
            try await world.change(.nodes, "w-1") { $0.labels["disk"] = "ssd" }
            try await world.until("all run") { Sum($0) == Sum(1, healthy: 4, desired: 3, of: 4) }
            try await world.change(.deployments, "web") { $0["spec", "replicas"] = 2 }
            try await world.until("two are wanted") { Sum($0) == Sum(1, healthy: 2, desired: 1, of: 2) }
        }
    }

    @Test func `with a percentage needs a controller behind its pods`() async throws {
        try await World.with(nodes: TestNode.several(1)) { world in
            try await world.apply(Manifest.pod("lone", labels: "{app: web}"))
            try await world.until("it runs") { $0.ready("web").count == 1 }
            try await Self.expect(world, "minAvailable: 1", Sum(0, healthy: 1, desired: 1, of: 1))
        }
    }
}
