package import KubernetesModel

/// Empties a namespace that is being deleted, then lets it go.
package struct NamespaceController: Controller {
    let cluster: CachedCluster
    private let contents: [Resource]

    /// - Parameters:
    ///   - cluster: whose namespaces are looked after.
    ///   - contents: every namespaced resource the API serves.
    package init(cluster: CachedCluster, contents: [Resource]) {
        self.cluster = cluster
        self.contents = contents.filter(\.isNamespaced)
    }

    package func keys(affectedBy change: ObjectChange) -> [ObjectKey] {
        if change.resource == .namespaces { return [change.object.key] }
        guard change.new == nil, let namespace = change.object.namespace,
            cluster[.namespaces][ObjectKey(name: namespace)]?.isTerminating ?? false
        else { return [] }
        return [ObjectKey(name: namespace)]
    }

    package func reconcile(_ key: ObjectKey) async throws -> Duration? {
        guard var namespace = cluster[.namespaces][key], namespace.isTerminating else { return nil }
        var left = 0
        for resource in contents { left += try await empty(resource, in: key.name) }
        // What has a grace period or finalizers is on its way; its end is looked for again.
        guard left == 0 else { return .milliseconds(500) }
        let finalizers = namespace.spec["finalizers"]?.strings ?? []
        guard finalizers.contains("kubernetes") else { return nil }
        namespace["spec", "finalizers"] = JSONValue(finalizers.filter { $0 != "kubernetes" })
        do throws(APIStatus) {
            _ = try await cluster.access.update(.namespaces, namespace, subresource: "finalize")
        } catch { guard error.isNotFound else { throw error } }
        return nil
    }

    /// Deletes what `namespace` has of `resource`; how many are still there.
    private func empty(_ resource: Resource, in namespace: String) async throws -> Int {
        let objects: [KubernetesObject]
        do throws(APIStatus) {
            objects = try await cluster.access.list(resource, namespace: namespace).items
        } catch {
            // Not every API server serves every kind.
            guard error.isNotFound else { throw error }
            return 0
        }
        var left = 0
        for object in objects {
            if object.isTerminating {
                left += 1
                continue
            }
            do throws(APIStatus) {
                let stays = try await cluster.access.delete(
                    resource,
                    object.key,
                    gracePeriodSeconds: nil,
                    uid: object.uid
                )
                if stays != nil { left += 1 }
            } catch { guard error.isNotFound || error.isConflict else { throw error } }
        }
        return left
    }
}
