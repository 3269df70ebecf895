import KubernetesModel
import Sandbox
import Testing

/// The order of questions of the eviction subresource.
@Suite struct `an eviction` {
    private struct Scene {
        let server: APIServer
        let port: Int

        func pod(_ name: String, phase: String = "Running", isReady: Bool = true) async throws -> KubernetesObject {
            var pod = Seeds.pod(name, on: "n1", labels: ["app": "web"], phase: phase, isReady: isReady)
            pod.namespace = "default"
            return try await server.access.add(.pods, pod)
        }

        func budget(
            _ name: String = "web",
            allowed: Int64 = 0,
            healthy: Int64 = 1,
            desired: Int64 = 1,
            observed: Int64 = 1,
            policy: String? = nil
        ) async throws {
            var budget = KubernetesObject(.podDisruptionBudgets, namespace: "default", name: name)
            budget["spec"] = ["minAvailable": 1, "selector": ["matchLabels": ["app": "web"]]]
            if let policy { budget["spec", "unhealthyPodEvictionPolicy"] = .string(policy) }
            budget["status"] = [
                "observedGeneration": .integer(observed), "disruptionsAllowed": .integer(allowed),
                "currentHealthy": .integer(healthy), "desiredHealthy": .integer(desired), "expectedPods": 1,
            ]
            try await server.access.add(.podDisruptionBudgets, budget)
        }

        func evict(_ name: String, _ options: JSONValue? = nil, query: String = "") async throws -> HTTPAnswer {
            var eviction: JSONValue = [
                "apiVersion": "policy/v1", "kind": "Eviction",
                "metadata": ["name": .string(name), "namespace": "default", "creationTimestamp": .null],
            ]
            eviction["deleteOptions"] = options
            return try await ask(port, .post, "/api/v1/namespaces/default/pods/\(name)/eviction\(query)", eviction)
        }

        func isEnding(_ name: String) async throws -> Bool {
            try await server.access.get(.pods, ObjectKey(namespace: "default", name: name)).isTerminating
        }

        func allowed() async throws -> Int64? {
            try await server.access.get(.podDisruptionBudgets, ObjectKey(namespace: "default", name: "web"))[
                "status",
                "disruptionsAllowed"
            ]?.integer
        }
    }

    private func withScene(_ body: @escaping @Sendable (Scene) async throws -> Void) async throws {
        try await withServer { server, port in try await body(Scene(server: server, port: port)) }
    }

    @Test func `without a budget is a graceful delete`() async throws {
        try await withScene { scene in
            _ = try await scene.pod("a")
            let answer = try await scene.evict("a")
            #expect(answer.code == 201)
            #expect(answer.json["status"] == "Success")
            let pod = try await scene.server.access.get(.pods, ObjectKey(namespace: "default", name: "a"))
            #expect(pod.isTerminating)
            #expect(pod.condition("DisruptionTarget")?.reason == "EvictionByEvictionAPI")
        }
    }

    @Test func `is charged to the budget, and then refused with its name`() async throws {
        try await withScene { scene in
            try await scene.budget(allowed: 1, healthy: 2, desired: 1)
            _ = try await scene.pod("a")
            _ = try await scene.pod("b")
            #expect(try await scene.evict("a", query: "?dryRun=All").code == 201)
            #expect(try await scene.allowed() == 1)
            #expect(try await scene.evict("a").code == 201)
            #expect(try await scene.allowed() == 0)
            let refused = try await scene.evict("b")
            #expect(refused.code == 429)
            #expect(refused.headers["retry-after"] == nil)
            #expect(refused.json["reason"] == "TooManyRequests")
            #expect(refused.json["message"] == "Cannot evict pod as it would violate the pod's disruption budget.")
            let cause = refused.json["details", "causes"]?[0]
            #expect(cause?["reason"] == "DisruptionBudget")
            #expect(cause?["message"] == "The disruption budget web does not allow evicting pods currently")
            #expect(try await !scene.isEnding("b"))
        }
    }

    @Test func `says how many healthy pods the budget needs`() async throws {
        try await withScene { scene in
            try await scene.budget(allowed: 0, healthy: 1, desired: 1)
            _ = try await scene.pod("a")
            let cause = try await scene.evict("a").json["details", "causes"]?[0]
            #expect(cause?["message"] == "The disruption budget web needs 1 healthy pods and has 1 currently")
        }
    }

    @Test func `waits for a budget that is still being processed`() async throws {
        try await withScene { scene in
            try await scene.budget(allowed: 1, observed: 0)
            _ = try await scene.pod("a")
            let answer = try await scene.evict("a")
            #expect(answer.code == 429)
            #expect(answer.headers["retry-after"] == "10")
        }
    }

    @Test func `under two budgets is an error, even if both would allow it`() async throws {
        try await withScene { scene in
            try await scene.budget("web", allowed: 1)
            try await scene.budget("other", allowed: 1)
            _ = try await scene.pod("a")
            let answer = try await scene.evict("a")
            #expect(answer.code == 500)
            #expect(answer.json["message"]?.string?.hasPrefix("This pod has more than one PodDisruptionBudget") == true)
        }
    }

    @Test(arguments: ["Pending", "Succeeded", "Failed"]) func `of a pod that is not up ignores budgets`(
        phase: String
    ) async throws {
        try await withScene { scene in
            try await scene.budget()
            _ = try await scene.pod("a", phase: phase, isReady: false)
            #expect(try await scene.evict("a").code == 201)
        }
    }

    @Test func `of an unready pod depends on the budget's policy`() async throws {
        try await withScene { scene in
            try await scene.budget(allowed: 0, healthy: 0, desired: 1)
            _ = try await scene.pod("a", isReady: false)
            #expect(try await scene.evict("a").code == 429)
        }
        try await withScene { scene in
            try await scene.budget(allowed: 0, healthy: 1, desired: 1)
            _ = try await scene.pod("a", isReady: false)
            #expect(try await scene.evict("a").code == 201)
        }
        try await withScene { scene in
            try await scene.budget(allowed: 0, healthy: 0, desired: 1, policy: "AlwaysAllow")
            _ = try await scene.pod("a", isReady: false)
            #expect(try await scene.evict("a").code == 201)
        }
    }

    @Test func `of another pod of the same name is a conflict`() async throws {
        try await withScene { scene in
            _ = try await scene.pod("a")
            #expect(try await scene.evict("a", ["preconditions": ["uid": "other"]]).code == 409)
            #expect(try await !scene.isEnding("a"))
            #expect(try await scene.evict("nosuch").code == 404)
        }
    }
}
