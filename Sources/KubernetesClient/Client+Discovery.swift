package import KubernetesModel
import Synchronization

/// What `/version` says.
package struct ServerVersion: Sendable, Hashable {
    /// `v1.31.4`.
    package var gitVersion: String
    package var major: String
    package var minor: String
    package var platform: String
}

/// Which versions of the policy group a server speaks, asked once.
final class DiscoveredVersions: Sendable {
    struct Facts {
        var eviction: EvictionSupport?
        var budgets: Resource?
    }

    private let facts = Mutex(Facts())

    var eviction: EvictionSupport? {
        get { facts.withLock { $0.eviction } }
        set { facts.withLock { $0.eviction = newValue } }
    }
    var budgets: Resource? {
        get { facts.withLock { $0.budgets } }
        set { facts.withLock { $0.budgets = newValue } }
    }
}

/// How a server takes evictions.
package enum EvictionSupport: Sendable, Hashable {
    /// `policy/v1` or, on servers before 1.22, `policy/v1beta1`.
    case version(String)
    /// It has no eviction subresource; pods can only be deleted.
    case none
}

extension KubernetesClient {
    package func version() async throws -> ServerVersion {
        let value = try await json(Call(.get, "/version"))
        return ServerVersion(
            gitVersion: value["gitVersion"]?.string ?? "",
            major: value["major"]?.string ?? "",
            minor: value["minor"]?.string ?? "",
            platform: value["platform"]?.string ?? ""
        )
    }

    /// The eviction version of the server, from its discovery document of the core group.
    package func evictionSupport() async throws -> EvictionSupport {
        if let known = discovered.eviction { return known }
        let document = try await json(Call(.get, "/api/v1"))
        let entry = document["resources"]?.array?.first {
            $0["name"]?.string == "pods/eviction" && $0["kind"]?.string == "Eviction"
        }
        let group = entry?["group"]?.string ?? ""
        let version = entry?["version"]?.string ?? ""
        let found: EvictionSupport =
            if entry == nil || group.isEmpty || version.isEmpty { .none } else {
                .version(version == "v1" ? "policy/v1" : "policy/v1beta1")
            }
        discovered.eviction = found
        return found
    }

    /// PodDisruptionBudgets in the version that the server speaks: `policy/v1`, or `policy/v1beta1` before 1.21.
    package func budgetResource() async throws -> Resource {
        if let known = discovered.budgets { return known }
        do {
            _ = try await json(Call(.get, "/apis/policy/v1"))
            discovered.budgets = .podDisruptionBudgets
            return .podDisruptionBudgets
        } catch let status as APIStatus where status.isNotFound {
            // Not remembered: an upgrade may bring policy/v1 while this client lives.
            return Resource("policy/v1beta1", "poddisruptionbudgets", kind: "PodDisruptionBudget")
        }
    }
}
