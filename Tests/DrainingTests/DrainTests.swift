import Foundation
import KubernetesClient
import KubernetesModel
import StubAPI
import Synchronization
import Testing

@testable import Draining

private let budgetRefusal = StubAnswer.status(
    429,
    "TooManyRequests",
    "Cannot evict pod as it would violate the pod's disruption budget.",
    details: [
        "causes": [
            [
                "reason": "DisruptionBudget",
                "message": "The disruption budget web needs 2 healthy pods and has 2 currently",
            ]
        ]
    ]
)

private func key(_ name: String) -> ObjectKey { ObjectKey(namespace: "shop", name: name) }

/// What one drain did: its events as lines, its report or error, and the requests it sent.
private struct Outcome: Sendable {
    var lines: [String]
    var events: [DrainEvent]
    var report: DrainReport?
    var error: (any Error)?
    var requests: [StubRequest]
    var slept: [Duration]

    func count(_ prefix: String) -> Int { requests.count { $0.title.hasPrefix(prefix) } }
}

/// Drains worker-1 of a cluster.
private func drain(
    _ cluster: FakeCluster,
    _ policy: DrainPolicy = DrainPolicy(),
    clock: (any Clock<Duration>)? = nil,
    onEvent: @escaping @Sendable (DrainEvent) -> Void = { _ in },
    answer: (@Sendable (StubRequest) async -> StubAnswer?)? = nil
) async throws -> Outcome {
    try await StubServer.run { request in
        if let special = await answer?(request) { return special }
        return await cluster.answer(request)
    } _: { server in
        let testClock = TestClock()
        let used = clock ?? testClock
        let options = ClientOptions(clock: used)
        return try await KubernetesClient.with(KubeConfiguration(server: server.url), options: options) { client in
            var events: [DrainEvent] = []
            var report: DrainReport?
            var failure: (any Error)?
            do {
                report = try await Drain.run(node: "worker-1", policy: policy, client: client, clock: used) {
                    events.append($0)
                    onEvent($0)
                }
            } catch {
                failure = error
            }
            return Outcome(
                lines: events.map(\.description),
                events: events,
                report: report,
                error: failure,
                requests: server.requests,
                slept: testClock.slept
            )
        }
    }
}

private func cluster(_ pods: Pod...) -> FakeCluster {
    let cluster = FakeCluster()
    cluster.put(.nodes, node("worker-1").object)
    for pod in pods { cluster.put(.pods, pod.object) }
    return cluster
}

@Suite(.timeLimit(.minutes(1))) struct `a drain` {
    @Test func `evicts what may go, waits until it has gone, and asks for little`() async throws {
        let cluster = cluster(pod("a"), pod("b"), pod("elsewhere") { $0["spec", "nodeName"] = "worker-2" })
        let outcome = try await drain(cluster)
        #expect(outcome.error == nil)
        #expect(cluster.evicted.sorted() == [key("a"), key("b")])
        #expect(outcome.report?.evicted.sorted() == [key("a"), key("b")])
        #expect(outcome.lines.prefix(2) == ["evicting pod shop/a", "evicting pod shop/b"])
        #expect(
            Set(outcome.lines) == [
                "evicting pod shop/a", "evicting pod shop/b", "pod/a evicted", "pod/b evicted", "node/worker-1 drained",
            ]
        )
        // Two lists (before and after), one watch, one look at the eviction version, one eviction a pod; a third list
        // where the last pod goes while the watch begins.
        let others = outcome.requests.filter { !$0.isWatch && $0.method == "GET" && $0.path == "/api/v1/pods" }
        #expect((2...3).contains(others.count))
        #expect(outcome.count("POST") == 2)
    }

    @Test func `names the pod it means by UID and heeds the grace period`() async throws {
        var policy = DrainPolicy()
        policy.gracePeriod = 7
        let outcome = try await drain(cluster(pod("a")), policy)
        let body = outcome.requests.first { $0.method == "POST" }?.json
        #expect(body?["deleteOptions"] == ["preconditions": ["uid": "uid-a"], "gracePeriodSeconds": 7])
    }

    @Test func `takes system-critical pods last`() async throws {
        let cluster = cluster(
            pod("a-dns", { $0["spec", "priorityClassName"] = "system-cluster-critical" }),
            pod("b"),
            pod("c")
        )
        _ = try await drain(cluster)
        #expect(cluster.evicted.last == key("a-dns"))
        #expect(cluster.evicted.count == 3)
    }

    @Test func `touches nothing when one pod needs a flag`() async throws {
        let cluster = cluster(pod("a"), pod("bare", unmanaged), pod("scratch", withEmptyDir))
        let outcome = try await drain(cluster)
        guard case .refused(_, let remarks, let flags)? = outcome.error as? DrainError else {
            return #expect(Bool(false), "\(String(describing: outcome.error))")
        }
        #expect(remarks.count == 2)
        #expect(flags == ["--delete-emptydir-data", "--force"])
        #expect(cluster.evicted == [])
    }

    @Test func `leaves DaemonSet pods and looks each DaemonSet up once`() async throws {
        let cluster = cluster(
            pod("agent-1", owned(by: "DaemonSet", "agent")),
            pod("agent-2", owned(by: "DaemonSet", "agent")),
            pod("a")
        )
        cluster.put(.daemonSets, KubernetesObject(.daemonSets, namespace: "shop", name: "agent"))
        var policy = DrainPolicy()
        policy.ignoreDaemonSets = true
        let outcome = try await drain(cluster, policy)
        #expect(outcome.lines.first == "Warning: ignoring DaemonSet-managed Pods: shop/agent-1, shop/agent-2")
        #expect(cluster.evicted == [key("a")])
        #expect(outcome.report?.skipped == [key("agent-1"), key("agent-2")])
        #expect(outcome.count("GET /apis/apps/v1/namespaces/shop/daemonsets/agent") == 1)
    }

    @Test func `asks again after a 429, and says which budget and which pods stand in the way`() async throws {
        let cluster = cluster(
            pod("a"),
            pod("sick") {
                unready(&$0)
                $0["spec", "nodeName"] = "worker-2"
            }
        )
        cluster.put(.podDisruptionBudgets, budget("web", minAvailable: 2).object)
        cluster.script(key("a"), .refuse(budgetRefusal), .accept)
        let outcome = try await drain(cluster)
        #expect(outcome.error == nil)
        #expect(cluster.evicted == [key("a")])
        #expect(
            outcome.lines.contains(
                "cannot evict pod shop/a yet (again in 2s): budget shop/web (minAvailable 2): 2 healthy, 2 needed; "
                    + "not ready: shop/sick (not ready on worker-2)"
            ),
            "\(outcome.lines)"
        )
        #expect(outcome.slept.contains(.seconds(2)))
    }

    @Test func `names budgets that overlap, and goes on once one is gone`() async throws {
        let cluster = cluster(pod("a"))
        cluster.put(.podDisruptionBudgets, budget("one", minAvailable: 1).object)
        cluster.put(.podDisruptionBudgets, budget("two", minAvailable: 1).object)
        let overlap = StubAnswer.status(
            500,
            "",
            "This pod has more than one PodDisruptionBudget, which the eviction subresource does not support."
        )
        cluster.script(key("a"), .refuse(overlap), .refuse(overlap), .accept)
        let outcome = try await drain(cluster)
        #expect(outcome.error == nil)
        #expect(
            outcome.lines.contains {
                $0.hasSuffix("more than one budget covers it: shop/one and shop/two")
            },
            "\(outcome.lines)"
        )
    }

    @Test func `leaves alone a pod that moved to another node under the same name`() async throws {
        let cluster = cluster(pod("db-0", owned(by: "StatefulSet", "db")))
        cluster.script(key("db-0"), .move(to: "worker-2"))
        let outcome = try await drain(cluster)
        #expect(outcome.error == nil)
        #expect(cluster.evicted == [])
        #expect(cluster.object(.pods, key("db-0"))?["spec", "nodeName"] == "worker-2")
        #expect(outcome.count("POST") == 1)
    }

    @Test func `takes a 404 for done`() async throws {
        let cluster = cluster(pod("a"))
        let outcome = try await drain(
            cluster,
            answer: { request in
                guard request.method == "POST" else { return nil }
                cluster.remove(.pods, key("a"))
                return .status(404, "NotFound", "pods \"a\" not found")
            }
        )
        #expect(outcome.error == nil)
        #expect(
            outcome.lines == ["evicting pod shop/a", "pod/a is gone", "node/worker-1 drained"]
                || outcome.lines == ["evicting pod shop/a", "pod/a evicted", "node/worker-1 drained"]
        )
    }

    @Test(arguments: [
        StubAnswer.status(
            403,
            "Forbidden",
            "unable to create new content in namespace shop because it is being terminated",
            details: ["causes": [["reason": "NamespaceTerminating", "message": "namespace shop is being terminated"]]]
        ),
        .status(403, "Forbidden", "admission webhook \"strimzi\" denied the request: not yet"),
        .status(503, "ServiceUnavailable", "away"), .status(504, "Timeout", "slow"), .close,
    ]) func `asks again after a refusal that may pass`(refusal: StubAnswer) async throws {
        let cluster = cluster(pod("a"))
        cluster.script(key("a"), .refuse(refusal), .refuse(refusal), .accept)
        let outcome = try await drain(cluster)
        #expect(outcome.error == nil)
        #expect(cluster.evicted == [key("a")])
        #expect(outcome.slept.contains(.seconds(4)))
    }

    @Test func `waits as long as the server says`() async throws {
        let cluster = cluster(pod("a"))
        let lag = StubAnswer.status(429, "TooManyRequests", "still being processed", headers: ["Retry-After": "10"])
        cluster.script(key("a"), .refuse(lag), .accept)
        let outcome = try await drain(cluster)
        #expect(outcome.slept.contains(.seconds(10)))
        #expect(cluster.evicted == [key("a")])
    }

    @Test func `tells of a final refusal, and still takes the other pods`() async throws {
        let cluster = cluster(pod("a"), pod("b"))
        cluster.script(key("a"), .refuse(.status(403, "Forbidden", "User \"bob\" cannot create resource")))
        let outcome = try await drain(cluster)
        guard case .failed(_, let failures)? = outcome.error as? DrainError else {
            return #expect(Bool(false), "\(String(describing: outcome.error))")
        }
        #expect(failures.map(\.pod) == [key("a")])
        #expect(cluster.evicted == [key("b")])
    }

    @Test func `asks at once when the budget has room again`() async throws {
        let cluster = cluster(pod("a"))
        cluster.put(.podDisruptionBudgets, budget("web", minAvailable: 2).object)
        cluster.script(key("a"), .refuse(budgetRefusal), .accept)
        var policy = DrainPolicy()
        policy.firstPause = .seconds(600)
        policy.longestPause = .seconds(600)
        let outcome = try await drain(cluster, policy, clock: ContinuousClock()) { event in
            if case .blocked = event {
                cluster.put(.podDisruptionBudgets, budget("web", minAvailable: 2, allowed: 1, healthy: 3).object)
            }
        }
        #expect(outcome.error == nil)
        #expect(cluster.evicted == [key("a")])
    }

    @Test func `ends at its deadline with the pod, the budget and the way out`() async throws {
        let stuck = pod("stuck") {
            $0.finalizers = ["example.com/hold"]
            $0["metadata", "deletionTimestamp"] = "2026-01-01T00:00:00Z"
        }
        let cluster = cluster(pod("a"), pod("b"), stuck)
        cluster.put(.podDisruptionBudgets, budget("web", minAvailable: 2).object)
        cluster.script(key("a"), .refuse(budgetRefusal))
        var policy = DrainPolicy()
        policy.timeout = .seconds(1)
        let clock = ManualClock()
        let awaited = Mutex(2)
        let outcome = try await drain(cluster, policy, clock: clock) { event in
            switch event {
            case .blocked, .evicted:
                if awaited.withLock({
                    $0 -= 1
                    return $0 == 0
                }) {
                    clock.advance(by: .seconds(1))
                }
            default: break
            }
        }
        guard case .deadline("worker-1", .seconds(1), let holds)? = outcome.error as? DrainError else {
            return #expect(Bool(false), "\(String(describing: outcome.error))")
        }
        #expect(holds.map(\.pod) == [key("a"), key("stuck")])
        let text = "\(outcome.error.map { "\($0)" } ?? "")"
        #expect(text.contains("shop/a cannot be evicted: budget shop/web (minAvailable 2)"), "\(text)")
        #expect(text.contains("add replicas, or relax the budget"), "\(text)")
        #expect(text.contains("shop/stuck is still terminating"), "\(text)")
        #expect(text.contains("finalizers example.com/hold remain"), "\(text)")
        #expect(cluster.evicted.contains(key("b")))
    }

    @Test func `is not held up beyond its deadline by a server that says nothing`() async throws {
        let cluster = cluster(pod("a"))
        cluster.script(key("a"), .refuse(.hang))
        var policy = DrainPolicy()
        policy.timeout = .seconds(1)
        let clock = ManualClock()
        let outcome = try await drain(cluster, policy, clock: clock) { _ in clock.advance(by: .seconds(1)) }
        guard case .deadline(_, _, let holds)? = outcome.error as? DrainError else {
            return #expect(Bool(false), "\(String(describing: outcome.error))")
        }
        #expect(holds.map(\.state) == [.unanswered])
    }

    @Test func `takes pods too that land while it works`() async throws {
        let cluster = cluster(pod("a"))
        let outcome = try await drain(
            cluster,
            onEvent: { event in
                if case .evicted(key("a"), _, _) = event { cluster.put(.pods, pod("late").object) }
            }
        )
        #expect(outcome.report?.evicted == [key("a"), key("late")])
    }

    @Test func `works without the right to watch`() async throws {
        let cluster = cluster(pod("a"), pod("b"))
        let outcome = try await drain(
            cluster,
            answer: { request in
                request.isWatch ? .status(403, "Forbidden", "no watching") : nil
            }
        )
        #expect(outcome.error == nil)
        #expect(cluster.evicted.count == 2)
    }

    @Test func `deletes where it is told not to ask budgets`() async throws {
        let cluster = cluster(pod("a"))
        var policy = DrainPolicy()
        policy.disableEviction = true
        let outcome = try await drain(cluster, policy)
        #expect(outcome.count("POST") == 0)
        #expect(outcome.requests.first { $0.method == "DELETE" }?.json?["preconditions", "uid"] == "uid-a")
        #expect(outcome.lines.contains("pod/a deleted"))
    }

    @Test func `changes nothing in a dry run`() async throws {
        let first = cluster(pod("a"))
        var policy = DrainPolicy()
        policy.dryRun = .client
        let client = try await drain(first, policy)
        #expect(client.lines == ["evicting pod shop/a (dry run)", "node/worker-1 drained (dry run)"])
        #expect(client.requests.allSatisfy { $0.method == "GET" })

        policy.dryRun = .server
        let second = cluster(pod("a"), pod("b"))
        let server = try await drain(second, policy)
        #expect(server.error == nil)
        #expect(server.lines.contains("pod/a evicted (server dry run)"))
        #expect(server.requests.filter { $0.method == "POST" }.allSatisfy { $0.query["dryRun"] == "All" })
        #expect(second.evicted == [])

        second.script(key("a"), .refuse(budgetRefusal))
        let blocked = try await drain(second, policy)
        guard case .wouldBlock(_, let holds)? = blocked.error as? DrainError else {
            return #expect(Bool(false), "\(String(describing: blocked.error))")
        }
        #expect(holds.map(\.pod) == [key("a")])
    }

    @Test func `stops when it is cancelled`() async throws {
        let cluster = cluster(pod("a"))
        cluster.script(key("a"), .acceptButStay)
        let (started, outlet) = AsyncStream.makeStream(of: Void.self)
        let task = Task {
            try await drain(cluster, clock: ContinuousClock()) { _ in outlet.yield() }
        }
        for await _ in started { break }
        task.cancel()
        let outcome = await task.result
        #expect((try? outcome.get())?.error is CancellationError || (try? outcome.get()) == nil)
    }
}
