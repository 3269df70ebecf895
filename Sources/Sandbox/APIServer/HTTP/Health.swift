import Hummingbird

/// `/livez`, `/readyz`, `/healthz` and the single checks below them.
struct Health: Sendable {
    /// Whether the store can be followed and the cache is loaded.
    var isStorageReachable: Bool
    var isLoaded: Bool
    var isStopping: Bool

    private func checks(of endpoint: String) -> [(name: String, isFine: Bool)] {
        var checks: [(String, Bool)] = [("ping", true), ("log", true), ("etcd", isStorageReachable)]
        if endpoint == "readyz" { checks += [("etcd-readiness", isStorageReachable), ("informer-sync", isLoaded)] }
        checks += [
            ("poststarthook/start-apiserver-admission-initializer", true),
            ("poststarthook/generic-apiserver-start-informers", true),
            ("poststarthook/start-apiextensions-controllers", true),
            ("poststarthook/rbac/bootstrap-roles", isLoaded),
            ("poststarthook/scheduling/bootstrap-system-priority-classes", isLoaded),
            ("poststarthook/start-system-namespaces-controller", isLoaded),
            ("autoregister-completion", true),
        ]
        if endpoint == "readyz" { checks.append(("shutdown", !isStopping)) }
        return checks
    }

    static func isAbout(_ path: String) -> Bool {
        guard let first = path.split(separator: "/").first else { return false }
        return ["livez", "readyz", "healthz"].contains(first)
    }

    func answer(_ info: RequestInfo) -> Response {
        let parts = info.path.split(separator: "/").map(String.init)
        guard let endpoint = parts.first else { return Answer.text("404 page not found\n", status: 404) }
        var checks = checks(of: endpoint)
        if parts.count > 1 {
            let name = parts.dropFirst().joined(separator: "/")
            guard let check = checks.first(where: { $0.name == name }) else {
                return Answer.text("404 page not found\n", status: 404)
            }
            guard info.query["verbose"] == nil, check.isFine else {
                return answer(endpoint, [check], excluded: [], info)
            }
            return Answer.text("ok")
        }
        let excluded = info.query["exclude"].map { [$0] } ?? []
        if endpoint == "healthz" { checks.removeAll { $0.name == "shutdown" } }
        return answer(endpoint, checks, excluded: excluded, info)
    }

    private func answer(
        _ endpoint: String,
        _ checks: [(name: String, isFine: Bool)],
        excluded: [String],
        _ info: RequestInfo
    ) -> Response {
        var lines: [String] = []
        var isFine = true
        for check in checks {
            if excluded.contains(check.name) {
                lines.append("[+]\(check.name) excluded: ok")
            } else if check.isFine {
                lines.append("[+]\(check.name) ok")
            } else {
                lines.append("[-]\(check.name) failed: reason withheld")
                isFine = false
            }
        }
        for name in excluded where !checks.contains(where: { $0.name == name }) {
            lines.append("warn: some health checks cannot be excluded: no matches for \"\(name)\"")
        }
        lines.append("\(endpoint) check \(isFine ? "passed" : "failed")")
        if isFine, info.query["verbose"] == nil { return Answer.text("ok") }
        return Answer.text(lines.joined(separator: "\n") + "\n", status: isFine ? 200 : 500)
    }
}
