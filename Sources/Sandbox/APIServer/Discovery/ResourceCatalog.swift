package import KubernetesModel
package import KubernetesVersions

/// Which resources an API server of one Kubernetes version serves, found by name or by kind.
package struct ResourceCatalog: Sendable {
    package let version: MinorVersion
    /// In the order of discovery: the core group first, each group's preferred version before its others.
    package let resources: [ServedResource]
    private let byName: [GroupVersion: [String: ServedResource]]
    private let byKind: [GroupVersionKind: ServedResource]

    package init(version: MinorVersion, resources all: [ServedResource] = ServedResource.builtIn) {
        self.version = version
        resources = all.filter { $0.isServed(by: version) }
        byName = Dictionary(grouping: resources, by: \.resource.groupVersion)
            .mapValues { Dictionary($0.map { ($0.plural, $0) }, uniquingKeysWith: { first, _ in first }) }
        byKind = Dictionary(
            resources.map { (GroupVersionKind($0.resource.groupVersion, $0.kind), $0) },
            uniquingKeysWith: { first, _ in first }
        )
    }

    package func resource(_ groupVersion: GroupVersion, _ plural: String) -> ServedResource? {
        byName[groupVersion]?[plural]
    }

    package func resource(_ resource: Resource) -> ServedResource? {
        byName[resource.groupVersion]?[resource.plural]
    }

    package func resource(ofKind kind: GroupVersionKind) -> ServedResource? { byKind[kind] }

    /// The group versions served, in the order of discovery.
    package var groupVersions: [GroupVersion] {
        var seen: Set<GroupVersion> = []
        return resources.map(\.resource.groupVersion).filter { seen.insert($0).inserted }
    }

    /// The groups served besides the core group, in the order of discovery.
    package var groups: [String] {
        var seen: Set<String> = []
        return groupVersions.map(\.group).filter { !$0.isEmpty && seen.insert($0).inserted }
    }

    package func versions(of group: String) -> [GroupVersion] { groupVersions.filter { $0.group == group } }

    package func resources(in groupVersion: GroupVersion) -> [ServedResource] {
        resources.filter { $0.resource.groupVersion == groupVersion }
    }
}
