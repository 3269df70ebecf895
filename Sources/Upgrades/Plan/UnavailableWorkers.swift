import KubernetesVersions

/// How many workers may be away at once.
struct UnavailableWorkers {
    /// At least one.
    let count: Int

    /// Reads `2` or `20%` (of all workers, rounded down). Workers that are left out and away already count.
    init(_ text: String, _ scope: PlanScope) throws(PlanRefusal) {
        let workers = scope.workers
        let isShare = text.hasSuffix("%")
        let digits = isShare ? text.dropLast() : text[...]
        guard let number = Int(digits), digits.first?.isNumber ?? false, number > 0, !isShare || number <= 100
        else { throw .maxUnavailable(text) }
        let wanted = isShare ? Int((Double(workers.count) * Double(number) / 100).rounded(.down)) : number
        let away = workers.count { !scope.includes($0) && (!$0.isReady || $0.isCordoned) }
        count = max(1, min(wanted, max(workers.count, 1)) - away)
    }
}
