import Foundation
import KubernetesVersions
import Testing

@testable import Upgrades

@Suite struct `the bytes of a plan` {
    private static func sample() throws -> UpgradePlan {
        var policy = PlanPolicy()
        policy.maxUnavailable = "2"
        policy.canary = ["worker-2"]
        policy.soakSeconds = 30
        policy.via = ["1.32": KubernetesVersion(1, 32, 6)]
        policy.only = .all
        return try Planner.plan(PlanSamples.input(workers: 4, policy: policy))
    }

    @Test func `are those of the golden file`() throws {
        let text = String(decoding: try Self.sample().canonicalBytes, as: UTF8.self)
        try GoldenFile.expect(text.replacing("},{\"id\"", with: "},\n{\"id\"") + "\n", matches: "plan.json.txt")
    }

    @Test func `are the same whatever the order of the nodes`() throws {
        let input = PlanSamples.input(workers: 40)
        let expected = try Planner.plan(input).canonicalBytes
        var generator = SystemRandomNumberGenerator()
        for _ in 0..<5 {
            var shuffled = input
            shuffled.nodes.shuffle(using: &generator)
            #expect(try Planner.plan(shuffled).canonicalBytes == expected)
        }
    }

    @Test func `read back as the same plan`() throws {
        let plan = try Self.sample()
        #expect(try UpgradePlan(canonicalBytes: plan.canonicalBytes) == plan)
    }

    @Test(
        arguments: [
            PlanPolicy.Scope.all, .controlPlane, .nodes([]), .nodes(["all"]), .nodes(["worker-1", "control-plane"]),
        ]
    ) func `keep who was chosen`(scope: PlanPolicy.Scope) throws {
        let bytes = try JSONEncoder().encode(scope)
        #expect(try JSONDecoder().decode(PlanPolicy.Scope.self, from: bytes) == scope)
    }

    @Test(
        arguments: [PlanEtcd.stacked(members: ["cp-1"]), .external(endpoints: ["https://a:2379"], isReachable: true)]
    ) func `keep what etcd is`(etcd: PlanEtcd) throws {
        let bytes = try JSONEncoder().encode(etcd)
        #expect(try JSONDecoder().decode(PlanEtcd.self, from: bytes) == etcd)
    }

    @Test func `have a digest that changes with anything in them`() throws {
        let plan = try Self.sample()
        var other = plan
        other.policy.stableSeconds += 1
        #expect(try plan.digest.count == 64)
        #expect(try plan.digest == Self.sample().digest)
        #expect(try plan.digest != other.digest)
    }

    @Test func `of another format or of something else are refused`() throws {
        #expect(throws: PlanError.unknownFormat(7)) { try UpgradePlan(canonicalBytes: Array(#"{"format":7}"#.utf8)) }
        for text in ["", "{", "[]", #"{"format":1}"#, "\u{0}\u{1}"] {
            #expect(throws: PlanError.self) { try UpgradePlan(canonicalBytes: Array(text.utf8)) }
        }
    }

    @Test func `name each step once`() throws {
        let ids = try Self.sample().steps.map(\.id)
        #expect(Set(ids).count == ids.count)
        #expect(ids.contains("1/control-plane/cp-1/kubeadm-apply"))
        #expect(ids.first == "1/gate")
        #expect(ids.last == "2/settle")
    }
}
