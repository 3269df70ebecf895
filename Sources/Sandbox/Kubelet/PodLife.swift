import KubernetesModel

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// The containers of one pod on a node, from the pull of their images to their end. Pure: time is given.
struct PodLife: Sendable {
    typealias Instant = ContinuousClock.Instant

    enum Stage: Sendable, Hashable {
        /// Then ``starting(until:)``.
        case pulling(until: Instant)
        /// Then ``running(readyAt:endsAt:)``.
        case starting(until: Instant)
        /// Then ``ended`` or ``waiting(until:)`` when the process ends by itself, ``terminating(until:)`` when told to.
        case running(readyAt: Instant, endsAt: Instant?)
        /// Before a restart; then ``starting(until:)``.
        case waiting(until: Instant)
        /// Without an instant, it does not end. Then ``ended``.
        case terminating(until: Instant?)
        case ended
    }

    let uid: String
    /// As last seen by the kubelet.
    var pod: KubernetesObject
    let timings: PodTimings
    private(set) var stage: Stage
    private(set) var restarts = 0
    private(set) var acceptedAt: Date
    private(set) var startedAt: Date?
    private(set) var finishedAt: Date?
    private(set) var exitCode = 0
    private let speed: SandboxClock

    init(_ pod: KubernetesObject, hasImages: Bool, clock: SandboxClock, now: Instant, date: Date) {
        uid = pod.uid
        self.pod = pod
        timings = PodTimings(pod)
        speed = clock
        acceptedAt = date
        let pull = hasImages ? .zero : clock.scaled(timings.pull)
        stage = .pulling(until: now + pull)
        guard pod.podPhase == "Running" else { return }
        // Another process of this kubelet started it before.
        startedAt = date
        restarts = pod.podRestarts
        let ready = pod.isPodReady ? .zero : clock.scaled(timings.ready)
        stage = .running(readyAt: now + ready, endsAt: timings.run.map { now + clock.scaled($0) })
    }

    var hasEnded: Bool { stage == .ended }

    func isReady(_ now: Instant) -> Bool {
        if case .running(let readyAt, _) = stage { return readyAt <= now }
        return false
    }

    var isRunning: Bool {
        switch stage {
        case .running, .terminating: startedAt != nil
        default: false
        }
    }

    /// When something happens next without anybody's doing.
    func next(after now: Instant) -> Instant? {
        switch stage {
        case .pulling(let until), .starting(let until), .waiting(let until): until
        case .running(let readyAt, let endsAt): readyAt > now ? min(readyAt, endsAt ?? readyAt) : endsAt
        case .terminating(let until): until
        case .ended: nil
        }
    }

    /// Goes on to where the pod is at `now`; true if its images were pulled on the way.
    mutating func advance(to now: Instant, date: Date) -> Bool {
        var pulled = false
        while let instant = next(after: now), instant <= now {
            switch stage {
            case .pulling:
                pulled = true
                stage = .starting(until: instant + speed.scaled(timings.start))
            case .starting, .waiting:
                if case .waiting = stage { restarts += 1 }
                startedAt = date
                stage = .running(
                    readyAt: instant + speed.scaled(timings.ready),
                    endsAt: timings.run.map { instant + speed.scaled($0) }
                )
            case .running(_, let endsAt):
                guard let endsAt, endsAt <= now else { return pulled }
                finish(timings.exitCode, date, at: endsAt)
            case .terminating: end(exitCode, date)
            case .ended: return pulled
            }
        }
        return pulled
    }

    /// The process ended by itself: for good, or until its restart.
    private mutating func finish(_ code: Int, _ date: Date, at instant: Instant) {
        let policy = pod.spec["restartPolicy"]?.string ?? "Always"
        let isRestarted = policy == "Always" || (policy == "OnFailure" && code != 0)
        end(code, date)
        guard isRestarted else { return }
        let delay = Duration.seconds(10) * (1 << min(restarts, 5))
        stage = .waiting(until: instant + speed.scaled(min(delay, .seconds(300))))
    }

    private mutating func end(_ code: Int, _ date: Date) {
        exitCode = code
        finishedAt = date
        stage = .ended
    }

    /// Sends SIGTERM, and SIGKILL after `grace`. Sent again, it can only shorten the wait.
    mutating func terminate(grace: Duration, isStuck: Bool, now: Instant, date: Date) {
        switch stage {
        case .ended: return
        case .pulling, .starting, .waiting:
            end(startedAt == nil ? 0 : exitCode, date)
        case .running:
            let wanted = speed.scaled(timings.terminate)
            let limit = speed.scaled(grace)
            // What is meant to end by itself and is told to end before has failed.
            let policy = pod.spec["restartPolicy"]?.string ?? "Always"
            exitCode = wanted > limit ? 137 : policy == "Always" ? 0 : 143
            stage = .terminating(until: isStuck ? nil : now + min(wanted, limit))
        case .terminating(let until):
            let latest = now + speed.scaled(grace)
            stage = .terminating(until: isStuck ? nil : min(until ?? now, latest))
        }
    }

    /// All processes were ended from outside (a reboot, another kubelet minor) and are started anew.
    mutating func restart(now: Instant, date: Date) {
        switch stage {
        case .running:
            exitCode = 137
            finishedAt = date
            stage = .waiting(until: now + speed.scaled(timings.start))
        case .terminating: end(137, date)
        default: break
        }
    }
}
