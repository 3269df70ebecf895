import Hummingbird
import KubernetesModel
import KubernetesVersions

/// The documents that tell clients what is served: `/version`, aggregated discovery (v2, v2beta1) and its older form.
struct Discovery: Sendable {
    let catalog: ResourceCatalog
    let version: KubernetesVersion
    /// `host:port` as clients reach this server.
    let address: String

    static func isAbout(_ info: RequestInfo) -> Bool {
        info.plural == nil && (info.path == "/version" || info.path.hasPrefix("/api"))
    }

    func answer(_ info: RequestInfo, _ acceptance: Acceptance) throws(APIStatus) -> Response {
        let parts = info.path.split(separator: "/").map(String.init)
        switch parts {
        // Alone of all answers this one is indented, and people read it with `kubectl get --raw`.
        case ["version"]: return Answer.json(Array(versionInfo.prettyText.utf8))
        case ["api"]:
            if let form = aggregatedForm(acceptance) { return aggregated([""], form) }
            return Answer.value([
                "kind": "APIVersions", "versions": ["v1"],
                "serverAddressByClientCIDRs": [["clientCIDR": "0.0.0.0/0", "serverAddress": .string(address)]],
            ])
        case ["apis"]:
            if let form = aggregatedForm(acceptance) { return aggregated(catalog.groups, form) }
            return Answer.value([
                "kind": "APIGroupList", "apiVersion": "v1", "groups": .array(catalog.groups.map(group)),
            ])
        case _ where parts.count == 2 && parts[0] == "apis":
            let name = parts[1]
            guard catalog.groups.contains(name) else { throw .noSuchPath }
            var value = group(name)
            value["kind"] = "APIGroup"
            value["apiVersion"] = "v1"
            return Answer.value(value)
        default:
            guard let groupVersion = info.groupVersion, catalog.groupVersions.contains(groupVersion) else {
                throw .noSuchPath
            }
            return Answer.value(resourceList(groupVersion))
        }
    }

    private var versionInfo: JSONValue {
        [
            "major": .string(String(version.major)), "minor": .string(String(version.minor)),
            "gitVersion": .string(version.description), "gitCommit": "", "gitTreeState": "clean",
            "buildDate": "1970-01-01T00:00:00Z", "goVersion": "go1.24", "compiler": "gc", "platform": "linux/amd64",
        ]
    }

    // MARK: Aggregated

    /// v2 is served from 1.30 on as in life; v2beta1 to clients that ask for nothing newer.
    private func aggregatedForm(_ acceptance: Acceptance) -> String? {
        let minor = catalog.version
        return acceptance.discoveryVersions.first { form in
            switch form {
            case "v2": minor >= MinorVersion(1, 30)
            case "v2beta1": minor >= MinorVersion(1, 27)
            default: false
            }
        }
    }

    private func aggregated(_ groups: [String], _ form: String) -> Response {
        let items: [JSONValue] = groups.map { group in
            [
                "metadata": ["name": .string(group), "creationTimestamp": .null],
                "versions": .array(
                    catalog.versions(of: group).map { groupVersion in
                        [
                            "version": .string(groupVersion.version), "freshness": "Current",
                            "resources": .array(catalog.resources(in: groupVersion).map(aggregatedResource)),
                        ]
                    }
                ),
            ]
        }
        return Answer.value(
            [
                "kind": "APIGroupDiscoveryList", "apiVersion": .string("apidiscovery.k8s.io/\(form)"), "metadata": [:],
                "items": .array(items),
            ],
            type: "application/json;g=apidiscovery.k8s.io;v=\(form);as=APIGroupDiscoveryList"
        )
    }

    private func aggregatedResource(_ served: ServedResource) -> JSONValue {
        var value: JSONValue = [
            "resource": .string(served.plural), "responseKind": kind(of: served, nil),
            "scope": served.isNamespaced ? "Namespaced" : "Cluster", "singularResource": .string(served.singular),
            "verbs": JSONValue(served.verbs),
        ]
        if !served.shortNames.isEmpty { value["shortNames"] = JSONValue(served.shortNames) }
        if !served.categories.isEmpty { value["categories"] = JSONValue(served.categories) }
        if !served.subresources.isEmpty {
            value["subresources"] = .array(
                served.subresources.map { subresource in
                    [
                        "subresource": .string(subresource.rawValue), "responseKind": kind(of: served, subresource),
                        "verbs": JSONValue(subresource.verbs),
                    ]
                }
            )
        }
        return value
    }

    private func kind(of served: ServedResource, _ subresource: Subresource?) -> JSONValue {
        let kind = subresource?.kind ?? GroupVersionKind(served.resource.groupVersion, served.kind)
        return [
            "group": .string(kind.groupVersion.group), "version": .string(kind.groupVersion.version),
            "kind": .string(kind.kind),
        ]
    }

    // MARK: Legacy

    private func group(_ name: String) -> JSONValue {
        let versions: [JSONValue] = catalog.versions(of: name).map {
            ["groupVersion": .string($0.description), "version": .string($0.version)]
        }
        return [
            "name": .string(name), "versions": .array(versions), "preferredVersion": versions.first ?? [:],
        ]
    }

    private func resourceList(_ groupVersion: GroupVersion) -> JSONValue {
        var entries: [JSONValue] = []
        for served in catalog.resources(in: groupVersion) {
            var entry: JSONValue = [
                "name": .string(served.plural), "singularName": .string(served.singular),
                "namespaced": .bool(served.isNamespaced), "kind": .string(served.kind),
                "verbs": JSONValue(served.verbs),
            ]
            if !served.shortNames.isEmpty { entry["shortNames"] = JSONValue(served.shortNames) }
            if !served.categories.isEmpty { entry["categories"] = JSONValue(served.categories) }
            entries.append(entry)
            for subresource in served.subresources {
                var entry: JSONValue = [
                    "name": .string("\(served.plural)/\(subresource.rawValue)"), "singularName": "",
                    "namespaced": .bool(served.isNamespaced), "kind": .string(subresource.kind?.kind ?? served.kind),
                    "verbs": JSONValue(subresource.verbs),
                ]
                if let kind = subresource.kind {
                    entry["group"] = .string(kind.groupVersion.group)
                    entry["version"] = .string(kind.groupVersion.version)
                }
                entries.append(entry)
            }
        }
        return [
            "kind": "APIResourceList", "apiVersion": "v1", "groupVersion": .string(groupVersion.description),
            "resources": .array(entries),
        ]
    }
}
