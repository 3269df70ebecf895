import Foundation
import KubernetesModel
import Testing

@testable import KubernetesClient

/// What the client counts on from any API server: the emulated one and the real one are asked the same.
enum ServerContract {
    static func check(_ client: KubernetesClient) async throws {
        let version = try await client.version()
        #expect(version.gitVersion.hasPrefix("v1."))
        let namespace = "contract-\(UUID().uuidString.prefix(8).lowercased())"
        _ = try await client.create(.namespaces, KubernetesObject(.namespaces, name: namespace))
        try await objects(client, namespace)
        try await lists(client, namespace)
        try await watches(client, namespace)
        try await evictions(client, namespace)
        try await client.delete(.namespaces, ObjectKey(name: namespace))
    }

    private static func map(_ name: String, in namespace: String, _ data: [String: String] = [:]) -> KubernetesObject {
        var object = KubernetesObject(.configMaps, namespace: namespace, name: name)
        object["data"] = JSONValue(data)
        return object
    }

    private static func objects(_ client: KubernetesClient, _ namespace: String) async throws {
        let key = ObjectKey(namespace: namespace, name: "one")
        let created = try await client.create(.configMaps, map("one", in: namespace, ["a": "1"]))
        #expect(!created.uid.isEmpty)
        let twice = try await #require(throws: APIStatus.self) {
            try await client.create(.configMaps, map("one", in: namespace))
        }
        #expect(twice.isAlreadyExists)

        let dry = try await client.patch(.configMaps, key, type: .merge, body: ["data": ["a": "x"]], dryRun: true)
        #expect(dry["data", "a"] == "x")
        let patched = try await client.patch(.configMaps, key, type: .strategicMerge, body: ["data": ["b": "2"]])
        #expect(patched["data"]?.stringMap == ["a": "1", "b": "2"])
        let operations: JSONValue = [["op": "remove", "path": "/data/a"]]
        let trimmed = try await client.patch(.configMaps, key, type: .json, body: operations)
        #expect(trimmed["data"]?.stringMap == ["b": "2"])
        let applied = try await client.patch(
            .configMaps,
            key,
            type: .apply,
            body: map("one", in: namespace, ["c": "3"]).value
        )
        #expect(applied["data", "c"] == "3")

        var stale = created
        stale["data", "a"] = "late"
        let old = stale
        let conflict = try await #require(throws: APIStatus.self) { try await client.update(.configMaps, old) }
        #expect(conflict.isConflict)
        let wrongUID = try await #require(throws: APIStatus.self) {
            try await client.delete(.configMaps, key, uid: "00000000-0000-0000-0000-000000000000")
        }
        #expect(wrongUID.isConflict)
        try await client.delete(.configMaps, key, uid: created.uid)
        let gone = try await client.find(.configMaps, key)
        #expect(gone == nil)
    }

    private static func lists(_ client: KubernetesClient, _ namespace: String) async throws {
        for index in 0..<7 {
            var object = map("item-\(index)", in: namespace)
            object.labels = ["parity": index % 2 == 0 ? "even" : "odd"]
            _ = try await client.create(.configMaps, object)
        }
        let all = try await client.list(.configMaps, namespace: namespace, chunk: 2)
        #expect(all.items.filter { $0.name.hasPrefix("item-") }.count == 7)
        #expect(all.items.allSatisfy { $0.kind == "ConfigMap" })
        let odd = try await client.list(.configMaps, namespace: namespace, labelSelector: "parity in (odd)")
        #expect(odd.items.count == 3)
        let one = try await client.list(.configMaps, namespace: namespace, fieldSelector: "metadata.name=item-4")
        #expect(one.items.map(\.name) == ["item-4"])
    }

    private static func watches(_ client: KubernetesClient, _ namespace: String) async throws {
        let selection = Selection(namespace: namespace, labelSelector: "watched")
        var seen: [String] = []
        for try await event in client.watch(.configMaps, selection) {
            switch event {
            case .bookmark where seen.isEmpty:
                seen.append("listed")
                var object = map("w", in: namespace)
                object.labels = ["watched": "yes"]
                _ = try await client.create(.configMaps, object)
            case .bookmark: break
            case .added(let object):
                seen.append("added \(object.name)")
                _ = try await client.patch(.configMaps, object.key, type: .merge, body: ["data": ["x": "y"]])
            case .modified(let object):
                seen.append("modified \(object.name)")
                try await client.delete(.configMaps, object.key)
            case .deleted(let object): seen.append("deleted \(object.name)")
            }
            if seen.count == 4 { break }
        }
        #expect(seen == ["listed", "added w", "modified w", "deleted w"])

        let list = try await client.list(.configMaps, namespace: namespace)
        _ = try await client.create(.configMaps, map("after", in: namespace))
        for try await case .added(let object) in client.watch(.configMaps, namespace: namespace, from: .after(list)) {
            #expect(object.name == "after")
            break
        }
    }

    private static func evictions(_ client: KubernetesClient, _ namespace: String) async throws {
        guard case .version = try await client.evictionSupport() else {
            Issue.record("the server offers no evictions")
            return
        }
        let budgets = try await client.budgetResource()
        var budget = KubernetesObject(budgets, namespace: namespace, name: "web")
        budget["spec"] = ["minAvailable": 1, "selector": ["matchLabels": ["app": "web"]]]
        budget = try await client.create(budgets, budget)
        budget["status"] = [
            "observedGeneration": .integer(budget.generation), "disruptionsAllowed": 0, "currentHealthy": 1,
            "desiredHealthy": 1, "expectedPods": 1,
        ]
        _ = try await client.update(budgets, budget, subresource: "status")

        var pod = KubernetesObject(.pods, namespace: namespace, name: "web")
        pod.labels = ["app": "web"]
        pod["spec"] = [
            "nodeName": "nowhere", "terminationGracePeriodSeconds": 0, "containers": [["name": "c", "image": "x"]],
        ]
        pod = try await client.create(.pods, pod)
        pod["status", "phase"] = "Running"
        pod["status", "conditions"] = [["type": "Ready", "status": "True"]]
        pod = try await client.update(.pods, pod, subresource: "status")

        let key = pod.key
        let uid = pod.uid
        let other = try await #require(throws: APIStatus.self) {
            try await client.evict(pod: key, uid: "00000000-0000-0000-0000-000000000000")
        }
        #expect([409, 429].contains(other.code))
        let refused = try await #require(throws: APIStatus.self) { try await client.evict(pod: key, uid: uid) }
        #expect(refused.code == 429)
        #expect(refused.causes.contains { $0.reason == "DisruptionBudget" && $0.message.contains("web") })

        try await client.delete(budgets, budget.key)
        try await client.evict(pod: key, uid: uid, gracePeriodSeconds: 0)
        let gone = try await client.find(.pods, key)
        #expect(gone == nil)
        let missing = try await #require(throws: APIStatus.self) { try await client.evict(pod: key, uid: uid) }
        #expect(missing.isNotFound)
    }
}

@Suite(.timeLimit(.minutes(3))) struct `the client's contract` {
    @Test(.requiresRealAPIServer) func `holds on a real kube-apiserver`() async throws {
        try await RealAPIServer.run { configuration in
            try await KubernetesClient.with(configuration) { try await ServerContract.check($0) }
        }
    }
}
