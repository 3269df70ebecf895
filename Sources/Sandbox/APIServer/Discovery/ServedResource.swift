package import KubernetesModel
package import KubernetesVersions

/// One resource as an API server of some Kubernetes version serves it: names, verbs, and where it is stored.
package struct ServedResource: Sendable, Hashable {
    package var resource: Resource
    package var shortNames: [String]
    package var categories: [String]
    /// The folder below `/registry/`: `pods`, `minions`, `services/specs`.
    package var storagePath: String
    /// The `apiVersion` objects are stored with, whichever version they came in by.
    package var storedVersion: GroupVersion
    package var subresources: [Subresource]
    /// Field selectors understood besides `metadata.name` and `metadata.namespace`.
    package var fields: Set<String>
    package var introduced: MinorVersion?
    /// The first minor that no longer serves it.
    package var removed: MinorVersion?
    /// What a client is told when it uses a version on its way out.
    package var deprecation: String?

    package var plural: String { resource.plural }
    package var kind: String { resource.kind }
    package var isNamespaced: Bool { resource.isNamespaced }
    package var singular: String { resource.kind.lowercased() }
    package var storagePrefix: String { "/registry/\(storagePath)/" }

    /// Has a status of its own: creates drop it, updates keep it, `/status` changes nothing else.
    package var hasStatus: Bool { subresources.contains(.status) }

    package func subresource(_ name: String) -> Subresource? { subresources.first { $0.rawValue == name } }

    package func isServed(by version: MinorVersion) -> Bool {
        if let introduced, version < introduced { return false }
        if let removed, version >= removed { return false }
        return true
    }

    /// Kinds that answer to reviews only, and keep nothing.
    package var isReview: Bool { storagePath.isEmpty }

    package var verbs: [String] {
        isReview
            ? ["create"]
            : ["create", "delete", "deletecollection", "get", "list", "patch", "update", "watch"]
    }

    package func storageKey(namespace: String?, name: String) -> String {
        if isNamespaced, let namespace { "\(storagePrefix)\(namespace)/\(name)" } else { "\(storagePrefix)\(name)" }
    }
}

/// What may follow an object's name in a URL.
package enum Subresource: String, Sendable, Hashable {
    case status
    case scale
    case eviction
    case binding
    case log
    case resize
    case ephemeralContainers = "ephemeralcontainers"
    case finalize
    case exec
    case attach
    case portForward = "portforward"
    case proxy
    case token
    case approval

    /// The type its bodies have, nil where it is the object's own.
    package var kind: GroupVersionKind? {
        switch self {
        case .scale: GroupVersionKind(apiVersion: "autoscaling/v1", kind: "Scale")
        case .eviction: GroupVersionKind(apiVersion: "policy/v1", kind: "Eviction")
        case .binding: GroupVersionKind(apiVersion: "v1", kind: "Binding")
        case .token: GroupVersionKind(apiVersion: "authentication.k8s.io/v1", kind: "TokenRequest")
        case .exec: GroupVersionKind(apiVersion: "v1", kind: "PodExecOptions")
        case .attach: GroupVersionKind(apiVersion: "v1", kind: "PodAttachOptions")
        case .portForward: GroupVersionKind(apiVersion: "v1", kind: "PodPortForwardOptions")
        case .proxy: GroupVersionKind(apiVersion: "v1", kind: "NodeProxyOptions")
        default: nil
        }
    }

    package var verbs: [String] {
        switch self {
        case .eviction, .binding, .token: ["create"]
        case .log: ["get"]
        case .exec, .attach, .portForward: ["create", "get"]
        case .proxy: ["create", "delete", "get", "patch", "update"]
        case .finalize: ["update"]
        default: ["get", "patch", "update"]
        }
    }
}
