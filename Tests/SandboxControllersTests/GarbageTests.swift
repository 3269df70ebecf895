import KubernetesModel
import Sandbox
import Testing

@Suite(.timeLimit(.minutes(2))) struct `what is left behind` {
    @Test func `by a Deployment is collected, down to the pods`() async throws {
        try await World.with(nodes: TestNode.several(1)) { world in
            try await world.apply(Manifest.workload("Deployment", "web", replicas: 2))
            try await world.until("two are ready") { $0.ready("web").count == 2 }
            try await world.delete(.deployments, "web")
            try await world.until("nothing is left") { $0.all(.replicaSets).isEmpty && $0.pods("web").isEmpty }
        }
    }

    @Test func `waits for nothing when its owner never was`() async throws {
        try await World.with([.controllers]) { world in
            var orphan = KubernetesObject(.configMaps, namespace: "default", name: "orphan")
            orphan["metadata", "ownerReferences"] = [
                ["apiVersion": "apps/v1", "kind": "Deployment", "name": "ghost", "uid": "no-such-uid"]
            ]
            _ = try await world.access.create(.configMaps, orphan)
            try await world.until("it is gone") { $0.all(.configMaps).allSatisfy { $0.name != "orphan" } }
        }
    }

    @Test func `with one of two owners loses only that reference`() async throws {
        try await World.with([.controllers]) { world in
            let owners = try await world.apply(
                """
                apiVersion: v1
                kind: ConfigMap
                metadata: {name: one}
                ---
                apiVersion: v1
                kind: ConfigMap
                metadata: {name: two}
                """
            )
            var shared = KubernetesObject(.configMaps, namespace: "default", name: "shared")
            shared["metadata", "ownerReferences"] = .array(
                owners.map {
                    ["apiVersion": "v1", "kind": "ConfigMap", "name": .string($0.name), "uid": .string($0.uid)]
                }
            )
            _ = try await world.access.create(.configMaps, shared)
            try await world.delete(.configMaps, "one")
            let key = ObjectKey(namespace: "default", name: "shared")
            let left = try await world.until("one owner is left") {
                $0.object(.configMaps, key)?.ownerReferences.count == 1
            }
            #expect(left.object(.configMaps, key)?.ownerReferences.first?.name == "two")
        }
    }

    @Test func `on a node that is gone is removed`() async throws {
        try await World.with(nodes: TestNode.several(1), [.controllers]) { world in
            var pod = try #require(try YAML.objects(in: Manifest.pod("lost")).first)
            pod.namespace = "default"
            pod["spec", "nodeName"] = "nosuch"
            _ = try await world.access.create(.pods, pod)
            try await world.until("it is gone") { $0.all(.pods).isEmpty }
        }
    }
}

@Suite(.timeLimit(.minutes(2))) struct `a namespace` {
    @Test func `that is deleted empties itself, pods in their own time, and goes`() async throws {
        try await World.with(nodes: TestNode.several(1)) { world in
            try await world.apply(
                """
                apiVersion: v1
                kind: Namespace
                metadata: {name: shop}
                ---
                apiVersion: v1
                kind: ConfigMap
                metadata: {name: settings, namespace: shop}
                ---
                apiVersion: apps/v1
                kind: Deployment
                metadata: {name: web, namespace: shop}
                spec: {replicas: 2, selector: {matchLabels: {app: web}}, template: \(Manifest.template("web"))}
                """
            )
            try await world.until("two are ready") { $0.ready("web").count == 2 }
            try await world.delete(.namespaces, "shop")
            let terminating = try await world.now().object(.namespaces, ObjectKey(name: "shop"))
            #expect(terminating.map { $0.status["phase"] == "Terminating" } ?? true)
            await #expect(throws: APIStatus.self) {
                _ = try await world.access.create(
                    .configMaps,
                    KubernetesObject(.configMaps, namespace: "shop", name: "late")
                )
            }
            let end = try await world.until("it is gone") { $0.object(.namespaces, ObjectKey(name: "shop")) == nil }
            for resource in [Resource.pods, .configMaps, .deployments, .replicaSets] {
                #expect(end.all(resource).filter { $0.namespace == "shop" }.isEmpty)
            }
        }
    }
}
