import Foundation
package import KubernetesModel

extension Registry {
    /// PUT: the whole object, or the part a subresource is about. With a resourceVersion it is optimistic.
    package func update(
        _ served: ServedResource,
        _ key: ObjectKey,
        _ given: KubernetesObject,
        subresource: Subresource? = nil,
        options: WriteOptions = WriteOptions()
    ) async throws(APIStatus) -> CachedObject {
        guard given.name.isEmpty || given.name == key.name else {
            throw .badRequest("the name of the object (\(given.name)) does not match the name on the URL (\(key.name))")
        }
        if let namespace = given.namespace, namespace != key.namespace {
            throw .badRequest("the namespace of the object does not match the namespace on the request")
        }
        return try await change(served, key, dryRun: options.isDryRun) { current throws(APIStatus) in
            try replacement(served, of: current, by: given, subresource: subresource)
        }
    }

    /// The state that stands after `given` replaced `current`.
    func replacement(
        _ served: ServedResource,
        of current: KubernetesObject,
        by given: KubernetesObject,
        subresource: Subresource?
    ) throws(APIStatus) -> KubernetesObject {
        if let expected = given.resourceVersion, expected != current.resourceVersion {
            throw .conflict(served.resource, current.name)
        }
        if !given.uid.isEmpty, given.uid != current.uid {
            throw .conflict(
                served.resource,
                current.name,
                "Precondition failed: UID in precondition: \(given.uid), UID in object meta: \(current.uid)"
            )
        }
        var object = given
        object["apiVersion"] = .string(served.storedVersion.description)
        object["kind"] = .string(served.kind)
        object.name = current.name
        object.namespace = current.namespace
        for field in [
            "uid", "resourceVersion", "creationTimestamp", "deletionTimestamp", "deletionGracePeriodSeconds",
            "generation", "generateName",
        ] {
            object["metadata", field] = current["metadata", field]
        }
        if object["metadata", "managedFields"] == nil {
            object["metadata", "managedFields"] = current["metadata", "managedFields"]
        }
        if current.isTerminating, !Set(object.finalizers).isSubset(of: current.finalizers) {
            let added = object.finalizers.filter { !current.finalizers.contains($0) }
            throw .invalid(
                GroupVersionKind(served.resource.groupVersion, served.kind),
                name: current.name,
                [
                    (
                        "metadata.finalizers",
                        "Forbidden: no new finalizers can be added if the object is being deleted, found new finalizers \(added)",
                        "FieldValueForbidden"
                    )
                ]
            )
        }
        Strategy.prepareForUpdate(served, &object, from: current, subresource: subresource)
        if subresource == nil || subresource == .resize || subresource == .ephemeralContainers {
            Defaults.apply(to: &object)
            try Validation.check(served, object)
            try Validation.checkUpdate(served, object, from: current, subresource: subresource)
        }
        if Strategy.countsGenerations(served), Strategy.differsInIntent(object, current) {
            object.generation = current.generation + 1
        }
        return object
    }
}
