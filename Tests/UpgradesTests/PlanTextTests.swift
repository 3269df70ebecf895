import KubernetesModel
import KubernetesVersions
import Testing

@testable import Upgrades

@Suite struct `a plan in words` {
    private static func sample(workers: Int = 5) throws -> (plan: UpgradePlan, annex: PlanAnnex) {
        var policy = PlanPolicy()
        policy.maxUnavailable = "2"
        policy.skipNodes = ["worker-4"]
        policy.deleteEmptyDirData = true
        var input = PlanSamples.input(workers: workers, policy: policy)
        input.nodes[6].isReady = false
        let facts = PlanFacts(
            loads: ["worker-1": .init(pods: 30, graceSeconds: 60), "worker-2": .init(pods: 0, graceSeconds: 0)],
            singles: ["Deployment shop/report"]
        )
        let plan = try Planner.plan(input)
        return (plan, PlanAnnex(of: plan, input: input, facts: facts))
    }

    @Test func `tells path, stages and what will be away`() throws {
        let (plan, annex) = try Self.sample()
        let lines = PlanText.lines(plan, annex: annex, digest: "0123456789abcdef")
        try GoldenFile.expect(lines.joined(separator: "\n") + "\n", matches: "plan.txt")
    }

    @Test func `explains itself by the commands a person would type`() throws {
        let (plan, annex) = try Self.sample()
        let lines = PlanText.explained(plan, annex: annex, digest: "0123456789abcdef")
        try GoldenFile.expect(lines.joined(separator: "\n") + "\n", matches: "runbook.txt")
    }

    @Test func `has commands for every step`() throws {
        let (plan, _) = try Self.sample()
        let runbook = Runbook(for: plan)
        #expect(runbook.entries.map(\.step) == plan.steps)
        #expect(runbook.entries.allSatisfy { !$0.lines.isEmpty })
    }

    @Test func `says the same in JSON`() throws {
        let (plan, annex) = try Self.sample()
        let value = try plan.value(annex: annex)
        #expect(value["plan", "target"]?.string == "v1.33.2")
        #expect(value["digest"]?.string == (try plan.digest))
        #expect(value["annex", "seconds"]?.int == annex.seconds)
    }
}

@Suite struct `the estimate of a plan` {
    @Test func `adds up what runs in turn, and takes the longest of what runs together`() {
        #expect(NominalDurations.together([10, 20, 30], concurrency: 1) == 60)
        #expect(NominalDurations.together([10, 20, 30], concurrency: 3) == 30)
        #expect(NominalDurations.together([30, 20, 10, 5], concurrency: 2) == 35)
        #expect(NominalDurations.together([], concurrency: 2) == 0)
    }

    @Test func `grows with the grace of the pods that move`() throws {
        let input = PlanSamples.input(workers: 2)
        let plan = try Planner.plan(input)
        let light = PlanAnnex(
            of: plan,
            input: input,
            facts: PlanFacts(loads: ["worker-1": .init(pods: 0, graceSeconds: 0)])
        )
        let heavy = PlanAnnex(
            of: plan,
            input: input,
            facts: PlanFacts(loads: ["worker-1": .init(pods: 50, graceSeconds: 120)])
        )
        #expect(heavy.seconds > light.seconds)
        #expect(light.hops.reduce(0) { $0 + $1.seconds } == light.seconds)
    }

    @Test(
        arguments: [
            (0, "0 s"), (89, "89 s"), (90, "2 min"), (600, "10 min"), (5_400, "1 h 30 min"), (7_200, "2 h"),
            (200_000, "2 d 7 h"),
        ]
    ) func `is said as people say it`(seconds: Int, words: String) {
        #expect(DurationWords.about(seconds) == words)
    }
}

@Suite struct `what will be away` {
    @Test func `is the API where one server is all there is`() throws {
        var input = PlanSamples.input(workers: 1)
        input.nodes.removeAll { ["cp-2", "cp-3"].contains($0.name) }
        input.etcd = .stacked(members: ["cp-1"])
        let annex = PlanAnnex(of: try Planner.plan(input), input: input)
        #expect(
            annex.unavailable.first == "the Kubernetes API, for about a minute a hop while its server restarts on cp-1"
        )
    }

    @Test func `names a kubelet that waits for the rest of the control plane`() throws {
        var policy = PlanPolicy()
        policy.only = .nodes(["cp-2"])
        var input = PlanSamples.input(workers: 1, policy: policy)
        input.target = KubernetesVersion(1, 32, 10)
        let annex = PlanAnnex(of: try Planner.plan(input), input: input)
        #expect(annex.risks.contains("the kubelet of cp-2 stays until the whole control plane is level"))
    }
}
