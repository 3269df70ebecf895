import KubernetesModel

/// The ControllerRevisions of a StatefulSet or DaemonSet: one for each template it has had.
struct Revisions: Sendable {
    static let label = "controller-revision-hash"

    let cluster: CachedCluster
    let owner: KubernetesObject

    /// The name of the revision of the owner's present template, stored if it was not.
    func current() async throws -> KubernetesObject {
        let template = owner.spec["template"] ?? .object([:])
        let known = cluster[.controllerRevisions].owned(by: owner.uid)
        let hash = PodTemplate.hash(template)
        let newest = (known.compactMap { $0["revision"]?.integer }.max() ?? 0)
        if var present = known.first(where: { Self.template(of: $0) == template || $0.labels[Self.label] == hash }) {
            guard (present["revision"]?.integer ?? 0) < newest else { return present }
            present["revision"] = .integer(newest + 1)
            return try await cluster.update(.controllerRevisions, present)
        }
        var revision = KubernetesObject(
            .controllerRevisions,
            namespace: owner.namespace,
            name: "\(owner.name)-\(hash)"
        )
        revision.labels = (template["metadata", "labels"]?.stringMap ?? [:]).merging([Self.label: hash]) { $1 }
        revision["metadata", "ownerReferences"] = .array([OwnerReference(controller: owner).value])
        var kept = template
        kept["$patch"] = "replace"
        revision["data"] = ["spec": ["template": kept]]
        revision["revision"] = .integer(newest + 1)
        return try await cluster.create(.controllerRevisions, revision)
    }

    func named(_ name: String) -> KubernetesObject? {
        cluster[.controllerRevisions].owned(by: owner.uid).first { $0.name == name }
    }

    /// Deletes the oldest revisions beyond the owner's limit, save those in use.
    func prune(inUse: Set<String>) async throws {
        let limit = owner.spec["revisionHistoryLimit"]?.int ?? 10
        let old = cluster[.controllerRevisions].owned(by: owner.uid).filter { !inUse.contains($0.name) }
            .sorted { ($0["revision"]?.integer ?? 0) < ($1["revision"]?.integer ?? 0) }
        for revision in old.dropLast(max(0, limit)) { try await cluster.delete(.controllerRevisions, revision) }
    }

    static func template(of revision: KubernetesObject) -> JSONValue {
        var template = revision["data", "spec", "template"] ?? .object([:])
        template["$patch"] = nil
        return template
    }
}
