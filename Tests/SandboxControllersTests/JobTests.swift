import KubernetesModel
import Sandbox
import Testing

@Suite(.timeLimit(.minutes(2))) struct `a Job` {
    private static func job(_ name: String, _ settings: String, exitCode: Int = 0, run: String = "1") -> String {
        """
        apiVersion: batch/v1
        kind: Job
        metadata: {name: \(name)}
        spec:
          \(settings.replacing(", ", with: "\n  "))
          template:
            metadata:
              labels: {app: \(name)}
              annotations: {sandbox.keelstep.dev/run: "\(run)", sandbox.keelstep.dev/exit-code: "\(exitCode)"}
            spec:
              restartPolicy: Never
              containers: [{name: main, image: "r.example/\(name):1", resources: {limits: {cpu: 10m}}}]
        """
    }

    private static func job(_ name: String, in moment: Moment) -> KubernetesObject? {
        moment.object(.jobs, ObjectKey(namespace: "default", name: name))
    }

    private static func isTrue(_ condition: String, of name: String = "count", in moment: Moment) -> Bool {
        job(name, in: moment)?.status.isTrue(condition) == true
    }

    @Test func `completes, and lets its pods go of their finalizer`() async throws {
        try await World.with(nodes: TestNode.several(2)) { world in
            for index in 0..<20 { try await world.apply(Self.job("count-\(index)", "completions: 1")) }
            let end = try await world.until("all Jobs complete") { moment in
                (0..<20).allSatisfy { Self.isTrue("Complete", of: "count-\($0)", in: moment) }
                    && moment.all(.pods).allSatisfy { $0.finalizers.isEmpty }
            }
            #expect(end.all(.pods).count == 20)
            #expect(end.all(.jobs).allSatisfy { $0.status["succeeded"] == 1 && $0.status["active"] == nil })
            #expect(world.complaints.all.filter { $0.contains("updates may not change") }.isEmpty)
        }
    }

    @Test func `runs no more at a time than it may`() async throws {
        try await World.with(nodes: TestNode.several(2)) { world in
            try await world.never("three at a time") { moment in
                moment.pods("count").filter(\.isPodActive).count > 2
            } while: {
                try await world.apply(Self.job("count", "completions: 6, parallelism: 2"))
                try await world.until("six have succeeded") { Self.job("count", in: $0)?.status["succeeded"] == 6 }
            }
        }
    }

    @Test func `gives each completion an index`() async throws {
        try await World.with(nodes: TestNode.several(2)) { world in
            try await world.apply(
                Self.job("count", "completions: 3, parallelism: 3, completionMode: Indexed")
            )
            let end = try await world.until("it is complete") { Self.isTrue("Complete", in: $0) }
            #expect(Self.job("count", in: end)?.status["completedIndexes"]?.string?.isEmpty == false)
            let indexes = end.pods("count").compactMap { $0.annotations["batch.kubernetes.io/job-completion-index"] }
            #expect(Set(indexes) == ["0", "1", "2"])
        }
    }

    @Test func `fails once its pods failed too often`() async throws {
        try await World.with(nodes: TestNode.several(1)) { world in
            try await world.apply(
                Self.job("count", "completions: 1, backoffLimit: 1", exitCode: 3)
            )
            let end = try await world.until("it has failed") { Self.isTrue("Failed", in: $0) }
            let job = try #require(Self.job("count", in: end))
            #expect(job.status.condition("Failed")?["reason"] == "BackoffLimitExceeded")
            #expect(job.status["failed"] == 2)
        }
    }

    @Test func `replaces a pod that is evicted, and counts that as a failure`() async throws {
        try await World.with(nodes: TestNode.several(1)) { world in
            try await world.apply(Self.job("count", "completions: 1", run: "300"))
            let first = try await world.until("it runs") { !$0.ready("count").isEmpty }
            let pod = try #require(first.pods("count").first)
            try await world.delete(.pods, pod.name)
            let later = try await world.until("another runs") { moment in
                moment.ready("count").contains { $0.uid != pod.uid }
                    && !moment.pods("count").contains { $0.uid == pod.uid }
            }
            #expect(Self.job("count", in: later)?.status["failed"] == 1)
        }
    }

    @Test func `is gone some time after its end, where it says so`() async throws {
        try await World.with(nodes: TestNode.several(1)) { world in
            try await world.apply(Self.job("count", "completions: 1, ttlSecondsAfterFinished: 10"))
            try await world.until("it is there") { Self.job("count", in: $0) != nil }
            try await world.until("it and its pods are gone") { $0.all(.jobs).isEmpty && $0.all(.pods).isEmpty }
        }
    }
}
