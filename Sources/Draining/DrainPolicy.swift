/// What a drain may do and how, by the names of kubectl's flags.
package struct DrainPolicy: Sendable, Hashable {
    package enum DryRun: String, Sendable, Hashable, CaseIterable {
        case none
        /// Only say what would be done.
        case client
        /// Ask the server, which changes nothing.
        case server
    }

    /// Evict pods that no controller will make again.
    package var force = false
    package var ignoreDaemonSets = false
    package var deleteEmptyDirData = false
    /// Delete instead of evicting: budgets are not asked.
    package var disableEviction = false
    /// Seconds a pod gets to end; negative means its own.
    package var gracePeriod = -1
    /// How long one node may take; zero means for ever.
    package var timeout: Duration = .zero
    /// Do not wait for pods that have been terminating for more than this many seconds; zero means wait for all.
    package var skipWaitForDeleteTimeout = 0
    /// Only pods with these labels.
    package var podSelector = ""
    package var chunkSize = 500
    package var dryRun: DryRun = .none

    /// Evictions asked for at the same time.
    package var parallelism = 32
    /// The pause before a refused eviction is asked for again; it doubles up to ``longestPause``. A budget that is
    /// seen to allow one more disruption ends it early.
    package var firstPause: Duration = .seconds(2)
    package var longestPause: Duration = .seconds(20)

    package init() {}

    func pause(attempt: Int) -> Duration { min(longestPause, firstPause * (1 << max(0, min(attempt - 1, 16)))) }
}
