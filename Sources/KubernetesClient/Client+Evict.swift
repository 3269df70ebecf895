package import KubernetesModel

extension KubernetesClient {
    /// Asks the server to evict a pod, once: whether and when to ask again is the drain's to decide.
    ///
    /// With a uid only that very pod is meant (409 for another of the same name), so that asking again after a lost
    /// connection does no harm.
    /// - Throws: `APIStatus`: 404 gone, 409 another pod, 429 a budget or an overload in the way, 500 overlapping
    ///   budgets, 403 a terminating namespace or a webhook. ``ClientError`` when there was no answer.
    package func evict(
        pod: ObjectKey,
        uid: String? = nil,
        gracePeriodSeconds: Int? = nil,
        dryRun: Bool = false,
        deadline: Duration? = nil
    ) async throws {
        let apiVersion: String
        switch try await evictionSupport() {
        case .version(let version): apiVersion = version
        case .none:
            throw APIStatus(code: 405, reason: "MethodNotAllowed", message: "the server does not offer evictions")
        }
        var options = DeleteOptions(uid: uid, gracePeriodSeconds: gracePeriodSeconds, dryRun: dryRun).value
        options["kind"] = nil
        options["apiVersion"] = nil
        var metadata: JSONValue = ["name": .string(pod.name)]
        if let namespace = pod.namespace { metadata["namespace"] = .string(namespace) }
        let eviction: JSONValue = [
            "kind": "Eviction", "apiVersion": .string(apiVersion), "metadata": metadata, "deleteOptions": options,
        ]
        var call = Call(.post, Resource.pods.path(to: pod, subresource: "eviction"), query: Self.query(dryRun: dryRun))
        call.body = eviction.bytes
        call.retries = .never
        call.deadline = deadline
        _ = try await connection.send(call)
    }
}
