import KubernetesModel
import Placement

/// One term of a scheduler: pods without a node come in, bindings go out.
struct SchedulingRound: Sendable {
    let cluster: CachedCluster
    private let board: SchedulingBoard
    private let pods = WorkQueue<ObjectKey>()
    private let bindings = WorkQueue<ObjectKey>()

    init(cluster: CachedCluster) {
        self.cluster = cluster
        board = SchedulingBoard(source: cluster)
        cluster.nodes.listen { [self] in nodeChanged($0) }
        cluster.pods.listen { [self] in podChanged($0) }
        cluster[.namespaces].listen { [board] in board.refresh(namespace: $0.object.name) }
    }

    func run(log: @escaping @Sendable (String) -> Void) async {
        await cluster.waitUntilSynced()
        await withDiscardingTaskGroup { group in
            group.addTask {
                await pods.run(workers: 1) {
                    log("scheduler: \($0): \($1)")
                } work: {
                    try await schedule($0)
                }
            }
            group.addTask {
                await bindings.run(workers: 16) {
                    log("scheduler: binding \($0): \($1)")
                } work: {
                    try await bind($0)
                }
            }
        }
    }

    // MARK: What happens

    private func nodeChanged(_ change: ObjectChange) {
        let isNews =
            change.old?.spec != change.new?.spec || change.old?.labels != change.new?.labels
            || change.old?.status["allocatable"] != change.new?.status["allocatable"]
        guard isNews else { return }
        board.refresh(node: change.object.name)
        retryWaiting()
    }

    private func podChanged(_ change: ObjectChange) {
        let (old, new) = (change.old, change.new)
        board.refresh(pod: change.object.key)
        if let new, new.podNode == nil, old?.spec != new.spec || old?.labels != new.labels { pods.add(new.key) }
        let freesRoom = old?.podNode != nil && (new == nil || new?.isPodFinished != old?.isPodFinished)
        let takesRoom = new?.podNode != nil && (old?.podNode == nil || old?.labels != new?.labels)
        if freesRoom || takesRoom { retryWaiting() }
    }

    /// What found no node may find one now; what failed often is tried less often.
    private func retryWaiting() {
        for (key, attempts) in board.waiting {
            let nominal = min(Duration.seconds(1) * (1 << min(attempts, 4)), .seconds(10))
            pods.add(key, after: cluster.clock.scaled(nominal))
        }
    }

    // MARK: Work

    private func schedule(_ key: ObjectKey) async throws -> Duration? {
        guard let pod = cluster.pods[key], pod.podNode == nil, pod.isPodActive, isOurs(pod),
            board.assumption(for: key)?.uid != pod.uid
        else {
            board.stopWaiting(key)
            return nil
        }
        let choice = board.decide(for: pod)
        if choice.nodeName != nil {
            bindings.add(key)
        } else {
            try await refuse(pod, "\(choice)")
        }
        return nil
    }

    private func isOurs(_ pod: KubernetesObject) -> Bool {
        let view = Pod(pod)
        return view.schedulerName == Scheduler.name && view.schedulingGates.isEmpty
    }

    private func refuse(_ pod: KubernetesObject, _ message: String) async throws {
        cluster.events.warning(pod, "FailedScheduling", message)
        let present = pod.status.condition("PodScheduled")
        if present?["status"]?.string == "False", present?["message"]?.string == message { return }
        var pod = pod
        pod.status.setCondition(
            "PodScheduled",
            "False",
            reason: "Unschedulable",
            message: message,
            now: cluster.now(),
            extra: ["lastProbeTime": .null]
        )
        do throws(APIStatus) { try await cluster.updateStatus(.pods, pod) } catch {
            guard error.isNotFound else { throw error }
        }
    }

    private func bind(_ key: ObjectKey) async throws -> Duration? {
        guard let (uid, node) = board.assumption(for: key) else { return nil }
        do throws(APIStatus) {
            try await cluster.access.bind(pod: key, uid: uid, to: node)
        } catch {
            guard error.code < 500, error.code != 429 else { throw error }
            // The pod is gone, another, or bound already: what the API says now counts.
            board.forget(key)
            pods.add(key, after: .milliseconds(100))
            return nil
        }
        if let pod = cluster.pods[key], pod.uid == uid {
            cluster.events.normal(pod, "Scheduled", "Successfully assigned \(key) to \(node)")
        }
        return nil
    }
}
