import Hummingbird
import KubernetesModel
import KubernetesVersions

/// As much OpenAPI as `apply` and `create` look at: for each kind, that its PATCH knows `fieldValidation` and `dryRun`.
/// The document of version 2 is empty, which every kubectl takes.
struct OpenAPI: Sendable {
    let catalog: ResourceCatalog
    let version: KubernetesVersion

    static func isAbout(_ path: String) -> Bool { path.hasPrefix("/openapi/") }

    func answer(_ info: RequestInfo) throws(APIStatus) -> Response {
        let parts = info.path.split(separator: "/").map(String.init)
        switch parts.dropFirst().first {
        case "v2"?:
            var response = Answer.text("")
            response.headers[.contentType] = "application/octet-stream"
            return response
        case "v3"? where parts.count == 2: return Answer.value(["paths": .object(index)])
        case "v3"?:
            let path = parts.dropFirst(2).joined(separator: "/")
            guard let groupVersion = catalog.groupVersions.first(where: { Self.path(of: $0) == path }) else {
                throw .noSuchPath
            }
            return Answer.value(document(groupVersion))
        default: throw .noSuchPath
        }
    }

    private static func path(of groupVersion: GroupVersion) -> String {
        groupVersion.group.isEmpty ? "api/\(groupVersion.version)" : "apis/\(groupVersion)"
    }

    private var index: [String: JSONValue] {
        var index: [String: JSONValue] = [:]
        for groupVersion in catalog.groupVersions {
            let path = Self.path(of: groupVersion)
            index[path] = ["serverRelativeURL": .string("/openapi/v3/\(path)?hash=\(version.withoutPrefix)")]
        }
        return index
    }

    private func document(_ groupVersion: GroupVersion) -> JSONValue {
        var paths: [String: JSONValue] = [:]
        for served in catalog.resources(in: groupVersion) where !served.isReview {
            let path = served.resource.path(namespace: served.isNamespaced ? "{namespace}" : nil, name: "{name}")
            let kind: JSONValue = [
                "group": .string(groupVersion.group), "version": .string(groupVersion.version),
                "kind": .string(served.kind),
            ]
            paths[path] = [
                "patch": [
                    "parameters": .array(
                        ["dryRun", "fieldManager", "fieldValidation", "force"].map { name in
                            [
                                "name": .string(name), "in": "query",
                                "schema": ["type": name == "force" ? "boolean" : "string", "uniqueItems": true],
                            ]
                        }
                    ),
                    "responses": ["200": ["description": "OK"]], "x-kubernetes-action": "patch",
                    "x-kubernetes-group-version-kind": kind,
                ]
            ]
        }
        return [
            "openapi": "3.0.0", "info": ["title": "Kubernetes", "version": .string(version.description)],
            "paths": .object(paths), "components": ["schemas": [:]],
        ]
    }
}
