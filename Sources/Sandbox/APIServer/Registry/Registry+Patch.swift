import KubernetesModel

extension Registry {
    /// PATCH of an object, or of the part a subresource is about.
    /// - Returns: The new state, and whether it was created (by server-side apply).
    func patch(
        _ served: ServedResource,
        _ key: ObjectKey,
        _ patch: Patch,
        subresource: Subresource?,
        options: WriteOptions
    ) async throws(APIStatus) -> (object: CachedObject, isCreated: Bool) {
        if case .apply(let configuration) = patch {
            return try await apply(served, key, configuration, subresource: subresource, options: options)
        }
        let changed = try await change(served, key, dryRun: options.isDryRun) { current throws(APIStatus) in
            if subresource == .scale {
                let scale = try patch.applied(to: scale(of: current))
                return try scaled(served, current, by: scale)
            }
            var seen = current
            seen["apiVersion"] = .string(served.resource.groupVersion.description)
            let patched = try patch.applied(to: seen)
            return try replacement(served, of: current, by: patched, subresource: subresource)
        }
        return (changed, false)
    }

    private func apply(
        _ served: ServedResource,
        _ key: ObjectKey,
        _ configuration: JSONValue,
        subresource: Subresource?,
        options: WriteOptions
    ) async throws(APIStatus) -> (object: CachedObject, isCreated: Bool) {
        guard let manager = options.fieldManager, !manager.isEmpty else {
            throw .invalid(
                GroupVersionKind(apiVersion: "meta.k8s.io/v1", kind: "PatchOptions"),
                name: "",
                [("fieldManager", "Required value: is required for apply patch", "FieldValueRequired")]
            )
        }
        let apply = ServerSideApply(kind: served.kind, manager: manager, force: options.force, time: timestamp)
        if subresource == nil, try await find(served, key) == nil {
            var object = try apply.apply(configuration, to: nil)
            object.name = key.name
            return (try await create(served, namespace: key.namespace, object, options: options), true)
        }
        let changed = try await change(served, key, dryRun: options.isDryRun) { current throws(APIStatus) in
            let applied = try apply.apply(configuration, to: current)
            return try replacement(served, of: current, by: applied, subresource: subresource)
        }
        return (changed, false)
    }

    /// `object` with the replicas a `Scale` asks for.
    func scaled(
        _ served: ServedResource,
        _ current: KubernetesObject,
        by scale: KubernetesObject
    ) throws(APIStatus) -> KubernetesObject {
        if let expected = scale.resourceVersion, expected != current.resourceVersion {
            throw .conflict(served.resource, current.name)
        }
        var object = current
        object["spec", "replicas"] = .integer(scale["spec", "replicas"]?.integer ?? 0)
        try Validation.check(served, object)
        if object != current { object.generation = current.generation + 1 }
        return object
    }
}
