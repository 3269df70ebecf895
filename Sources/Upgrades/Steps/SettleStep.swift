import Draining
import KubernetesClient
import KubernetesModel
import Nodes
import Runs

/// The end of a hop: every node of it Ready at the version, every workload as available as before the run, etcd
/// healthy, nothing of ours left behind.
struct SettleStep: UpgradeStep {
    let work: StepWork

    func probe(_ context: StepContext) async throws -> Probe {
        guard context.wasPerformed else { return .notStarted }
        return try await lack(context).map { .halfDone($0) } ?? .done
    }

    func perform(_ context: StepContext) async throws {
        for node in try await work.client.list(.nodes).items.map(Node.init) where node.isOutdated {
            try await work.client.setOutdated(false, on: node.name)
        }
        try await context.hold(
            for: work.environment.stable,
            watching: [
                Watched(resource: .nodes, selection: .init()), Watched(resource: .deployments, selection: .init()),
                Watched(resource: .statefulSets, selection: .init()),
                Watched(resource: .daemonSets, selection: .init()),
            ],
            work.client
        ) {
            try await lack(context)
        }
    }

    private func lack(_ context: StepContext) async throws -> String? {
        let nodes = try await work.client.list(.nodes).items.map(Node.init)
        let upgraded = Set(
            work.hop.stages.flatMap(\.turns).flatMap(\.steps).filter { $0.action == .verifyNode }.compactMap(\.node)
        )
        for node in nodes where upgraded.contains(node.name) {
            if !node.isKubelet(atLeast: work.hop.to) { return "node \(node.name) is at \(node.kubeletVersion)" }
            if !node.isReady { return "node \(node.name) is not Ready" }
        }
        let etcd = try await work.etcdNodes(context)
        if let trouble = try await work.etcdHealth(etcd, context).firstTrouble { return trouble }
        let shortfalls = await work.environment.record.record.shortfalls
        let weak = try await WorkloadStrength.shortfalls(work.client).filter { name, available in
            available < shortfalls[name] ?? Int.max
        }
        let names = weak.keys.sorted()
        guard let first = names.first else { return nil }
        return "\(first) is not at full strength" + (names.count > 1 ? ", and \(names.count - 1) more" : "")
    }
}

/// How strong workloads are.
enum WorkloadStrength {
    /// Workloads with fewer available pods than they ask for, by `Kind namespace/name`, and how many they have.
    static func shortfalls(_ client: KubernetesClient) async throws -> [String: Int] {
        var found: [String: Int] = [:]
        for resource in [Resource.deployments, .statefulSets, .daemonSets] {
            for object in try await client.list(resource).items {
                let workload = Workload(object)
                guard !workload.isFullyAvailable else { continue }
                found["\(resource.kind) \(workload.key)"] = workload.available
            }
        }
        return found
    }
}
