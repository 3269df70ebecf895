import Foundation
import Testing

extension EndToEnd {
    @Suite struct `the main job` {
        @Test(.timeLimit(.minutes(10)))
        func `three control-plane nodes and five workers go two minors up while nobody notices`() async throws {
            try await RunningSandbox.with { sandbox in
                let observer = try sandbox.observer()
                try await observer.start()
                let upgrade = try await sandbox.keelstep.run("upgrade", "--to", "v1.33.2", "--yes")
                expect(upgrade)
                let observation = try await observer.stop()

                #expect(observation.violations() == [])
                let evictions = observation.evictions()
                for (hop, pods) in evictions.sorted(by: { $0.key < $1.key }) {
                    print("evictions \(hop): \(pods.values.reduce(0, +)) of \(pods.count) pods")
                    for (pod, count) in pods.sorted(by: { $0.key < $1.key }) { print("  \(pod): \(count)") }
                }
                #expect(evictions.count == 2, "there is something to evict in each hop")

                try await sandbox.expectEveryNode(at: "v1.33.2")
                try await sandbox.expectFullStrength()
                try await sandbox.expectHealthyEtcd(members: 3)
                try await sandbox.expectNoneCordoned()
            }
        }
    }
}

/// Stories on whole sandboxes: one at a time, since each of them keeps both cores busy.
@Suite(.serialized) enum EndToEnd {}

extension RunningSandbox {
    func expectEveryNode(at version: String, sourceLocation: SourceLocation = #_sourceLocation) async throws {
        let outcome = try await kubectl().run(
            "get",
            "nodes",
            "-o",
            "jsonpath={range .items[*]}{.status.nodeInfo.kubeletVersion}{\"\\n\"}{end}"
        )
        expect(outcome, sourceLocation: sourceLocation)
        let versions = Set(outcome.output.split(separator: "\n").map(String.init))
        #expect(versions == [version], sourceLocation: sourceLocation)
        let pods = try await kubectl().run(
            "get",
            "pods",
            "-n",
            "kube-system",
            "-l",
            "tier=control-plane",
            "-o",
            "jsonpath={range .items[*]}{.spec.containers[0].image}{\"\\n\"}{end}"
        )
        let images = pods.output.split(separator: "\n").filter { !$0.contains("/etcd:") }
        #expect(images.allSatisfy { $0.hasSuffix(":\(version)") }, "\(images)", sourceLocation: sourceLocation)
        #expect(images.count == 3 * state.apiServers.count, sourceLocation: sourceLocation)
    }

    func expectFullStrength(sourceLocation: SourceLocation = #_sourceLocation) async throws {
        for workload in ["deployment/web", "deployment/cart", "statefulset/orders", "daemonset/log-agent"] {
            let status = try await kubectl().run("rollout", "status", "-n", "shop", workload, "--timeout=60s")
            expect(status, sourceLocation: sourceLocation)
        }
    }

    func expectHealthyEtcd(members: Int, sourceLocation: SourceLocation = #_sourceLocation) async throws {
        let survey = try await keelstep.run("survey", "-o", "json")
        expect(survey, sourceLocation: sourceLocation)
        struct Survey: Decodable {
            struct Etcd: Decodable {
                struct Member: Decodable { var healthy: Bool }
                var members: [Member]
            }
            var etcd: Etcd
        }
        let found = try JSONDecoder().decode(Survey.self, from: Data(survey.output.utf8))
        let healthy = found.etcd.members.count(where: \.healthy)
        #expect(healthy == members, "\(survey.output)", sourceLocation: sourceLocation)
    }

    func expectNoneCordoned(sourceLocation: SourceLocation = #_sourceLocation) async throws {
        #expect(try await cordonedNodes() == [], sourceLocation: sourceLocation)
    }

    func cordonedNodes() async throws -> Set<String> {
        let outcome = try await kubectl().run(
            "get",
            "nodes",
            "-o",
            "jsonpath={range .items[?(@.spec.unschedulable)]}{.metadata.name}{\"\\n\"}{end}"
        )
        return Set(outcome.output.split(separator: "\n").map(String.init))
    }
}
