import KubernetesModel
import StubAPI
import Synchronization
import Testing

@testable import KubernetesClient

private func pod(_ name: String, _ version: String, uid: String? = nil) -> JSONValue {
    [
        "kind": "Pod", "apiVersion": "v1",
        "metadata": [
            "name": .string(name), "namespace": "shop", "uid": .string(uid ?? "uid-\(name)"),
            "resourceVersion": .string(version),
        ],
    ]
}

private func event(_ type: String, _ object: JSONValue) -> JSONValue { ["type": .string(type), "object": object] }

private func list(_ version: String, _ pods: JSONValue...) -> StubAnswer {
    .json(["metadata": ["resourceVersion": .string(version)], "items": .array(pods)])
}

private func gone() -> JSONValue {
    event("ERROR", APIStatus(code: 410, reason: "Expired", message: "too old resource version").value)
}

/// `added web@5`, for comparing.
private func text(_ event: WatchEvent) -> String {
    switch event {
    case .added(let pod): "added \(pod.name)@\(pod.resourceVersion ?? "")"
    case .modified(let pod): "modified \(pod.name)@\(pod.resourceVersion ?? "")"
    case .deleted(let pod): "deleted \(pod.name)@\(pod.resourceVersion ?? "")"
    case .bookmark(let version): "bookmark@\(version)"
    }
}

@Suite(.timeLimit(.minutes(1))) struct `a watch` {
    private func events(
        _ count: Int,
        from start: WatchStart = .everything,
        _ answers: [StubAnswer]
    ) async throws -> (events: [String], versions: [String?]) {
        let script = Mutex(answers)
        return try await StubServer.run { _ in
            script.withLock { $0.isEmpty ? .hang : $0.removeFirst() }
        } _: { server in
            let options = ClientOptions(clock: TestClock())
            return try await KubernetesClient.with(KubeConfiguration(server: server.url), options: options) { client in
                var events: [String] = []
                for try await event in client.watch(.pods, namespace: "shop", from: start) {
                    events.append(text(event))
                    if events.count == count { break }
                }
                return (events, server.requests.filter(\.isWatch).map { $0.query["resourceVersion"] })
            }
        }
    }

    @Test func `begins with what there is, and goes on from there`() async throws {
        let (events, versions) = try await events(
            4,
            [
                list("9", pod("a", "3")),
                .lines([event("ADDED", pod("b", "10")), event("DELETED", pod("a", "11"))], isOpen: true),
            ]
        )
        #expect(events == ["added a@3", "bookmark@9", "added b@10", "deleted a@11"])
        #expect(versions == ["9"])
    }

    @Test func `takes itself up where it was, after an end, a lost connection or an overload`() async throws {
        let (events, versions) = try await events(
            6,
            from: .resourceVersion("1"),
            [
                .lines([event("ADDED", pod("a", "2"))]),
                .close,
                .status(429, "TooManyRequests", "busy", headers: ["Retry-After": "1"]),
                .lines([event("MODIFIED", pod("a", "3")), event("BOOKMARK", ["metadata": ["resourceVersion": "8"]])]),
                .status(503),
                .lines([event("MODIFIED", pod("a", "9"))]),
                .lines([event("DELETED", pod("a", "10")), event("ADDED", pod("a", "11", uid: "new"))], isOpen: true),
            ]
        )
        #expect(events == ["added a@2", "modified a@3", "bookmark@8", "modified a@9", "deleted a@10", "added a@11"])
        #expect(versions == ["1", "2", "2", "2", "8", "8", "9"])
    }

    @Test(arguments: [true, false]) func `that is too old lists anew and tells the difference`(
        inStream: Bool
    ) async throws {
        let tooOld: StubAnswer = inStream ? .lines([gone()]) : .status(410, "Gone", "too old")
        let (events, versions) = try await events(
            12,
            [
                list("5", pod("same", "1"), pod("changed", "2"), pod("lost", "3"), pod("replaced", "4")),
                tooOld,
                list(
                    "20",
                    pod("same", "1"),
                    pod("changed", "15"),
                    pod("replaced", "16", uid: "other"),
                    pod("new", "17")
                ),
                .lines([event("MODIFIED", pod("new", "21"))], isOpen: true),
            ]
        )
        #expect(
            events == [
                "added same@1", "added changed@2", "added lost@3", "added replaced@4", "bookmark@5",
                "modified changed@15", "deleted replaced@20", "added replaced@16", "added new@17", "deleted lost@20",
                "bookmark@20", "modified new@21",
            ]
        )
        #expect(versions == ["5", "20"])
    }

    @Test func `survives a line that is cut off`() async throws {
        let (events, versions) = try await events(
            2,
            from: .resourceVersion("1"),
            [
                .lines([event("ADDED", pod("a", "2")), "not an event"]),
                .lines([event("MODIFIED", pod("a", "3"))], isOpen: true),
            ]
        )
        #expect(events == ["added a@2", "modified a@3"])
        #expect(versions == ["1", "2"])
    }

    @Test func `that is forbidden ends with the reason`() async throws {
        let error = try await #require(throws: APIStatus.self) {
            try await events(5, [list("5"), .status(403, "Forbidden", "pods is forbidden: no watch for you")])
        }
        #expect(error.code == 403)
    }

    @Test func `ends with its listener`() async throws {
        try await withStub(list("5"), .lines([], isOpen: true)) { client, _ in
            let (seen, outlet) = AsyncStream.makeStream(of: WatchEvent.self)
            let task = Task {
                for try await event in client.watch(.pods) { outlet.yield(event) }
            }
            for await _ in seen { break }
            task.cancel()
            _ = await task.result
        }
    }

    @Test func `splits what comes in pieces`() {
        var lines = LineBuffer()
        var found: [String] = []
        for piece in ["{\"a\"", ":1}\n\n{\"b", "\":2}\r\n", "rest"] {
            lines.append(piece.utf8)
            while let line = lines.next() { found.append(String(decoding: line, as: UTF8.self)) }
        }
        #expect(found == ["{\"a\":1}", "{\"b\":2}\r"])
    }
}
