package import KubernetesModel

/// How long each part of a pod's life takes, in nominal time: `sandbox.keelstep.dev/…` annotations, in seconds.
package struct PodTimings: Sendable, Hashable {
    package static let prefix = "sandbox.keelstep.dev/"

    /// Fetching images that are not on the node yet.
    package var pull: Duration
    /// From the image to the running process.
    package var start: Duration
    /// From the running process to the first passed readiness probe.
    package var ready: Duration
    /// From SIGTERM to the end; cut short by the grace period.
    package var terminate: Duration
    /// How long the process runs before it ends by itself; nil for ever.
    package var run: Duration?
    /// What it ends with by itself.
    package var exitCode: Int
    package var neverTerminates: Bool

    package init(_ pod: KubernetesObject) {
        let annotations = pod.annotations
        func duration(_ name: String) -> Duration? {
            guard let text = annotations[Self.prefix + name], let seconds = Double(text), seconds.isFinite, seconds >= 0
            else { return nil }
            return .seconds(min(seconds, 1_000_000_000))
        }
        pull = duration("pull") ?? .seconds(3)
        start = duration("start") ?? .seconds(1)
        ready = duration("ready") ?? .seconds(2)
        terminate = duration("terminate") ?? .seconds(2)
        // What is to end by itself needs an end: Jobs without the annotation take a few seconds.
        let endsByItself = pod.spec["restartPolicy"]?.string.map { $0 != "Always" } ?? false
        run = duration("run") ?? (endsByItself ? .seconds(5) : nil)
        exitCode = annotations[Self.prefix + "exit-code"].flatMap { Int($0) } ?? 0
        let stuck = annotations[Self.prefix + "never-terminates"]
        neverTerminates = stuck != nil && stuck != "false"
    }
}
