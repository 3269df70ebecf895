import Foundation

/// `kubectl drain` against `keelstep drain`: the same node with the same pods, one after the other, in turns.
struct DrainBench: Sendable {
    struct Result: Sendable {
        struct Side: Sendable {
            var samples: [Sample] = []
            /// Requests the API server was sent, in each run.
            var requests: [Int] = []
        }

        var pods: Int
        var kubectl = Side()
        var keelstep = Side()
    }

    let workbench: Workbench
    let sizes: [Int]
    let repetitions: Int

    private static let node = "worker-1"
    /// The pods have no controller, so that none comes back to be in the way of the next run.
    private static let flags = ["--force", "--ignore-daemonsets", "--delete-emptydir-data"]

    func run() async throws -> [Result] {
        try await workbench.withSandbox(["--control-planes", "1", "--workers", "2", "--speed", "100"]) { sandbox in
            try await sandbox.load("{apiVersion: v1, kind: Namespace, metadata: {name: bench}}")
            // The discovery that kubectl keeps on disk is there before anything is measured.
            _ = try await drain(sandbox, workbench.kubectl, pods: 1)
            _ = try await drain(sandbox, workbench.keelstep, pods: 1)
            var results: [Result] = []
            for size in sizes {
                var result = Result(pods: size)
                for round in 1...repetitions {
                    workbench.say("draining \(size) pods, round \(round) of \(repetitions)")
                    let kubectl = try await drain(sandbox, workbench.kubectl, pods: size)
                    result.kubectl.samples.append(kubectl.sample)
                    result.kubectl.requests.append(kubectl.requests)
                    let keelstep = try await drain(sandbox, workbench.keelstep, pods: size)
                    result.keelstep.samples.append(keelstep.sample)
                    result.keelstep.requests.append(keelstep.requests)
                }
                results.append(result)
            }
            return results
        }
    }

    /// Fills the node, drains it by `program`, and gives it back.
    private func drain(
        _ sandbox: BenchSandbox,
        _ program: String,
        pods: Int
    ) async throws -> (sample: Sample, requests: Int) {
        try await sandbox.load((1...pods).map(Self.pod).joined(separator: "\n---\n"))
        try await sandbox.kubectl("wait", "pod", "--all", "-n", "bench", "--for=condition=Ready", "--timeout=120s")
        let reading = try await requests(sandbox)
        let before = try await requests(sandbox)
        let sample = try await workbench.measure([program, "drain", Self.node] + Self.flags, sandbox.environment)
        let after = try await requests(sandbox)
        let left = try await sandbox.kubectl("get", "pods", "-n", "bench", "-o", "name")
        guard left.isEmpty else {
            throw Workbench.Failed(command: [program, "drain"], code: 0, errors: "it left pods behind: \(left)")
        }
        try await sandbox.kubectl("uncordon", Self.node)
        return (sample, after - before - (before - reading))
    }

    private static func pod(_ number: Int) -> String {
        """
        apiVersion: v1
        kind: Pod
        metadata: {name: bench-\(number), namespace: bench, labels: {app: bench}}
        spec:
          nodeName: \(node)
          containers:
          - {name: main, image: "registry.example/bench:1", resources: {requests: {cpu: 1m, memory: 1Mi}}}
        """
    }

    /// How many requests the API server has answered.
    private func requests(_ sandbox: BenchSandbox) async throws -> Int {
        let metrics = try await sandbox.kubectl("get", "--raw", "/metrics")
        return metrics.split(separator: "\n").filter { $0.hasPrefix("apiserver_request_total{") }
            .compactMap { $0.split(separator: " ").last.flatMap { Int($0) } }.reduce(0, +)
    }
}
