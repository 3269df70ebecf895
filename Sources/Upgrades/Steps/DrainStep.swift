import Draining
import KubernetesClient
import KubernetesModel
import Runs

/// Cordons a node and empties it, before anything on it is changed.
///
/// Where the operator accepted the outage of a node whose pods nothing else can take, they are deleted with their
/// grace instead of evicted, as budgets could never allow it.
struct DrainStep: UpgradeStep {
    let work: StepWork
    let nodeName: String

    func probe(_ context: StepContext) async throws -> Probe {
        let node = try await work.client.node(nodeName)
        // Past the version there is nothing left to protect the pods from.
        if node.isKubelet(atLeast: work.hop.to) { return .done }
        let victims = try await victims(context)
        if !node.isUnschedulable { return .notStarted }
        return victims.isEmpty ? .done : .halfDone("cordoned, \(victims.count) pods still on it")
    }

    func perform(_ context: StepContext) async throws {
        let name = nodeName
        try await work.environment.record.update { record in
            if !record.cordoned.contains(name) { record.cordoned.append(name) }
        }
        if try await Cordon.cordon(node: nodeName, client: work.client, by: context.run) == .alreadyCordoned {
            // By whom it was before the run is by whom it is after it, unless that was an earlier run of ours.
            if try await !work.client.node(nodeName).isCordonedByKeelstep {
                try await work.environment.record.update { $0.cordoned.removeAll { $0 == name } }
            }
        }
        _ = try await Drain.run(
            node: nodeName,
            policy: policy,
            client: work.client,
            clock: context.clock,
            now: context.now
        ) { event in
            guard let notice = DrainNotice(event, node: nodeName) else { return }
            await context.tell(.drain(notice))
        }
    }

    private var policy: DrainPolicy {
        let planned = work.environment.plan.policy
        var policy = DrainPolicy()
        policy.ignoreDaemonSets = true
        policy.force = planned.force
        policy.deleteEmptyDirData = planned.deleteEmptyDirData
        policy.timeout = .seconds(planned.drainTimeoutSeconds)
        policy.disableEviction = planned.acceptOutage.contains(nodeName)
        policy.firstPause = .milliseconds(500)
        return policy
    }

    private func victims(_ context: StepContext) async throws -> [Pod] {
        let pods = try await work.client.list(.pods, fieldSelector: "spec.nodeName=\(nodeName)").items.map(Pod.init)
        let sorting = DrainSorting(pods, policy, missingDaemonSets: [], at: context.now())
        return sorting.victims + pods.filter { pod in sorting.refused.contains { $0.pods.contains(pod.key) } }
    }
}

extension DrainNotice {
    /// What a drain tells, as runs keep it.
    init?(_ event: DrainEvent, node: String) {
        let text = event.description
        switch event {
        case .warning: self.init(kind: .warning, node: node, text: text)
        case .evicting(let pod, _): self.init(kind: .evicting, node: node, pod: pod.description, text: text)
        case .blocked(let pod, let block, _):
            // Without the pause, which changes at every attempt.
            self.init(
                kind: .blocked,
                node: node,
                pod: pod.description,
                text: "cannot evict \(pod) yet: \(block); \(block.remedy)"
            )
        case .evicted(let pod, let isDeletion, _):
            self.init(
                kind: isDeletion ? .deleted : .evicted,
                node: node,
                pod: pod.description,
                text: text
            )
        case .vanished(let pod), .leftTerminating(let pod):
            self.init(kind: .vanished, node: node, pod: pod.description, text: text)
        case .failed(let pod, _): self.init(kind: .failed, node: node, pod: pod.description, text: text)
        case .drained: self.init(kind: .drained, node: node, text: text)
        }
    }
}
