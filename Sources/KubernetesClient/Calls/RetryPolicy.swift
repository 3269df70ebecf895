/// Whether a failed call is made again, and after what pause; pure.
package struct RetryPolicy: Sendable, Hashable {
    /// Repetitions after an answer that names a time to come back (Retry-After).
    package var attemptsWhenTold = 10
    /// Repetitions after anything else.
    package var attempts = 4
    package var firstPause: Duration = .milliseconds(200)
    package var longestPause: Duration = .seconds(5)

    package init() {}

    /// No repetitions at all: for callers with a policy of their own.
    package static let never: RetryPolicy = {
        var policy = RetryPolicy()
        policy.attempts = 0
        policy.attemptsWhenTold = 0
        return policy
    }()

    enum Trouble: Sendable, Hashable {
        case answered(code: Int, retryAfter: Int?)
        /// No byte of the request can have reached the server.
        case notSent
        /// The connection broke, or nothing was answered in time.
        case fateUnknown
    }

    /// The pause before the next attempt, after `attempt` of them (at least 1); nil when the trouble is the caller's.
    func pause(after trouble: Trouble, attempt: Int, isSafeToRepeat: Bool) -> Duration? {
        switch trouble {
        case .answered(429, let seconds?): attempt <= attemptsWhenTold ? .seconds(seconds) : nil
        case .answered(429, nil): backoff(attempt)
        case .answered(500...599, let seconds?) where isSafeToRepeat:
            attempt <= attemptsWhenTold ? .seconds(seconds) : nil
        case .answered(500, _), .answered(502...504, _): isSafeToRepeat ? backoff(attempt) : nil
        case .answered: nil
        case .notSent: backoff(attempt)
        case .fateUnknown: isSafeToRepeat ? backoff(attempt) : nil
        }
    }

    private func backoff(_ attempt: Int) -> Duration? {
        attempt <= attempts ? pause(attempt: attempt) : nil
    }

    /// The pause that doubles with every attempt.
    func pause(attempt: Int) -> Duration { min(longestPause, firstPause * (1 << min(attempt - 1, 16))) }
}

/// A point in time of any clock, as the length of time that is left until it.
package struct Deadline: Sendable {
    private let left: @Sendable () -> Duration

    package init(in limit: Duration, clock: any Clock<Duration>) { left = Self.opened(clock, limit) }

    package var timeLeft: Duration { left() }

    private static func opened<C: Clock<Duration>>(_ clock: C, _ limit: Duration) -> @Sendable () -> Duration {
        let end = clock.now.advanced(by: limit)
        return { clock.now.duration(to: end) }
    }
}
