import KubernetesModel
import Sandbox
import Testing

@Suite struct `a registry` {
    @Test func `names, defaults and numbers what is created`() async throws {
        try await withServer { server, _ in
            var pod = KubernetesObject(.pods, namespace: "default", name: "")
            pod["metadata", "name"] = nil
            pod["metadata", "generateName"] = "web-"
            pod["spec"] = ["containers": [["name": "c", "image": "nginx"]]]
            let created = try await server.access.create(.pods, pod)
            #expect(created.name.hasPrefix("web-") && created.name.count == 9)
            #expect(!created.uid.isEmpty)
            #expect(created.generation == 1)
            #expect(created["spec", "restartPolicy"] == "Always")
            #expect(created["spec", "terminationGracePeriodSeconds"] == 30)
            #expect(created["spec", "containers"]?[0]?["imagePullPolicy"] == "Always")
            #expect(created["status"] == ["phase": "Pending", "qosClass": "BestEffort"])
            #expect(created["spec", "tolerations"]?.array?.count == 2)
            #expect(try await server.access.get(.pods, created.key) == created)
        }
    }

    @Test func `takes a pod back as it gave it, whatever was filled in`() async throws {
        try await withServer { server, _ in
            var pod = Seeds.pod("rich", on: nil)
            pod.namespace = "default"
            pod.finalizers = ["example.com/wait"]
            pod["spec"] = [
                "hostNetwork": true, "priorityClassName": "system-node-critical",
                "volumes": [
                    ["name": "settings", "configMap": ["name": "settings"]],
                    ["name": "host", "hostPath": ["path": "/x"]],
                ],
                "initContainers": [["name": "first", "image": "busybox"]],
                "containers": [
                    [
                        "name": "main", "image": "nginx:1", "ports": [["containerPort": 80]],
                        "resources": ["limits": ["cpu": "1", "memory": "1Gi"]],
                        "readinessProbe": ["httpGet": ["port": 80]],
                    ]
                ],
            ]
            for try await _ in appearances(of: .priorityClasses, ObjectKey(name: "system-node-critical"), server.access)
            {
                break
            }
            var created = try await server.access.create(.pods, pod)
            created.finalizers = []
            let updated = try await server.access.update(.pods, created, subresource: nil)
            #expect(updated.spec == created.spec)
            #expect(updated.generation == 1)
        }
    }

    @Test func `gives pods the priority of their class`() async throws {
        try await withServer { server, _ in
            for try await _ in appearances(of: .priorityClasses, ObjectKey(name: "system-node-critical"), server.access)
            {
                break
            }
            var pod = Seeds.pod("critical", on: nil)
            pod.namespace = "default"
            pod["spec", "priorityClassName"] = "system-node-critical"
            let created = try await server.access.create(.pods, pod)
            #expect(created["spec", "priority"] == 2_000_001_000)
            pod.name = "unknown"
            pod["spec", "priorityClassName"] = "nosuch"
            await #expect(throws: APIStatus.self) { try await server.access.create(.pods, pod) }
        }
    }

    @Test func `ends a pod with grace, and at once where no kubelet has it`() async throws {
        try await withServer { server, _ in
            let access = server.access
            var pod = Seeds.pod("a", on: nil)
            pod.namespace = "default"
            let a = try await access.create(.pods, pod)
            #expect(try await access.delete(.pods, a.key, gracePeriodSeconds: nil, uid: nil) == nil)

            var b = try await access.create(.pods, pod)
            b.labels = ["seen": "true"]
            b = try await access.update(.pods, b, subresource: nil)
            #expect(b.generation == 1, "a label is no change of what is wanted")
            try await access.bind(pod: b.key, uid: b.uid, to: "n1")
            let key = b.key
            let left = try #require(try await access.delete(.pods, key, gracePeriodSeconds: nil, uid: nil))
            #expect(left.isTerminating)
            #expect(left["metadata", "deletionGracePeriodSeconds"] == 30)
            let again = try await access.delete(.pods, b.key, gracePeriodSeconds: 60, uid: nil)
            #expect(again == left, "a second delete may only shorten the wait")
            let failure = await status {
                _ = try await access.delete(.pods, b.key, gracePeriodSeconds: 0, uid: "other")
            }
            #expect(failure?.isConflict == true)
            #expect(try await access.delete(.pods, b.key, gracePeriodSeconds: 0, uid: b.uid) == nil)
            let missing = await status { _ = try await access.get(.pods, key) }
            #expect(missing?.isNotFound == true)
        }
    }

    @Test func `keeps what has finalizers until they are gone`() async throws {
        try await withServer { server, _ in
            let access = server.access
            var map = KubernetesObject(.configMaps, namespace: "default", name: "kept")
            map.finalizers = ["example.com/hold"]
            var created = try await access.create(.configMaps, map)
            let left = try await access.delete(.configMaps, created.key, gracePeriodSeconds: nil, uid: nil)
            created = try #require(left)
            #expect(created.isTerminating)
            created.finalizers = ["example.com/hold", "example.com/more"]
            let refused = await status { [created] in
                _ = try await access.update(.configMaps, created, subresource: nil)
            }
            #expect(refused?.code == 422)
            created.finalizers = []
            _ = try await access.update(.configMaps, created, subresource: nil)
            let gone = await status { [created] in _ = try await access.get(.configMaps, created.key) }
            #expect(gone?.isNotFound == true)
        }
    }

    @Test func `refuses what was changed meanwhile, and changes nothing for nothing`() async throws {
        try await withServer { server, _ in
            let access = server.access
            let first = try await access.create(
                .configMaps,
                KubernetesObject(.configMaps, namespace: "default", name: "m")
            )
            var changed = first
            changed["data"] = ["a": "1"]
            let second = try await access.update(.configMaps, changed, subresource: nil)
            #expect(second.resourceVersion != first.resourceVersion)
            let failure = await status { [changed] in
                _ = try await access.update(.configMaps, changed, subresource: nil)
            }
            #expect(failure?.isConflict == true)
            #expect(
                failure?.message == "Operation cannot be fulfilled on configmaps \"m\": the object has been modified; "
                    + "please apply your changes to the latest version and try again"
            )
            #expect(try await access.update(.configMaps, second, subresource: nil) == second)
        }
    }

    @Test func `keeps spec and status apart, and counts changes of the spec`() async throws {
        try await withServer { server, _ in
            let access = server.access
            _ = try await access.create(.namespaces, KubernetesObject(.namespaces, name: "shop"))
            var web = Seeds.deployment("web", replicas: 2)
            web["status"] = ["replicas": 9]
            var created = try await access.create(.deployments, web)
            #expect(created["status"] == [:])
            #expect(created["spec", "strategy", "type"] == "RollingUpdate")
            created["status"] = ["replicas": 2]
            created["spec", "replicas"] = 7
            let reported = try await access.update(.deployments, created, subresource: "status")
            #expect(reported["spec", "replicas"] == 2)
            #expect(reported["status", "replicas"] == 2)
            #expect(reported.generation == 1)
            var wanted = reported
            wanted["spec", "replicas"] = 3
            wanted["status"] = [:]
            let scaled = try await access.update(.deployments, wanted, subresource: nil)
            #expect(scaled.generation == 2)
            #expect(scaled["status", "replicas"] == 2)
        }
    }

    @Test func `ends a namespace in two steps, and takes nothing new meanwhile`() async throws {
        try await withServer { server, _ in
            let access = server.access
            let created = try await access.create(.namespaces, KubernetesObject(.namespaces, name: "old"))
            let left = try await access.delete(.namespaces, created.key, gracePeriodSeconds: nil, uid: nil)
            var ending = try #require(left)
            #expect(ending["status", "phase"] == "Terminating")
            let failure = await status {
                _ = try await access.create(.configMaps, KubernetesObject(.configMaps, namespace: "old", name: "m"))
            }
            #expect(failure?.code == 403)
            #expect(failure?.causes.first?.reason == "NamespaceTerminating")
            ending["spec", "finalizers"] = []
            _ = try await access.update(.namespaces, ending, subresource: "finalize")
            let ended = await status { _ = try await access.get(.namespaces, created.key) }
            #expect(ended?.isNotFound == true)
            let missing = await status {
                _ = try await access.create(.configMaps, KubernetesObject(.configMaps, namespace: "old", name: "m"))
            }
            #expect(missing?.message == "namespaces \"old\" not found")
        }
    }

    @Test(arguments: ["Web", "-web", "web-", "we b", ""]) func `refuses names that are none`(name: String) async throws
    {
        try await withServer { server, _ in
            let failure = await status {
                _ = try await server.access.create(
                    .configMaps,
                    KubernetesObject(.configMaps, namespace: "default", name: name)
                )
            }
            #expect(failure?.code == 422)
        }
    }

    @Test func `fails while its store is away, and goes on afterwards`() async throws {
        let storage = FailingStorage()
        try await withServer(storage: storage) { server, port in
            let access = server.access
            let map = KubernetesObject(.configMaps, namespace: "default", name: "m")
            storage.setAway(true)
            let away = await status { _ = try await access.create(.configMaps, map) }
            #expect(away?.code == 500)
            let ready = try await ask(port, .get, "/readyz")
            #expect(ready.code == 500)
            #expect(ready.text.contains("[-]etcd failed: reason withheld"))
            #expect(try await ask(port, .get, "/api/v1/nodes?resourceVersion=0").code == 200)
            storage.setAway(false)
            _ = try await access.create(.configMaps, map)
            for try await _ in appearances(of: .configMaps, map.key, access) { break }
            #expect(try await ask(port, .get, "/readyz").code == 200)
        }
    }
}

/// The failure a call ends with; nil when it succeeds.
func status(_ call: () async throws -> Void) async -> APIStatus? {
    do {
        try await call()
        return nil
    } catch { return error as? APIStatus }
}
