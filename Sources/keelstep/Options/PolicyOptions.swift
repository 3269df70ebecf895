import ArgumentParser
import KubernetesVersions
import Settings
import Upgrades

/// Where to, and how gently: what `plan` and `upgrade` share.
struct PolicyOptions: ParsableArguments {
    @Option(help: "The version to go to: v1.33.2.", transform: { try KubernetesVersion(parsing: $0) })
    var to: KubernetesVersion

    @Option(
        help: "The patch to take in a minor between; otherwise the newest its repository has.",
        transform: { try KubernetesVersion(parsing: $0) }
    )
    var via: [KubernetesVersion] = []

    @Option(name: .customLong("max-unavailable"), help: "Workers that may be away at once: 1, 3, 20%.")
    var maxUnavailable: String?

    @Option(help: "Workers upgraded before all others: a node's name (may be repeated), or a number of them.")
    var canary: [String] = []

    @Option(
        help: "How long to watch after the canaries, and after each batch: 30s, 5m.",
        transform: { try DurationText.duration(parsing: $0) }
    )
    var soak: Duration?

    @Option(
        name: .customLong("drain-timeout"),
        help: "How long the drain of one node may take.",
        transform: { try DurationText.duration(parsing: $0) }
    )
    var drainTimeout: Duration?

    @Option(help: "Only the control plane (control-plane), or only these nodes (may be repeated).")
    var only: [String] = []

    @Option(name: .customLong("skip-node"), help: "A node to leave out (may be repeated).") var skipNode: [String] = []

    @Flag(name: .customLong("delete-emptydir-data"), help: "Also evict pods with emptyDir volumes; their data is lost.")
    var deleteEmptyDirData = false

    @Flag(help: "Also evict pods that no controller will make again.") var force = false

    @Option(name: .customLong("accept-outage"), help: "A node to empty although nothing else can take its pods.")
    var acceptOutage: [String] = []

    @Option(
        name: .customLong("stable-for"),
        help: "How long a verified state must hold before the next step.",
        transform: { try DurationText.duration(parsing: $0) }
    )
    var stableFor: Duration?

    /// The policy of the flags over that of the settings.
    func policy(_ settings: PolicySettings) -> PlanPolicy {
        var policy = PlanPolicy()
        if let text = maxUnavailable ?? settings.maxUnavailable { policy.maxUnavailable = text }
        if let first = canary.first, canary.count == 1, let count = Int(first) {
            policy.canaryCount = count
        } else {
            policy.canary = canary
        }
        if let soak = soak ?? settings.soak { policy.soakSeconds = Int(soak.components.seconds) }
        if let timeout = drainTimeout ?? settings.drainTimeout {
            policy.drainTimeoutSeconds = Int(timeout.components.seconds)
        }
        for version in via { policy.via["\(version.minorVersion)"] = version }
        policy.skipNodes = skipNode
        if only == ["control-plane"] {
            policy.only = .controlPlane
        } else if !only.isEmpty {
            policy.only = .nodes(only)
        }
        policy.deleteEmptyDirData = deleteEmptyDirData
        policy.force = force
        policy.acceptOutage = acceptOutage
        if let seconds = stableFor.map({ Int($0.components.seconds) }) ?? settings.stableSeconds {
            policy.stableSeconds = seconds
        }
        return policy
    }
}
