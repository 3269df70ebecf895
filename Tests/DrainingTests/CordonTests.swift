import KubernetesClient
import KubernetesModel
import StubAPI
import Testing

@testable import Draining

@Suite struct `a cordon` {
    private let key = ObjectKey(name: "worker-1")

    private func onCluster(
        _ prepare: (inout KubernetesObject) -> Void = { _ in },
        _ body: @escaping @Sendable (KubernetesClient, FakeCluster, StubServer) async throws -> Void
    ) async throws {
        let cluster = FakeCluster()
        var object = node("worker-1").object
        prepare(&object)
        cluster.put(.nodes, object)
        try await StubServer.run {
            await cluster.answer($0)
        } _: { server in
            let configuration = KubeConfiguration(server: server.url)
            try await KubernetesClient.with(configuration, options: ClientOptions(clock: TestClock())) {
                try await body($0, cluster, server)
            }
        }
    }

    @Test func `is set, confirmed, and taken away`() async throws {
        try await onCluster { client, cluster, server in
            let set = try await Cordon.cordon(node: "worker-1", client: client)
            #expect(set.text(node: "worker-1") == "node/worker-1 cordoned")
            #expect(cluster.object(.nodes, ObjectKey(name: "worker-1"))?["spec", "unschedulable"] == true)
            #expect(server.requests.map(\.method) == ["GET", "PATCH", "GET"])
            let again = try await Cordon.cordon(node: "worker-1", client: client)
            #expect(again.text(node: "worker-1") == "node/worker-1 already cordoned")
            let off = try await Cordon.uncordon(node: "worker-1", client: client)
            #expect(off == .uncordoned)
            #expect(cluster.object(.nodes, ObjectKey(name: "worker-1"))?["spec", "unschedulable"] == nil)
            let outcome1 = try await Cordon.uncordon(node: "worker-1", client: client)
            #expect(outcome1 == .alreadyUncordoned)
        }
    }

    @Test func `of a run carries its mark, and only that run takes it away`() async throws {
        try await onCluster { client, cluster, _ in
            let outcome2 = try await Cordon.cordon(node: "worker-1", client: client, by: "run-1")
            #expect(outcome2 == .cordoned)
            #expect(
                cluster.object(.nodes, ObjectKey(name: "worker-1"))?.annotations == [
                    "keelstep.dev/cordoned-by": "run-1"
                ]
            )
            let outcome3 = try await Cordon.cordon(node: "worker-1", client: client, by: "run-1")
            #expect(outcome3 == .cordoned)
            let outcome4 = try await Cordon.cordon(node: "worker-1", client: client, by: "run-2")
            #expect(outcome4 == .alreadyCordoned)
            let other = try await Cordon.uncordon(node: "worker-1", client: client, by: "run-2")
            #expect(other == .notOurs(cordonedBy: "run-1"))
            let outcome5 = try await Cordon.uncordon(node: "worker-1", client: client, by: "run-1")
            #expect(outcome5 == .uncordoned)
            #expect(cluster.object(.nodes, ObjectKey(name: "worker-1"))?.annotations == [:])
        }
    }

    @Test func `that somebody else set stays`() async throws {
        let cordoned: (inout KubernetesObject) -> Void = { $0["spec", "unschedulable"] = true }
        try await onCluster(cordoned) { client, cluster, _ in
            let outcome6 = try await Cordon.cordon(node: "worker-1", client: client, by: "run-1")
            #expect(outcome6 == .alreadyCordoned)
            let outcome7 = try await Cordon.uncordon(node: "worker-1", client: client, by: "run-1")
            #expect(outcome7 == .notOurs(cordonedBy: nil))
            #expect(cluster.object(.nodes, ObjectKey(name: "worker-1"))?["spec", "unschedulable"] == true)
        }
    }

    @Test func `changes nothing in a dry run`() async throws {
        try await onCluster { client, cluster, server in
            let dry = try await Cordon.cordon(node: "worker-1", client: client, dryRun: .client)
            #expect(dry.text(node: "worker-1", .client) == "node/worker-1 cordoned (dry run)")
            #expect(server.requests.map(\.method) == ["GET"])
            _ = try await Cordon.cordon(node: "worker-1", client: client, dryRun: .server)
            #expect(server.requests.last?.query == ["dryRun": "All"])
            #expect(cluster.object(.nodes, ObjectKey(name: "worker-1"))?["spec", "unschedulable"] == nil)
        }
    }
}
