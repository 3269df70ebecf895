package import KubernetesModel
import Synchronization

/// What really runs behind static pods: etcd members, API servers, controller managers, schedulers.
///
/// A component is a static pod's `component` label, or its name where it has none.
package protocol StaticPodRuntime: Sendable {
    /// Starts what `pod` describes; throwing, it counts as a container that crashed and is tried again.
    func start(pod: KubernetesObject) async throws
    func stop(component: String) async
    /// Answers the pod's readiness probe.
    func isReady(component: String) async -> Bool
}

/// Static pods that only pretend: ready once their start-up time has passed.
package final class TimedStaticPods: StaticPodRuntime {
    private let clock: SandboxClock
    private let readyAt = Mutex([String: ContinuousClock.Instant]())

    package init(clock: SandboxClock) { self.clock = clock }

    package func start(pod: KubernetesObject) async throws {
        let delay = clock.scaled(PodTimings(pod).ready)
        readyAt.withLock { $0[pod.staticComponent] = .now + delay }
    }

    package func stop(component: String) async {
        readyAt.withLock { _ = $0.removeValue(forKey: component) }
    }

    package func isReady(component: String) async -> Bool {
        readyAt.withLock { $0[component] }.map { $0 <= .now } ?? false
    }
}

/// How one static pod of a node is doing.
package struct StaticPodState: Sendable, Hashable {
    package var component: String
    package var image: String
    package var isRunning: Bool
    package var isReady: Bool
    package var restarts: Int
}

extension KubernetesObject {
    /// By which name the runtime knows a static pod.
    package var staticComponent: String { labels["component"] ?? name }
    var images: [String] { (spec["containers"]?.array ?? []).compactMap { $0["image"]?.string } }
}
