/// The pace of a sandbox: nominal durations of workloads and nodes pass `speed` times as fast.
///
/// Node liveness (heartbeats, grace periods of the node lifecycle) does not go through it.
package struct SandboxClock: Sendable {
    /// How many nominal seconds pass in one real one; at least 1.
    package let speed: Double
    package let clock: any Clock<Duration>

    package init(speed: Double = 1, clock: any Clock<Duration> = .continuous) {
        self.speed = speed.isFinite ? max(1, speed) : 1
        self.clock = clock
    }

    package func scaled(_ nominal: Duration) -> Duration { nominal / speed }

    /// Waits for the scaled length of `nominal`.
    package func sleep(_ nominal: Duration) async throws {
        try await clock.sleep(for: scaled(nominal))
    }
}
