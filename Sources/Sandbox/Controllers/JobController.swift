package import KubernetesModel

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// Runs a Job's pods until enough have succeeded, or too many failed.
///
/// Pods carry the tracking finalizer, so that none vanishes uncounted: a pod's end goes into `uncountedTerminatedPods`,
/// its finalizer is taken off, and only then is it counted.
package struct JobController: Controller {
    static let finalizer = "batch.kubernetes.io/job-tracking"
    let cluster: CachedCluster

    package init(cluster: CachedCluster) { self.cluster = cluster }

    package func keys(affectedBy change: ObjectChange) -> [ObjectKey] {
        switch change.resource {
        case .jobs: [change.object.key]
        case .pods: change.controllerKeys(of: "Job")
        default: []
        }
    }

    package func reconcile(_ key: ObjectKey) async throws -> Duration? {
        guard let job = cluster[.jobs][key] else { return nil }
        let pods = try await cluster.adoptedPods(of: job, selector: LabelSelector(job.spec["selector"]))
        if job.isTerminating {
            for pod in pods { try await release(pod) }
            return nil
        }
        if job.status.isTrue("Complete") || job.status.isTrue("Failed") {
            for pod in pods where pod.isPodFinished || pod.isTerminating { try await release(pod) }
            return try await expire(job)
        }
        var tally = Tally(job: job, pods: pods)
        try await count(&tally, pods: pods, in: key)
        guard let job = cluster[.jobs][key] else { return nil }
        let verdict = self.verdict(on: job, tally)
        if verdict.isEnd || job.spec["suspend"]?.bool == true {
            for pod in tally.active { try await cluster.delete(.pods, pod) }
        } else {
            try await steer(job, &tally)
        }
        try await report(key, tally, verdict)
        return verdict.recheck
    }

    // MARK: Counting

    private struct Tally {
        var active: [KubernetesObject]
        var succeeded: Int
        var failed: Int
        var completedIndexes: Set<Int>

        init(job: KubernetesObject, pods: [KubernetesObject]) {
            active = pods.filter(\.isPodActive)
            succeeded = job.status["succeeded"]?.int ?? 0
            failed = job.status["failed"]?.int ?? 0
            completedIndexes = Set(
                (job.status["completedIndexes"]?.string ?? "").split(separator: ",").flatMap { part in
                    let bounds = part.split(separator: "-").compactMap { Int($0) }
                    guard let low = bounds.first, let high = bounds.last, low <= high else { return [Int]() }
                    return Array(low...high)
                }
            )
        }
    }

    private func count(_ tally: inout Tally, pods: [KubernetesObject], in key: ObjectKey) async throws {
        // A pod on its way out counts as failed at once, as it is replaced at once.
        let ended = pods.filter { !$0.isPodActive && $0.finalizers.contains(Self.finalizer) }
        guard !ended.isEmpty, var job = cluster[.jobs][key] else { return }
        let noted = Set(
            ["succeeded", "failed"].flatMap { job["status", "uncountedTerminatedPods", $0]?.strings ?? [] }
        )
        var status = job.status
        for pod in ended where !noted.contains(pod.uid) {
            let list = pod.podPhase == "Succeeded" ? "succeeded" : "failed"
            let present = status["uncountedTerminatedPods", list]?.strings ?? []
            status["uncountedTerminatedPods", list] = JSONValue(present + [pod.uid])
        }
        job.status = status
        job = try await cluster.update(.jobs, job, subresource: "status")
        for pod in ended { try await release(pod) }
        let waiting = job.status["uncountedTerminatedPods"]
        tally.succeeded += waiting?["succeeded"]?.array?.count ?? 0
        tally.failed += waiting?["failed"]?.array?.count ?? 0
        for pod in ended where pod.podPhase == "Succeeded" {
            if let index = Self.index(of: pod) { tally.completedIndexes.insert(index) }
        }
        status = job.status
        status["uncountedTerminatedPods"] = [:]
        status["succeeded"] = tally.succeeded == 0 ? nil : .integer(Int64(tally.succeeded))
        status["failed"] = tally.failed == 0 ? nil : .integer(Int64(tally.failed))
        if Self.isIndexed(job) {
            status["completedIndexes"] = .string(
                tally.completedIndexes.sorted().map(String.init).joined(separator: ",")
            )
        }
        job.status = status
        try await cluster.updateStatus(.jobs, job)
    }

    private func release(_ pod: KubernetesObject) async throws {
        guard pod.finalizers.contains(Self.finalizer) else { return }
        var pod = pod
        pod.finalizers = pod.finalizers.filter { $0 != Self.finalizer }
        let wasTerminating = pod.isTerminating
        do throws(APIStatus) {
            let left = try await cluster.update(.pods, pod)
            // The last finalizer of a pod whose containers have ended was all that kept it.
            if wasTerminating, left.finalizers.isEmpty, left["metadata", "deletionGracePeriodSeconds"]?.int == 0 {
                cluster.pods.forget(pod.key, uid: pod.uid)
            }
        } catch {
            guard error.isNotFound else { throw error }
            cluster.pods.forget(pod.key, uid: pod.uid)
        }
    }

    // MARK: Deciding

    private struct Verdict {
        var condition: (type: String, reason: String?, message: String?)?
        var recheck: Duration?
        var isEnd: Bool { condition != nil }
    }

    private func verdict(on job: KubernetesObject, _ tally: Tally) -> Verdict {
        let limit = job.spec["backoffLimit"]?.int ?? 6
        let restarts =
            job["spec", "template", "spec", "restartPolicy"]?.string == "OnFailure"
            ? tally.active.reduce(0) { $0 + $1.podRestarts } : 0
        if tally.failed + restarts > limit {
            return Verdict(
                condition: ("Failed", "BackoffLimitExceeded", "Job has reached the specified backoff limit")
            )
        }
        if let completions = job.spec["completions"]?.int {
            let done = Self.isIndexed(job) ? tally.completedIndexes.count : tally.succeeded
            if done >= completions {
                return Verdict(
                    condition: ("Complete", "CompletionsReached", "Reached expected number of succeeded pods")
                )
            }
        } else if tally.succeeded > 0, tally.active.isEmpty {
            return Verdict(condition: ("Complete", "CompletionsReached", "Reached expected number of succeeded pods"))
        }
        guard let seconds = job.spec["activeDeadlineSeconds"]?.integer,
            let start = Timestamp.date(from: job.status["startTime"])
        else { return Verdict() }
        let left = cluster.clock.scaled(.seconds(seconds)).seconds - cluster.now().timeIntervalSince(start)
        if left <= 0 {
            return Verdict(
                condition: ("Failed", "DeadlineExceeded", "Job was active longer than specified deadline")
            )
        }
        return Verdict(recheck: .seconds(left))
    }

    /// Makes or removes pods until as many are active as may be.
    private func steer(_ job: KubernetesObject, _ tally: inout Tally) async throws {
        let parallelism = max(0, job.spec["parallelism"]?.int ?? 1)
        var wanted = parallelism
        if let completions = job.spec["completions"]?.int {
            let done = Self.isIndexed(job) ? tally.completedIndexes.count : tally.succeeded
            wanted = min(parallelism, max(0, completions - done))
        } else if tally.succeeded > 0 {
            wanted = tally.active.count
        }
        if tally.active.count > wanted {
            let ranked = tally.active.map { (DeletionRank($0, neighbours: 1), $0) }.sorted { $0.0 < $1.0 }
            for (_, pod) in ranked.prefix(tally.active.count - wanted) { try await cluster.delete(.pods, pod) }
        }
        var taken = tally.completedIndexes.union(tally.active.compactMap(Self.index))
        for _ in 0..<max(0, min(wanted - tally.active.count, 500)) {
            var index: Int?
            if Self.isIndexed(job) {
                guard let free = (0..<(job.spec["completions"]?.int ?? 0)).first(where: { !taken.contains($0) }) else {
                    break
                }
                taken.insert(free)
                index = free
            }
            let made = try await cluster.create(.pods, pod(of: job, index: index))
            tally.active.append(made)
            cluster.events.normal(job, "SuccessfulCreate", "Created pod: \(made.name)")
        }
    }

    private func pod(of job: KubernetesObject, index: Int?) -> KubernetesObject {
        var labels = [
            "batch.kubernetes.io/job-name": job.name, "job-name": job.name,
            "batch.kubernetes.io/controller-uid": job.uid, "controller-uid": job.uid,
        ]
        if let index { labels["batch.kubernetes.io/job-completion-index"] = "\(index)" }
        let prefix = index.map { "\(job.name)-\($0)-" } ?? job.name + "-"
        var pod = PodTemplate.pod(job.spec["template"] ?? .object([:]), ownedBy: job, prefix: prefix, labels: labels)
        pod.finalizers = pod.finalizers + [Self.finalizer]
        if let index { pod.annotations["batch.kubernetes.io/job-completion-index"] = "\(index)" }
        return pod
    }

    private static func isIndexed(_ job: KubernetesObject) -> Bool {
        job.spec["completionMode"]?.string == "Indexed"
    }

    private static func index(of pod: KubernetesObject) -> Int? {
        pod.annotations["batch.kubernetes.io/job-completion-index"].flatMap { Int($0) }
    }

    // MARK: Reporting

    private func report(_ key: ObjectKey, _ tally: Tally, _ verdict: Verdict) async throws {
        guard var job = cluster[.jobs][key] else { return }
        let now = cluster.now()
        var status = job.status
        let isSuspended = job.spec["suspend"]?.bool ?? false
        if status["startTime"] == nil, !isSuspended { status["startTime"] = .string(Timestamp.string(from: now)) }
        let active = verdict.isEnd || isSuspended ? 0 : tally.active.count
        let ready = active == 0 ? 0 : tally.active.filter(\.isPodReady).count
        let terminating = cluster.pods.owned(by: job.uid).filter { $0.isTerminating && !$0.isPodFinished }.count
        status["active"] = active == 0 ? nil : .integer(Int64(active))
        status["ready"] = .integer(Int64(ready))
        status["terminating"] = .integer(Int64(terminating))
        if let (type, reason, message) = verdict.condition {
            let first = type == "Complete" ? "SuccessCriteriaMet" : "FailureTarget"
            for name in [first, type] {
                status.setCondition(
                    name,
                    "True",
                    reason: reason,
                    message: message,
                    now: now,
                    extra: ["lastProbeTime": .string(Timestamp.string(from: now))]
                )
            }
            if type == "Complete" {
                status["completionTime"] = .string(Timestamp.string(from: now))
                cluster.events.normal(job, "Completed", "Job completed")
            } else {
                cluster.events.warning(job, reason ?? "Failed", message ?? "Job failed")
            }
        }
        if status["uncountedTerminatedPods"] == nil { status["uncountedTerminatedPods"] = [:] }
        guard status != job.status else { return }
        job.status = status
        try await cluster.updateStatus(.jobs, job)
    }

    /// Deletes a finished Job once its `ttlSecondsAfterFinished` has passed.
    private func expire(_ job: KubernetesObject) async throws -> Duration? {
        guard let seconds = job.spec["ttlSecondsAfterFinished"]?.integer else { return nil }
        let end = job.status.condition("Complete") ?? job.status.condition("Failed")
        guard let date = Timestamp.date(from: end?["lastTransitionTime"]) else { return nil }
        let left = cluster.clock.scaled(.seconds(seconds)).seconds - cluster.now().timeIntervalSince(date)
        if left > 0 { return .seconds(left) }
        try await cluster.delete(.jobs, job)
        return nil
    }
}
