import KubernetesModel

/// Puts objects into the cluster as `kubectl apply` would for a first time, and replaces the specs of those there.
struct ManifestLoader: Sendable {
    private let access: any ClusterAccess

    init(_ access: any ClusterAccess) { self.access = access }

    /// - Returns: a line an object: `deployment/web created`.
    func load(_ objects: [KubernetesObject]) async throws -> [String] {
        var lines: [String] = []
        for object in objects {
            guard let resource = Self.resources[object.groupVersionKind] else {
                throw SandboxError.manifest(
                    file: "\(object.kind)/\(object.name)",
                    reason: "a sandbox does not know \(object.groupVersionKind)"
                )
            }
            var object = object
            if resource.isNamespaced, object.namespace == nil { object.namespace = "default" }
            lines.append("\(object.kind.lowercased())/\(object.name) \(try await put(resource, object))")
        }
        return lines
    }

    private func put(_ resource: Resource, _ object: KubernetesObject) async throws -> String {
        do throws(APIStatus) {
            _ = try await access.create(resource, object)
            return "created"
        } catch { guard error.isAlreadyExists else { throw error } }
        // Of a pod hardly anything may change, and its manifest lacks what was filled in at its creation.
        if resource == .pods { return "unchanged" }
        var present = try await access.get(resource, object.key)
        for key in object.value.object?.keys.sorted() ?? [] where !["metadata", "status"].contains(key) {
            present[key] = object[key]
        }
        present.labels = present.labels.merging(object.labels) { $1 }
        present.annotations = present.annotations.merging(object.annotations) { $1 }
        _ = try await access.update(resource, present, subresource: nil)
        return "configured"
    }

    private static let resources: [GroupVersionKind: Resource] = {
        let all: [Resource] = [
            .pods, .nodes, .namespaces, .configMaps, .secrets, .services, .serviceAccounts, .persistentVolumes,
            .persistentVolumeClaims, .deployments, .replicaSets, .statefulSets, .daemonSets, .jobs, .cronJobs,
            .podDisruptionBudgets, .leases, .priorityClasses, .storageClasses,
        ]
        return Dictionary(uniqueKeysWithValues: all.map { (GroupVersionKind($0.groupVersion, $0.kind), $0) })
    }()
}
