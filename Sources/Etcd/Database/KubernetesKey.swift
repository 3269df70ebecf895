/// What a key says of the object under it, by the API server's layout:
/// `/registry/RESOURCE/[NAMESPACE/]NAME`, custom resources `/registry/GROUP/PLURAL/[NAMESPACE/]NAME`.
package struct KubernetesKey: Sendable, Hashable {
    /// As kubectl names it: `pods`, `widgets.example.com`. Keys outside of the prefix have none.
    package var resource: String
    /// Nil for objects of no namespace.
    package var namespace: String?
    package var name: String

    package static let prefix = "/registry/"

    /// Where the first part is not the resource's own name.
    private static let names = [
        "minions": "nodes",
        "controllers": "replicationcontrollers",
        "ingress": "ingresses",
        "podsecuritypolicy": "podsecuritypolicies",
        "services/specs": "services",
        "services/endpoints": "endpoints",
    ]
    /// First parts that are followed by the resource, though they are no group of custom resources.
    private static let split: Set = ["services"]

    /// Nil for a key that is none of an API server's objects.
    package init?(_ key: ArraySlice<UInt8>) {
        let text = String(decoding: key, as: UTF8.self)
        guard text.hasPrefix(Self.prefix) else { return nil }
        var parts = text.dropFirst(Self.prefix.count).split(separator: "/", omittingEmptySubsequences: false)[...]
        guard let first = parts.popFirst(), !first.isEmpty else { return nil }
        if first == "ranges" {
            (resource, namespace, name) = ("ranges", nil, parts.joined(separator: "/"))
            return
        }
        if first.contains("."), let plural = parts.popFirst() {
            resource = "\(plural).\(first)"
        } else if Self.split.contains(String(first)), let second = parts.popFirst() {
            resource = "\(first)/\(second)"
        } else {
            resource = String(first)
        }
        resource = Self.names[resource] ?? resource
        guard let last = parts.popLast() else { return nil }
        name = String(last)
        namespace = parts.isEmpty ? nil : parts.joined(separator: "/")
    }
}
