import KubernetesModel
import Sandbox
import Testing

/// Patches by HTTP, on a Deployment with two containers.
@Suite struct `a patch` {
    private static let path = "/apis/apps/v1/namespaces/default/deployments/web"

    private func patched(
        _ type: String,
        _ body: JSONValue,
        query: String = ""
    ) async throws -> (code: Int, object: KubernetesObject) {
        try await withServer { server, port in
            var web = Seeds.deployment("web", replicas: 2)
            web.namespace = "default"
            web["spec", "template", "spec", "containers"] = [
                ["name": "a", "image": "a:1", "env": [["name": "X", "value": "1"], ["name": "Y", "value": "2"]]],
                ["name": "b", "image": "b:1"],
            ]
            _ = try await server.access.create(.deployments, web)
            let answer = try await ask(port, .patch, Self.path + query, body, type: "application/\(type)")
            return (answer.code, KubernetesObject(answer.json))
        }
    }

    private func names(_ object: KubernetesObject) -> [String] {
        (object["spec", "template", "spec", "containers"]?.array ?? []).compactMap { $0["name"]?.string }
    }

    private func containers(_ patch: JSONValue...) -> JSONValue {
        ["spec": ["template": ["spec": ["containers": .array(patch)]]]]
    }

    @Test func `strategic, merges lists by their key`() async throws {
        let (code, object) = try await patched(
            "strategic-merge-patch+json",
            containers(["name": "b", "image": "b:2"], ["name": "c", "image": "c:1"])
        )
        #expect(code == 200)
        #expect(names(object) == ["a", "b", "c"])
        #expect(object["spec", "template", "spec", "containers"]?[1]?["image"] == "b:2")
        #expect(object.generation == 2)
    }

    @Test func `strategic, obeys directives`() async throws {
        var (_, object) = try await patched(
            "strategic-merge-patch+json",
            containers(["name": "a", "$patch": "delete"])
        )
        #expect(names(object) == ["b"])
        (_, object) = try await patched(
            "strategic-merge-patch+json",
            containers(["$patch": "replace"], ["name": "z", "image": "z:1"])
        )
        #expect(names(object) == ["z"])
        var ordered = containers(["name": "c", "image": "c:1"])
        ordered["spec", "template", "spec", "$setElementOrder/containers"] = [
            ["name": "c"], ["name": "b"], ["name": "a"],
        ]
        (_, object) = try await patched("strategic-merge-patch+json", ordered)
        #expect(names(object) == ["c", "b", "a"])
        (_, object) = try await patched(
            "strategic-merge-patch+json",
            containers(["name": "a", "env": [["name": "X", "$patch": "delete"], ["name": "Z", "value": "3"]]])
        )
        let env = object["spec", "template", "spec", "containers"]?[0]?["env"]?.array ?? []
        #expect(Set(env.compactMap { $0["name"]?.string }) == ["Y", "Z"])
        (_, object) = try await patched(
            "strategic-merge-patch+json",
            ["spec": ["strategy": ["$retainKeys": ["type"], "type": "Recreate"]]]
        )
        #expect(object["spec", "strategy"] == ["type": "Recreate"])
    }

    @Test func `merging, replaces lists and removes what is null`() async throws {
        let (_, object) = try await patched(
            "merge-patch+json",
            ["metadata": ["labels": ["x": "1"]], "spec": ["paused": true, "strategy": nil]]
        )
        #expect(object.labels["x"] == "1")
        #expect(object["spec", "strategy", "type"] == "RollingUpdate", "what is removed gets its default again")
    }

    @Test func `that changes nothing leaves the object as it is`() async throws {
        try await withServer { server, port in
            let map = try await server.access.create(
                .configMaps,
                KubernetesObject(.configMaps, namespace: "default", name: "m")
            )
            let path = "/api/v1/namespaces/default/configmaps/m"
            let same = try await ask(
                port,
                .patch,
                path,
                ["metadata": ["name": "m"]],
                type: "application/merge-patch+json"
            )
            #expect(same.json["metadata", "resourceVersion"]?.string == map.resourceVersion)
            let stale: JSONValue = ["metadata": ["resourceVersion": "1"], "data": ["a": "1"]]
            #expect(try await ask(port, .patch, path, stale, type: "application/merge-patch+json").code == 409)
        }
    }

    @Test(arguments: [
        (#"[{"op": "add", "path": "/metadata/labels", "value": {"a": "1"}}]"#, 200),
        (#"[{"op": "replace", "path": "/spec/replicas", "value": 5}]"#, 200),
        (#"[{"op": "remove", "path": "/spec/template/spec/containers/0"}]"#, 200),
        (#"[{"op": "copy", "from": "/spec/replicas", "path": "/spec/minReadySeconds"}]"#, 200),
        (#"[{"op": "add", "path": "/spec/template/spec/containers/-", "value": {"name": "z", "image": "z"}}]"#, 200),
        (#"[{"op": "test", "path": "/spec/replicas", "value": 9}]"#, 422),
        (#"[{"op": "remove", "path": "/spec/nosuch/thing"}]"#, 422),
        (#"[{"op": "add", "path": "/spec/template/spec/containers/7", "value": {}}]"#, 422),
        (#"[{"op": "sing", "path": "/spec"}]"#, 400), (#"{"op": "add"}"#, 400),
    ]) func `of JSON operations does all or none`(operations: String, code: Int) async throws {
        #expect(try await patched("json-patch+json", try JSONValue(parsing: operations)).code == code)
    }

    @Test func `applied, belongs to its manager`() async throws {
        try await withServer { server, port in
            func apply(_ manager: String, _ data: JSONValue, force: Bool = false) async throws -> HTTPAnswer {
                let body: JSONValue = [
                    "apiVersion": "v1", "kind": "ConfigMap", "metadata": ["name": "m", "namespace": "default"],
                    "data": data,
                ]
                return try await ask(
                    port,
                    .patch,
                    "/api/v1/namespaces/default/configmaps/m?fieldManager=\(manager)&force=\(force)",
                    body,
                    type: "application/apply-patch+yaml"
                )
            }
            #expect(try await apply("", [:]).code == 422)
            #expect(try await apply("one", ["a": "1", "b": "1"]).code == 201)
            let again = try await apply("one", ["a": "1", "b": "1"])
            #expect(again.code == 200)
            let less = try await apply("one", ["a": "1"])
            #expect(less.json["data"] == ["a": "1"], "what is no longer applied goes")
            #expect(try await apply("two", ["a": "1", "c": "1"]).code == 200)
            let conflict = try await apply("two", ["a": "2"])
            #expect(conflict.code == 409)
            #expect(conflict.json["details", "causes"]?[0]?["field"] == ".data.a")
            let forced = try await apply("two", ["a": "2"], force: true)
            #expect(forced.json["data"] == ["a": "2"])
            let managers = forced.json["metadata", "managedFields"]?.array ?? []
            #expect(Set(managers.compactMap { $0["manager"]?.string }) == ["one", "two"])
        }
    }
}
