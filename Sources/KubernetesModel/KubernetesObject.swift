/// One Kubernetes object, untyped: whatever the API gave is kept, known or not.
package struct KubernetesObject: Sendable, Hashable {
    package var value: JSONValue

    package init(_ value: JSONValue) { self.value = value }

    /// An object with its type and name set, and nothing else.
    package init(_ resource: Resource, namespace: String? = nil, name: String) {
        value = [
            "apiVersion": .string(resource.groupVersion.description), "kind": .string(resource.kind),
            "metadata": ["name": .string(name)],
        ]
        if resource.isNamespaced, let namespace { self.namespace = namespace }
    }

    package subscript(key: String) -> JSONValue? {
        get { value[key] }
        set { value[key] = newValue }
    }

    package subscript(path path: [String]) -> JSONValue? {
        get { value[path: path] }
        set { value[path: path] = newValue }
    }

    package subscript(first: String, second: String, rest: String...) -> JSONValue? {
        get { value[path: [first, second] + rest] }
        set { value[path: [first, second] + rest] = newValue }
    }

    package var apiVersion: String { value["apiVersion"]?.string ?? "" }
    package var kind: String { value["kind"]?.string ?? "" }
    package var groupVersionKind: GroupVersionKind { GroupVersionKind(apiVersion: apiVersion, kind: kind) }
}

/// The common metadata (`k8s.io/apimachinery` meta/v1 ObjectMeta). What is absent reads as empty.
extension KubernetesObject {
    package var name: String {
        get { value["metadata", "name"]?.string ?? "" }
        set { value["metadata", "name"] = .string(newValue) }
    }
    package var namespace: String? {
        get { value["metadata", "namespace"]?.string.flatMap { $0.isEmpty ? nil : $0 } }
        set { value["metadata", "namespace"] = newValue.map { .string($0) } }
    }
    package var uid: String {
        get { value["metadata", "uid"]?.string ?? "" }
        set { value["metadata", "uid"] = .string(newValue) }
    }
    package var resourceVersion: String? {
        get { value["metadata", "resourceVersion"]?.string.flatMap { $0.isEmpty ? nil : $0 } }
        set { value["metadata", "resourceVersion"] = newValue.map { .string($0) } }
    }
    package var generation: Int64 {
        get { value["metadata", "generation"]?.integer ?? 0 }
        set { value["metadata", "generation"] = .integer(newValue) }
    }
    package var labels: [String: String] {
        get { value["metadata", "labels"]?.stringMap ?? [:] }
        set { value["metadata", "labels"] = newValue.isEmpty ? nil : JSONValue(newValue) }
    }
    package var annotations: [String: String] {
        get { value["metadata", "annotations"]?.stringMap ?? [:] }
        set { value["metadata", "annotations"] = newValue.isEmpty ? nil : JSONValue(newValue) }
    }
    package var finalizers: [String] {
        get { value["metadata", "finalizers"]?.strings ?? [] }
        set { value["metadata", "finalizers"] = newValue.isEmpty ? nil : JSONValue(newValue) }
    }
    /// RFC 3339, second precision, as the API writes it.
    package var creationTimestamp: String? { value["metadata", "creationTimestamp"]?.string }
    package var deletionTimestamp: String? { value["metadata", "deletionTimestamp"]?.string }
    package var isTerminating: Bool { deletionTimestamp != nil }
    package var ownerReferences: [OwnerReference] {
        (value["metadata", "ownerReferences"]?.array ?? []).map(OwnerReference.init)
    }
    /// The owner that manages this object: the reference with `controller: true`.
    package var controller: OwnerReference? { ownerReferences.first(where: \.isController) }

    package var spec: JSONValue {
        get { value["spec"] ?? .object([:]) }
        set { value["spec"] = newValue }
    }
    package var status: JSONValue {
        get { value["status"] ?? .object([:]) }
        set { value["status"] = newValue }
    }
    /// `namespace/name`, or the name alone for what has no namespace: how kubectl names an object in its messages.
    package var key: ObjectKey { ObjectKey(namespace: namespace, name: name) }
}

/// One entry of `metadata.ownerReferences`.
package struct OwnerReference: Sendable, Hashable {
    package var apiVersion: String
    package var kind: String
    package var name: String
    package var uid: String
    package var isController: Bool
    package var blocksOwnerDeletion: Bool

    package init(_ value: JSONValue) {
        apiVersion = value["apiVersion"]?.string ?? ""
        kind = value["kind"]?.string ?? ""
        name = value["name"]?.string ?? ""
        uid = value["uid"]?.string ?? ""
        isController = value["controller"]?.bool ?? false
        blocksOwnerDeletion = value["blockOwnerDeletion"]?.bool ?? false
    }

    /// The reference a controller writes into what it creates.
    package init(controller: KubernetesObject) {
        apiVersion = controller.apiVersion
        kind = controller.kind
        name = controller.name
        uid = controller.uid
        isController = true
        blocksOwnerDeletion = true
    }

    package var value: JSONValue {
        [
            "apiVersion": .string(apiVersion), "kind": .string(kind), "name": .string(name), "uid": .string(uid),
            "controller": .bool(isController), "blockOwnerDeletion": .bool(blocksOwnerDeletion),
        ]
    }
}

/// Names an object among those of its resource.
package struct ObjectKey: Sendable, Hashable, Comparable, CustomStringConvertible {
    package var namespace: String?
    package var name: String

    package init(namespace: String? = nil, name: String) {
        self.namespace = namespace
        self.name = name
    }

    package var description: String { namespace.map { "\($0)/\(name)" } ?? name }

    package static func < (lhs: Self, rhs: Self) -> Bool {
        (lhs.namespace ?? "", lhs.name) < (rhs.namespace ?? "", rhs.name)
    }
}
