import ArgumentParser
import Draining
import KubernetesModel
import Settings

extension DrainPolicy.DryRun: ExpressibleByArgument {}

/// kubectl's flags of `drain`, by their names.
struct DrainOptions: ParsableArguments {
    @Flag(help: "Also evict pods that no controller will make again.") var force = false

    @Flag(name: .customLong("ignore-daemonsets"), help: "Leave pods of DaemonSets where they are.")
    var ignoreDaemonSets = false

    @Flag(name: .customLong("delete-emptydir-data"), help: "Also evict pods with emptyDir volumes; their data is lost.")
    var deleteEmptyDirData = false

    @Flag(name: .customLong("disable-eviction"), help: "Delete instead of evicting: budgets are not asked.")
    var disableEviction = false

    @Option(name: .customLong("grace-period"), help: "Seconds a pod gets to end; negative means its own.")
    var gracePeriod = -1

    @Option(
        help: "How long one node may take (10s, 5m, 1h); 0s means for ever.",
        transform: { try DurationText.duration(parsing: $0) }
    )
    var timeout: Duration = .zero

    @Option(
        name: .customLong("skip-wait-for-delete-timeout"),
        help: "Do not wait for pods that have been terminating for more than this many seconds; 0 means wait for all."
    )
    var skipWaitForDeleteTimeout = 0

    @Option(name: .customLong("pod-selector"), help: "Only pods with these labels.") var podSelector = ""
    @Option(name: .customLong("chunk-size"), help: "Pods asked for in one request.") var chunkSize = 500
    @Option(name: .customLong("dry-run"), help: "none, client or server.") var dryRun: DrainPolicy.DryRun = .none

    /// Before the first node is cordoned: the server would say so only after that.
    func validate() throws {
        do { _ = try LabelSelector(parsing: podSelector) } catch { throw ValidationError("--pod-selector: \(error)") }
        guard chunkSize >= 0 else { throw ValidationError("--chunk-size is \(chunkSize); give zero or more") }
    }

    var policy: DrainPolicy {
        var policy = DrainPolicy()
        policy.force = force
        policy.ignoreDaemonSets = ignoreDaemonSets
        policy.deleteEmptyDirData = deleteEmptyDirData
        policy.disableEviction = disableEviction
        policy.gracePeriod = gracePeriod
        policy.timeout = timeout
        policy.skipWaitForDeleteTimeout = skipWaitForDeleteTimeout
        policy.podSelector = podSelector
        policy.chunkSize = chunkSize
        policy.dryRun = dryRun
        return policy
    }
}

/// The nodes a command is about: by name, or by label.
struct NodeSelection: ParsableArguments {
    @Argument(help: "Node names; with or without node/ in front.") var nodes: [String] = []
    @Option(name: [.customShort("l"), .long], help: "Nodes with these labels, instead of names.")
    var selector: String?

    func validate() throws {
        guard nodes.isEmpty == (selector != nil) else {
            throw ValidationError(
                nodes.isEmpty
                    ? "which node? Give names, or --selector" : "names and --selector cannot be given together"
            )
        }
        do { _ = try LabelSelector(parsing: selector ?? "") } catch { throw ValidationError("--selector: \(error)") }
    }
}
