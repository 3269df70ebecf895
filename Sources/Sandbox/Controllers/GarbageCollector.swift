import KubernetesModel

/// Deletes what its owners left behind, and carries out foreground and orphaning deletions.
package struct GarbageCollector: Controller {
    package struct Key: Hashable, Sendable, CustomStringConvertible {
        var resource: Resource
        var object: ObjectKey
        package var description: String { "\(resource.plural) \(object)" }
    }

    private static let foreground = "foregroundDeletion"
    private static let orphan = "orphan"

    let cluster: CachedCluster
    private let resourceOfKind: [String: Resource]

    package init(cluster: CachedCluster) {
        self.cluster = cluster
        resourceOfKind = Dictionary(
            cluster.resources.map { ("\($0.groupVersion.group)/\($0.kind)", $0) },
            uniquingKeysWith: { first, _ in first }
        )
    }

    package func keys(affectedBy change: ObjectChange) -> [Key] {
        guard let object = change.new else {
            // Its dependents have lost an owner; owners that wait for their dependents have one less.
            return dependents(of: change.object.uid).map { Key(resource: $0.resource, object: $0.object.key) }
                + owners(of: change.object)
        }
        let isNew = change.old?.ownerReferences != object.ownerReferences
        let concernsItself = isNew && !object.ownerReferences.isEmpty || isWaiting(object)
        return concernsItself ? [Key(resource: change.resource, object: object.key)] : []
    }

    private func isWaiting(_ object: KubernetesObject) -> Bool {
        guard object.isTerminating else { return false }
        return object.finalizers.contains(Self.foreground) || object.finalizers.contains(Self.orphan)
    }

    private func owners(of object: KubernetesObject) -> [Key] {
        object.ownerReferences.compactMap { owner in
            resource(of: owner).map { resource in
                let namespace = resource.isNamespaced ? object.namespace : nil
                return Key(resource: resource, object: ObjectKey(namespace: namespace, name: owner.name))
            }
        }
    }

    private func resource(of owner: OwnerReference) -> Resource? {
        resourceOfKind["\(GroupVersion(apiVersion: owner.apiVersion).group)/\(owner.kind)"]
    }

    private func dependents(of uid: String) -> [(resource: Resource, object: KubernetesObject)] {
        guard !uid.isEmpty else { return [] }
        return cluster.resources.flatMap { resource in cluster[resource].owned(by: uid).map { (resource, $0) } }
    }

    package func reconcile(_ key: Key) async throws -> Duration? {
        guard let object = cluster[key.resource][key.object] else { return nil }
        if isWaiting(object) {
            if object.finalizers.contains(Self.orphan) { return try await release(object, key.resource) }
            return try await deleteDependents(of: object, key.resource)
        }
        guard !object.isTerminating, !object.ownerReferences.isEmpty else { return nil }
        var living: [OwnerReference] = []
        for owner in object.ownerReferences where try await isAlive(owner, of: object) { living.append(owner) }
        if living.isEmpty {
            try await cluster.delete(key.resource, object)
        } else if living.count < object.ownerReferences.count {
            var object = object
            let uids = Set(living.map(\.uid))
            let references = object["metadata", "ownerReferences"]?.array ?? []
            object["metadata", "ownerReferences"] = .array(
                references.filter { uids.contains($0["uid"]?.string ?? "") }
            )
            try await cluster.update(key.resource, object)
        }
        return nil
    }

    /// Asks the API before it believes that an owner is gone. An owner of a kind nobody knows counts as there.
    private func isAlive(_ owner: OwnerReference, of object: KubernetesObject) async throws -> Bool {
        guard let resource = resource(of: owner) else { return true }
        let key = ObjectKey(namespace: resource.isNamespaced ? object.namespace : nil, name: owner.name)
        if cluster[resource][key]?.uid == owner.uid { return true }
        do throws(APIStatus) { return try await cluster.access.get(resource, key).uid == owner.uid } catch {
            guard error.isNotFound else { throw error }
            return false
        }
    }

    private func deleteDependents(of object: KubernetesObject, _ resource: Resource) async throws -> Duration? {
        let dependents = dependents(of: object.uid)
        for (resource, dependent) in dependents where !dependent.isTerminating {
            let others = dependent.ownerReferences.filter { $0.uid != object.uid }
            if others.isEmpty { try await cluster.delete(resource, dependent) }
        }
        let left = self.dependents(of: object.uid).contains { dependent in
            dependent.object.ownerReferences.contains { $0.uid == object.uid && $0.blocksOwnerDeletion }
        }
        if !left { try await finish(object, resource, Self.foreground) }
        return nil
    }

    private func release(_ object: KubernetesObject, _ resource: Resource) async throws -> Duration? {
        for (resource, var dependent) in dependents(of: object.uid) {
            let references = dependent["metadata", "ownerReferences"]?.array ?? []
            let others = references.filter { $0["uid"]?.string != object.uid }
            dependent["metadata", "ownerReferences"] = others.isEmpty ? nil : .array(others)
            try await cluster.update(resource, dependent)
        }
        try await finish(object, resource, Self.orphan)
        return nil
    }

    private func finish(_ object: KubernetesObject, _ resource: Resource, _ finalizer: String) async throws {
        var object = object
        object.finalizers = object.finalizers.filter { $0 != finalizer }
        do throws(APIStatus) {
            try await cluster.update(resource, object)
            if object.finalizers.isEmpty { cluster[resource].forget(object.key, uid: object.uid) }
        } catch { guard error.isNotFound else { throw error } }
    }
}
