import KubernetesModel
import Synchronization

/// The few metrics of an API server that upgrades look at; counted since the server started.
final class Metrics: Sendable {
    private struct Counts {
        var requests: [String: Int] = [:]
        var deprecated: Set<String> = []
    }

    private let counts = Mutex(Counts())

    func count(verb: String, resource: ServedResource?, code: Int) {
        counts.withLock { counts in
            let group = resource?.resource.groupVersion.group ?? ""
            let version = resource?.resource.groupVersion.version ?? ""
            let labels =
                "code=\"\(code)\",group=\"\(group)\",resource=\"\(resource?.plural ?? "")\",verb=\"\(verb.uppercased())\","
                + "version=\"\(version)\""
            counts.requests[labels, default: 0] += 1
            guard let resource, resource.deprecation != nil, let removed = resource.removed else { return }
            counts.deprecated.insert(
                "group=\"\(group)\",removed_release=\"\(removed)\",resource=\"\(resource.plural)\",subresource=\"\","
                    + "version=\"\(version)\""
            )
        }
    }

    /// All of it in Prometheus' text form.
    func text(objects: [(path: String, objects: Int, watchers: Int)]) -> String {
        var lines: [String] = []
        let (requests, deprecated) = counts.withLock { ($0.requests, $0.deprecated) }
        lines.append("# HELP apiserver_request_total Counter of apiserver requests.")
        lines.append("# TYPE apiserver_request_total counter")
        lines += requests.sorted { $0.key < $1.key }.map { "apiserver_request_total{\($0.key)} \($0.value)" }
        lines.append("# HELP apiserver_requested_deprecated_apis Gauge of deprecated APIs that have been requested.")
        lines.append("# TYPE apiserver_requested_deprecated_apis gauge")
        lines += deprecated.sorted().map { "apiserver_requested_deprecated_apis{\($0)} 1" }
        lines.append("# HELP apiserver_storage_objects Number of stored objects.")
        lines.append("# TYPE apiserver_storage_objects gauge")
        lines += objects.map { "apiserver_storage_objects{resource=\"\($0.path)\"} \($0.objects)" }
        return lines.joined(separator: "\n") + "\n"
    }
}
