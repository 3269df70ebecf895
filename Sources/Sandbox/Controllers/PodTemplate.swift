import KubernetesModel

/// What controllers make of a pod template: pods, and the short hash that names a revision of it.
enum PodTemplate {
    /// A pod of `template`, owned by `owner`; unnamed, so that the API names it after `prefix`.
    static func pod(
        _ template: JSONValue,
        ownedBy owner: KubernetesObject,
        prefix: String,
        labels: [String: String] = [:]
    ) -> KubernetesObject {
        var pod = KubernetesObject(["apiVersion": "v1", "kind": "Pod"])
        var metadata: JSONValue = ["generateName": .string(prefix)]
        if let namespace = owner.namespace { metadata["namespace"] = .string(namespace) }
        let merged = (template["metadata", "labels"]?.stringMap ?? [:]).merging(labels) { $1 }
        if !merged.isEmpty { metadata["labels"] = JSONValue(merged) }
        if let annotations = template["metadata", "annotations"], annotations.object?.isEmpty == false {
            metadata["annotations"] = annotations
        }
        if let finalizers = template["metadata", "finalizers"] { metadata["finalizers"] = finalizers }
        metadata["ownerReferences"] = .array([OwnerReference(controller: owner).value])
        pod["metadata"] = metadata
        pod["spec"] = template["spec"] ?? .object([:])
        return pod
    }

    /// FNV-1a over the template's JSON, spelt in the letters Kubernetes uses for names.
    static func hash(_ template: JSONValue) -> String {
        var hash: UInt32 = 2_166_136_261
        for byte in template.bytes { hash = (hash ^ UInt32(byte)) &* 16_777_619 }
        let letters = Array("bcdfghjklmnpqrstvwxz2456789")
        return String(String(hash).utf8.map { letters[Int($0) % letters.count] })
    }
}

extension CachedCluster {
    /// Pods that `owner` controls, after it has adopted matching ones that nobody controls.
    func adoptedPods(of owner: KubernetesObject, selector: LabelSelector) async throws(APIStatus) -> [KubernetesObject]
    {
        try await adopted(.pods, by: owner, selector: selector)
    }

    /// Objects of `resource` that `owner` controls, after it has adopted matching ones that nobody controls.
    func adopted(
        _ resource: Resource,
        by owner: KubernetesObject,
        selector: LabelSelector
    ) async throws(APIStatus) -> [KubernetesObject] {
        var owned = self[resource].owned(by: owner.uid).filter { $0.controller?.uid == owner.uid }
        guard !owner.isTerminating else { return owned }
        for var orphan in self[resource].orphans(in: owner.namespace)
        where !orphan.isTerminating && selector.matches(orphan) && !(resource == .pods && orphan.isPodFinished) {
            let references = orphan["metadata", "ownerReferences"]?.array ?? []
            orphan["metadata", "ownerReferences"] = .array(references + [OwnerReference(controller: owner).value])
            owned.append(try await update(resource, orphan))
        }
        return owned
    }

    /// The object that controls `object`, if it is in a cache and of the same uid.
    func controller(of object: KubernetesObject, in resource: Resource) -> KubernetesObject? {
        guard let owner = object.controller, owner.kind == resource.kind,
            let found = self[resource][ObjectKey(namespace: object.namespace, name: owner.name)], found.uid == owner.uid
        else { return nil }
        return found
    }
}

extension ObjectChange {
    /// Keys of the controllers of kind `kind` that either state of the object names.
    func controllerKeys(of kind: String) -> [ObjectKey] {
        var keys: [ObjectKey] = []
        for state in states {
            guard let owner = state.controller, owner.kind == kind else { continue }
            let key = ObjectKey(namespace: state.namespace, name: owner.name)
            if !keys.contains(key) { keys.append(key) }
        }
        return keys
    }
}
