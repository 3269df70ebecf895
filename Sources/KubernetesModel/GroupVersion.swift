/// An API group and version: `v1` (the core group, written as "") or `apps/v1`.
package struct GroupVersion: Sendable, Hashable, CustomStringConvertible {
    package var group: String
    package var version: String

    package init(group: String, version: String) {
        self.group = group
        self.version = version
    }

    /// Reads the text of an `apiVersion`; what stands before the last slash is the group.
    package init(apiVersion: String) {
        guard let slash = apiVersion.lastIndex(of: "/") else {
            self.init(group: "", version: apiVersion)
            return
        }
        self.init(
            group: String(apiVersion[..<slash]),
            version: String(apiVersion[apiVersion.index(after: slash)...])
        )
    }

    package var description: String { group.isEmpty ? version : "\(group)/\(version)" }
}

/// A kind of object in a group and version: `apps/v1, Kind=Deployment`.
package struct GroupVersionKind: Sendable, Hashable, CustomStringConvertible {
    package var groupVersion: GroupVersion
    package var kind: String

    package init(_ groupVersion: GroupVersion, _ kind: String) {
        self.groupVersion = groupVersion
        self.kind = kind
    }

    package init(apiVersion: String, kind: String) {
        self.init(GroupVersion(apiVersion: apiVersion), kind)
    }

    package var description: String { "\(groupVersion), Kind=\(kind)" }
}

/// A resource as it stands in a URL: `apps/v1, Resource=deployments`, and whether it lives in a namespace.
package struct Resource: Sendable, Hashable, CustomStringConvertible {
    package var groupVersion: GroupVersion
    /// The plural of the URL: `deployments`.
    package var plural: String
    package var kind: String
    package var isNamespaced: Bool

    package init(_ apiVersion: String, _ plural: String, kind: String, isNamespaced: Bool = true) {
        self.groupVersion = GroupVersion(apiVersion: apiVersion)
        self.plural = plural
        self.kind = kind
        self.isNamespaced = isNamespaced
    }

    package var description: String { "\(groupVersion), Resource=\(plural)" }

    /// `/api/v1/namespaces/shop/pods/web-1/eviction` and its shorter forms.
    package func path(namespace: String? = nil, name: String? = nil, subresource: String? = nil) -> String {
        var parts = groupVersion.group.isEmpty ? ["api"] : ["apis", groupVersion.group]
        parts.append(groupVersion.version)
        if isNamespaced, let namespace { parts += ["namespaces", namespace] }
        parts.append(plural)
        if let name { parts.append(name) }
        if let subresource { parts.append(subresource) }
        return "/" + parts.joined(separator: "/")
    }
}

extension Resource {
    package static let pods = Resource("v1", "pods", kind: "Pod")
    package static let nodes = Resource("v1", "nodes", kind: "Node", isNamespaced: false)
    package static let namespaces = Resource("v1", "namespaces", kind: "Namespace", isNamespaced: false)
    package static let configMaps = Resource("v1", "configmaps", kind: "ConfigMap")
    package static let secrets = Resource("v1", "secrets", kind: "Secret")
    package static let events = Resource("v1", "events", kind: "Event")
    package static let services = Resource("v1", "services", kind: "Service")
    package static let serviceAccounts = Resource("v1", "serviceaccounts", kind: "ServiceAccount")
    package static let endpoints = Resource("v1", "endpoints", kind: "Endpoints")
    package static let persistentVolumes =
        Resource("v1", "persistentvolumes", kind: "PersistentVolume", isNamespaced: false)
    package static let persistentVolumeClaims =
        Resource("v1", "persistentvolumeclaims", kind: "PersistentVolumeClaim")
    package static let deployments = Resource("apps/v1", "deployments", kind: "Deployment")
    package static let replicaSets = Resource("apps/v1", "replicasets", kind: "ReplicaSet")
    package static let statefulSets = Resource("apps/v1", "statefulsets", kind: "StatefulSet")
    package static let daemonSets = Resource("apps/v1", "daemonsets", kind: "DaemonSet")
    package static let controllerRevisions = Resource("apps/v1", "controllerrevisions", kind: "ControllerRevision")
    package static let jobs = Resource("batch/v1", "jobs", kind: "Job")
    package static let cronJobs = Resource("batch/v1", "cronjobs", kind: "CronJob")
    package static let podDisruptionBudgets =
        Resource("policy/v1", "poddisruptionbudgets", kind: "PodDisruptionBudget")
    package static let leases = Resource("coordination.k8s.io/v1", "leases", kind: "Lease")
    package static let priorityClasses =
        Resource("scheduling.k8s.io/v1", "priorityclasses", kind: "PriorityClass", isNamespaced: false)
    package static let storageClasses =
        Resource("storage.k8s.io/v1", "storageclasses", kind: "StorageClass", isNamespaced: false)
}
