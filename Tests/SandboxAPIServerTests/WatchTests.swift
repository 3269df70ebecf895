import KubernetesModel
import Sandbox
import Testing

@Suite struct `a watch` {
    private static func map(_ name: String, _ labels: [String: String] = [:]) -> KubernetesObject {
        var map = KubernetesObject(.configMaps, namespace: "default", name: name)
        map.labels = labels
        return map
    }

    private static func summary(_ event: JSONValue) -> String {
        "\(event["type"]?.string ?? "") \(event["object", "metadata", "name"]?.string ?? "")"
    }

    @Test func `begins with what there is, and goes on with what happens`() async throws {
        try await withServer { server, port in
            let access = server.access
            let a = try await access.create(.configMaps, Self.map("a"))
            var events = try await WatchedEvents(port, "/api/v1/namespaces/default/configmaps?watch=true")
            #expect(try await events.next().map(Self.summary) == "ADDED a")
            let b = try await access.create(.configMaps, Self.map("b"))
            #expect(try await events.next().map(Self.summary) == "ADDED b")
            _ = try await access.delete(.configMaps, a.key, gracePeriodSeconds: nil, uid: nil)
            let gone = try await events.next()
            #expect(gone.map(Self.summary) == "DELETED a")
            let last = Int64(gone?["object", "metadata", "resourceVersion"]?.string ?? "") ?? 0
            #expect(last > Int64(b.resourceVersion ?? "") ?? 0, "a deletion has a revision of its own")
        }
    }

    @Test func `resumes after a resourceVersion, and tells of no change twice`() async throws {
        try await withServer { server, port in
            let access = server.access
            let a = try await access.create(.configMaps, Self.map("a"))
            var changed = a
            for value in ["1", "2"] {
                changed["data"] = ["v": .string(value)]
                changed = try await access.update(.configMaps, changed, subresource: nil)
            }
            let path = "/api/v1/configmaps?watch=1&resourceVersion=\(a.resourceVersion ?? "")"
            var events = try await WatchedEvents(port, path)
            for value in ["1", "2"] {
                let event = try await events.next()
                #expect(event?["type"] == "MODIFIED")
                #expect(event?["object", "data", "v"]?.string == value)
            }
        }
    }

    @Test func `sees objects come into its selection and leave it`() async throws {
        try await withServer { server, port in
            let access = server.access
            var object = try await access.create(.configMaps, Self.map("a", ["tier": "x"]))
            let path =
                "/api/v1/configmaps?watch=1&labelSelector=tier%3Dy&resourceVersion=\(object.resourceVersion ?? "")"
            var events = try await WatchedEvents(port, path)
            for tier in ["y", "x"] {
                object.labels = ["tier": tier]
                object = try await access.update(.configMaps, object, subresource: nil)
            }
            #expect(try await events.next().map(Self.summary) == "ADDED a")
            #expect(try await events.next().map(Self.summary) == "DELETED a")
        }
    }

    @Test func `too far in the past is refused`() async throws {
        try await withServer(history: 2) { server, port in
            for name in ["a", "b", "c", "d"] { _ = try await server.access.create(.configMaps, Self.map(name)) }
            let answer = try await ask(port, .get, "/api/v1/configmaps?watch=1&resourceVersion=1")
            #expect(answer.code == 410)
            #expect(answer.json["reason"] == "Expired")
            #expect(answer.json["message"]?.string?.hasPrefix("too old resource version: 1 (") == true)
        }
    }

    @Test func `ends its list with a mark where that is asked for and served`() async throws {
        let query = "?watch=1&sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true"
        try await withServer("v1.34.0") { server, port in
            _ = try await server.access.create(.configMaps, Self.map("a"))
            var events = try await WatchedEvents(port, "/api/v1/configmaps\(query)")
            #expect(try await events.next().map(Self.summary) == "ADDED a")
            let mark = try await events.next()
            #expect(mark?["type"] == "BOOKMARK")
            #expect(mark?[path: ["object", "metadata", "annotations", "k8s.io/initial-events-end"]] == "true")
        }
        try await withServer("v1.33.0") { _, port async throws in
            #expect(try await ask(port, .get, "/api/v1/configmaps\(query)").code == 422)
        }
    }

    @Test func `is told how far it is`() async throws {
        try await withServer(bookmarkInterval: .seconds(1)) { server, port in
            let a = try await server.access.create(.configMaps, Self.map("a"))
            let path = "/api/v1/secrets?watch=1&allowWatchBookmarks=true&resourceVersion=\(a.resourceVersion ?? "")"
            var events = try await WatchedEvents(port, path)
            #expect(try await events.next()?["type"] == "BOOKMARK")
        }
    }

    @Test func `ends at its time, and when the server stops`() async throws {
        try await withServer { server, port in
            var short = try await WatchedEvents(port, "/api/v1/secrets?watch=1&timeoutSeconds=1")
            while try await short.next() != nil {}
            var endless = try await WatchedEvents(port, "/api/v1/secrets?watch=1")
            let begin = ContinuousClock.now
            server.stop()
            while (try? await endless.next()) != nil {}
            #expect(ContinuousClock.now - begin < .seconds(3))
            let failure = await status { _ = try await server.access.get(.nodes, ObjectKey(name: "n1")) }
            #expect(failure?.code == 503)
        }
    }

    /// A change is told under the cache's lock, and whoever cancels a reader holds that reader's.
    @Test(.timeLimit(.minutes(1))) func `that is cancelled while it is told of a change holds up nobody`() async throws
    {
        try await withServer { server, _ in
            let access = server.access
            var object = try await access.create(.configMaps, Self.map("a"))
            for round in 0..<300 {
                let revision = Int64(object.resourceVersion ?? "") ?? 0
                let readers = (0..<8).map { _ in
                    Task { for try await _ in access.watch(.configMaps, after: revision) {} }
                }
                async let cancelled: Void = { for reader in readers { reader.cancel() } }()
                object["data"] = ["round": .string("\(round)")]
                object = try await access.update(.configMaps, object, subresource: nil)
                await cancelled
                for reader in readers { _ = await reader.result }
            }
        }
    }

    @Test func `in process tells the same`() async throws {
        try await withServer { server, _ in
            let access = server.access
            let (_, revision) = try await access.list(.configMaps, namespace: nil)
            let created = try await access.create(.configMaps, Self.map("a"))
            for try await event in access.watch(.configMaps, after: revision) {
                #expect(event == .added(created))
                break
            }
        }
    }
}
