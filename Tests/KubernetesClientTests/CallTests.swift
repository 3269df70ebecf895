import Foundation
import KubernetesModel
import StubAPI
import Synchronization
import Testing

@testable import KubernetesClient

/// Runs `body` with a client of a stub that gives these answers in order, the last one for ever.
func withStub<Value: Sendable>(
    _ answers: StubAnswer...,
    clock: any Clock<Duration> = TestClock(),
    change: @escaping @Sendable (inout ClientOptions, inout KubeConfiguration) -> Void = { _, _ in },
    _ body: @escaping @Sendable (KubernetesClient, StubServer) async throws -> Value
) async throws -> Value {
    let script = Mutex(answers)
    return try await StubServer.run { _ in
        script.withLock { $0.count > 1 ? $0.removeFirst() : $0.first ?? .close }
    } _: { server in
        var options = ClientOptions(clock: clock)
        var configuration = KubeConfiguration(server: server.url, contextName: "lab", userName: "ann", source: "/k")
        change(&options, &configuration)
        return try await KubernetesClient.with(configuration, options: options) { try await body($0, server) }
    }
}

let node: JSONValue = ["kind": "Node", "apiVersion": "v1", "metadata": ["name": "n1", "uid": "u1"]]
let key = ObjectKey(name: "n1")

@Suite struct `a call` {
    @Test func `reads an object, and says who asks`() async throws {
        try await withStub(.json(node)) { client, server in
            let found = try await client.get(.nodes, key)
            #expect(found.uid == "u1")
            #expect(server.titles == ["GET /api/v1/nodes/n1"])
            #expect(server.requests[0].headers["user-agent"] == "keelstep/0.1.0")
        }
    }

    @Test func `that finds nothing is nil where that is expected`() async throws {
        try await withStub(.status(404, "NotFound", "nodes \"n1\" not found")) { client, _ in
            let found = try await client.find(.nodes, key)
            #expect(found == nil)
            let error = try await #require(throws: APIStatus.self) { try await client.get(.nodes, key) }
            #expect(error.reason == "NotFound")
        }
    }

    @Test func `that is refused with something else than a Status still has a reason`() async throws {
        try await withStub(.text("no such thing\n", code: 403)) { client, _ in
            let error = try await #require(throws: APIStatus.self) { try await client.get(.nodes, key) }
            #expect(error == APIStatus(code: 403, reason: "Forbidden", message: "no such thing"))
        }
    }

    @Test(arguments: [500, 502, 503, 504]) func `that reads is repeated when the server is unwell`(
        code: Int
    ) async throws {
        let clock = TestClock()
        try await withStub(.status(code), .close, .json(node), clock: clock) { client, server in
            let found = try await client.get(.nodes, key)
            #expect(found.uid == "u1")
            #expect(server.requests.count == 3)
            #expect(clock.slept == [.milliseconds(200), .milliseconds(400)])
        }
    }

    @Test func `is not repeated for ever`() async throws {
        try await withStub(.status(503, "ServiceUnavailable", "away")) { client, server in
            await #expect(throws: APIStatus.self) { try await client.get(.nodes, key) }
            #expect(server.requests.count == 5)
        }
    }

    @Test func `waits as long as the server tells it, even one that changes something`() async throws {
        let clock = TestClock()
        let busy = StubAnswer.status(429, "TooManyRequests", "busy", headers: ["Retry-After": "3"])
        try await withStub(busy, busy, .json(node, code: 201), clock: clock) { client, server in
            _ = try await client.create(.nodes, KubernetesObject(node))
            #expect(server.requests.count == 3)
            #expect(clock.slept == [.seconds(3), .seconds(3)])
        }
    }

    @Test func `that would have to wait beyond its deadline gives up at once`() async throws {
        let busy = StubAnswer.status(429, "TooManyRequests", "busy", headers: ["Retry-After": "60"])
        try await withStub(busy) { client, server in
            let error = try await #require(throws: APIStatus.self) { try await client.get(.nodes, key) }
            #expect(error.retryAfterSeconds == 60)
            #expect(server.requests.count == 1)
        }
    }

    @Test func `that changes something is not repeated when its fate is unknown`() async throws {
        try await withStub(.close) { client, server in
            let error = try await #require(throws: ClientError.self) {
                try await client.create(.nodes, KubernetesObject(node))
            }
            #expect("\(error)".contains("whether the server acted on it is not known"), "\(error)")
            await #expect(throws: ClientError.self) { try await client.delete(.nodes, key) }
            await #expect(throws: ClientError.self) {
                try await client.patch(.nodes, key, type: .merge, body: ["spec": [:]])
            }
            #expect(server.titles == ["POST /api/v1/nodes", "DELETE /api/v1/nodes/n1", "PATCH /api/v1/nodes/n1"])
        }
        try await withStub(.status(503)) { client, server in
            await #expect(throws: APIStatus.self) { try await client.create(.nodes, KubernetesObject(node)) }
            #expect(server.requests.count == 1)
        }
    }

    @Test func `that changes something is repeated under a precondition`() async throws {
        var object = KubernetesObject(node)
        object.resourceVersion = "7"
        let versioned = object
        try await withStub(.close, .json(node), .close, .json(node), .close, .json(node)) { client, server in
            _ = try await client.update(.nodes, versioned)
            try await client.delete(.nodes, key, uid: "u1")
            _ = try await client.patch(.nodes, key, type: .merge, body: ["metadata": ["resourceVersion": "7"]])
            #expect(server.requests.count == 6)
            #expect(server.requests[2].json?["preconditions", "uid"] == "u1")
        }
    }

    @Test(.timeLimit(.minutes(1))) func `that is not answered ends at its deadline`() async throws {
        let impatient: @Sendable (inout ClientOptions, inout KubeConfiguration) -> Void = { options, _ in
            options.deadline = .milliseconds(300)
            options.retries = .never
        }
        try await withStub(.hang, change: impatient) { client, _ in
            let error = try await #require(throws: ClientError.self) { try await client.get(.nodes, key) }
            guard case .timedOut = error else { return #expect(Bool(false), "\(error)") }
            #expect(error.isTransient)
        }
    }

    @Test func `to nobody says so`() async throws {
        let port = try await StubServer.run { _ in
            .close
        } _: {
            $0.port
        }
        let configuration = KubeConfiguration(server: "https://127.0.0.1:\(port)")
        try await KubernetesClient.with(configuration, options: ClientOptions(clock: TestClock())) { client in
            let error = try await #require(throws: ClientError.self) { try await client.get(.nodes, key) }
            #expect("\(error)".hasPrefix("cannot reach the API server https://127.0.0.1:\(port): connection refused"))
        }
    }

    @Test func `to a name without an address says so`() async throws {
        let configuration = KubeConfiguration(server: "https://no-such-host.invalid:6443")
        try await KubernetesClient.with(configuration, options: ClientOptions(clock: TestClock())) { client in
            let error = try await #require(throws: ClientError.self) { try await client.get(.nodes, key) }
            #expect("\(error)".contains("cannot reach the API server"), "\(error)")
        }
    }

    @Test(arguments: ["ftp://x", "https://", "not a url"]) func `needs a usable address`(server: String) async throws {
        await #expect(throws: ClientError.self) {
            try await KubernetesClient.with(KubeConfiguration(server: server)) { _ in }
        }
    }

    @Test func `that gets no JSON says so`() async throws {
        try await withStub(.text("<html>", code: 200)) { client, _ in
            let error = try await #require(throws: ClientError.self) { try await client.get(.nodes, key) }
            #expect("\(error)".contains("makes no sense"))
        }
    }

    @Test func `may ask for any path and take any answer`() async throws {
        try await withStub(.text("[-]etcd failed", code: 500)) { client, server in
            let (status, bytes) = try await client.raw("/readyz?verbose")
            #expect(status == 500)
            #expect(String(decoding: bytes, as: UTF8.self) == "[-]etcd failed")
            #expect(server.requests[0].query == ["verbose": ""])
        }
    }

    @Test func `goes through a path that the server's address has`() async throws {
        let behindPath: @Sendable (inout ClientOptions, inout KubeConfiguration) -> Void = {
            $1.server += "/k8s/c-1/"
        }
        try await withStub(.json(node), change: behindPath) { client, server in
            _ = try await client.get(.nodes, key)
            #expect(server.titles == ["GET /k8s/c-1/api/v1/nodes/n1"])
        }
    }
}

@Suite struct `a list` {
    private func page(_ names: String..., token: String? = nil, version: String = "5") -> StubAnswer {
        var metadata: JSONValue = ["resourceVersion": .string(version)]
        metadata["continue"] = token.map { .string($0) }
        return .json(["metadata": metadata, "items": .array(names.map { ["metadata": ["name": .string($0)]] })])
    }

    @Test func `is fetched in chunks and says what its items are`() async throws {
        try await withStub(page("a", "b", token: "x y"), page("c")) { client, server in
            let list = try await client.list(.nodes, labelSelector: "zone in (a,b)", chunk: 2)
            #expect(list.items.map(\.name) == ["a", "b", "c"])
            #expect(list.items.allSatisfy { $0.kind == "Node" && $0.apiVersion == "v1" })
            #expect(list.resourceVersion == "5")
            #expect(server.requests[1].query == ["limit": "2", "continue": "x y", "labelSelector": "zone in (a,b)"])
        }
    }

    @Test func `whose continuation the server forgot is fetched anew at once`() async throws {
        try await withStub(
            page("a", token: "x"),
            .status(410, "Expired", "too old"),
            page("a", "b", version: "9")
        ) { client, server in
            let list = try await client.list(.nodes, chunk: 1)
            #expect(list.items.map(\.name) == ["a", "b"])
            #expect(list.resourceVersion == "9")
            #expect(server.requests[2].query == [:])
        }
    }

    @Test func `may be empty`() async throws {
        try await withStub(.json(["metadata": ["resourceVersion": "3"], "items": nil])) { client, _ in
            let found = try await client.list(.nodes)
            #expect(found.items == [])
        }
    }
}

@Suite struct `an eviction` {
    private func discovery(_ version: String) -> StubAnswer {
        .json([
            "resources": [
                ["name": "pods/eviction", "kind": "Eviction", "group": "policy", "version": .string(version)]
            ]
        ])
    }

    @Test(arguments: ["v1", "v1beta1"]) func `speaks the server's version, and is never repeated`(
        version: String
    ) async throws {
        let refusal = StubAnswer.status(429, "TooManyRequests", "budget", headers: ["Retry-After": "10"])
        try await withStub(discovery(version), refusal) { client, server in
            let pod = ObjectKey(namespace: "shop", name: "web")
            let error = try await #require(throws: APIStatus.self) {
                try await client.evict(pod: pod, uid: "u", gracePeriodSeconds: 5, dryRun: true)
            }
            #expect(error.retryAfterSeconds == 10)
            #expect(server.titles == ["GET /api/v1", "POST /api/v1/namespaces/shop/pods/web/eviction"])
            #expect(server.requests[1].query == ["dryRun": "All"])
            #expect(
                server.requests[1].json == [
                    "kind": "Eviction", "apiVersion": .string("policy/\(version)"),
                    "metadata": ["name": "web", "namespace": "shop"],
                    "deleteOptions": ["preconditions": ["uid": "u"], "gracePeriodSeconds": 5, "dryRun": ["All"]],
                ]
            )
        }
    }

    @Test func `is not offered by every server`() async throws {
        try await withStub(.json(["resources": []])) { client, _ in
            let found = try await client.evictionSupport()
            #expect(found == .none)
        }
    }

    @Test func `finds budgets in the old group where there is no new one`() async throws {
        try await withStub(.status(404, "NotFound", "")) { client, _ in
            let found = try await client.budgetResource()
            #expect(found.groupVersion.description == "policy/v1beta1")
        }
        try await withStub(.json([:])) { client, server in
            let found = [try await client.budgetResource(), try await client.budgetResource()]
            #expect(found == [.podDisruptionBudgets, .podDisruptionBudgets])
            #expect(server.requests.count == 1)
        }
    }
}
