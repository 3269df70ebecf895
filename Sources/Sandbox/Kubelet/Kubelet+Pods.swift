import KubernetesModel

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// Pods bound to the node.
extension Kubelet {
    /// Brings one pod's containers to where they should be by now and reports them; says when to look again.
    func sync(pod key: ObjectKey) async throws -> Duration? {
        let seen = isConnected ? feed.pods[key] : pods[key]?.pod
        if let life = pods[key], life.uid != seen?.uid || seen?.podNode != node.name {
            // Deleted by force, or replaced: its containers are killed.
            pods[key] = nil
            addresses[life.uid] = nil
        }
        guard let pod = seen, pod.podNode == node.name, pod.annotations["kubernetes.io/config.source"] != "file" else {
            return nil
        }
        let instant = ContinuousClock.now
        let date = now()
        var life: PodLife
        if let known = pods[key] {
            life = known
            life.pod = pod
        } else {
            if pod.isPodFinished, !pod.isTerminating { return nil }
            let hasImages = images.isSuperset(of: pod.images)
            life = PodLife(pod, hasImages: hasImages, clock: clock, now: instant, date: date)
            if !hasImages { events.normal(pod, "Pulling", "Pulling image \"\(pod.images.first ?? "")\"") }
        }
        let wasRunning = life.isRunning
        _ = advance(&life, to: instant, date)
        if life.isRunning, !wasRunning { events.normal(pod, "Started", "Started container") }
        if pod.isTerminating { terminate(&life, pod, instant) }
        pods[key] = life
        guard isConnected else { return delay(life, instant) }
        if pod.isTerminating, life.hasEnded {
            try await remove(pod, life, instant)
            return nil
        }
        try await report(pod, life.status(instant, hostIP: node.internalIP, podIP: address(of: pod)))
        return delay(life, instant)
    }

    private func advance(_ life: inout PodLife, to instant: ContinuousClock.Instant, _ date: Date) -> Bool {
        guard life.advance(to: instant, date: date) else { return false }
        images.formUnion(life.pod.images)
        return true
    }

    private func terminate(_ life: inout PodLife, _ pod: KubernetesObject, _ instant: ContinuousClock.Instant) {
        let isStuck = life.timings.neverTerminates || faults.neverTerminates(pod.key)
        let wasTerminating = if case .terminating = life.stage { true } else { false }
        let grace = pod["metadata", "deletionGracePeriodSeconds"]?.integer ?? 30
        life.terminate(grace: .seconds(max(0, grace)), isStuck: isStuck, now: instant, date: now())
        if !wasTerminating { events.normal(pod, "Killing", "Stopping container") }
    }

    private func delay(_ life: PodLife, _ instant: ContinuousClock.Instant) -> Duration? {
        if case .terminating(nil) = life.stage { return .milliseconds(500) }
        return life.next(after: instant).map { max(ContinuousClock.now.duration(to: $0), .milliseconds(1)) }
    }

    /// Says how the pod ended where somebody waits for that, then lets its object go.
    private func remove(_ pod: KubernetesObject, _ life: PodLife, _ instant: ContinuousClock.Instant) async throws {
        if !pod.finalizers.isEmpty, !pod.isPodFinished {
            try await report(pod, life.status(instant, hostIP: node.internalIP, podIP: address(of: pod)))
        }
        if !pod.finalizers.isEmpty, pod["metadata", "deletionGracePeriodSeconds"]?.int == 0 { return }
        do throws(APIStatus) {
            let left = try await feed.access.delete(.pods, pod.key, gracePeriodSeconds: 0, uid: pod.uid)
            if let left { feed.pods.store(left) } else { feed.pods.forget(pod.key, uid: pod.uid) }
        } catch {
            guard error.isNotFound || error.isConflict else { throw error }
            feed.pods.forget(pod.key, uid: pod.uid)
        }
        if feed.pods[pod.key]?.uid != pod.uid {
            pods[pod.key] = nil
            addresses[pod.uid] = nil
        }
    }

    /// Writes a status that differs from the one the API has.
    func report(_ pod: KubernetesObject, _ status: PodStatus) async throws {
        var pod = pod
        let before = pod.status
        pod.status = status.applied(to: pod, now: now())
        guard pod.status != before else { return }
        do throws(APIStatus) {
            feed.pods.store(try await feed.access.update(.pods, pod, subresource: "status"))
        } catch {
            if error.isNotFound { return }
            // Somebody else wrote; the next try builds on that.
            if error.isConflict { feed.pods.store(try await feed.access.get(.pods, pod.key)) }
            throw error
        }
    }
}
