package import KubernetesModel

/// Objects of one resource, all as of one resourceVersion.
package struct ObjectList: Sendable, Hashable {
    package var items: [KubernetesObject]
    package var resourceVersion: String

    package init(items: [KubernetesObject], resourceVersion: String) {
        self.items = items
        self.resourceVersion = resourceVersion
    }
}

/// Which objects of a resource are meant.
package struct Selection: Sendable, Hashable {
    package var namespace: String?
    package var labelSelector: String?
    package var fieldSelector: String?

    package init(namespace: String? = nil, labelSelector: String? = nil, fieldSelector: String? = nil) {
        self.namespace = namespace
        self.labelSelector = labelSelector
        self.fieldSelector = fieldSelector
    }

    var query: [(name: String, value: String)] {
        var query: [(name: String, value: String)] = []
        if let labelSelector, !labelSelector.isEmpty { query.append(("labelSelector", labelSelector)) }
        if let fieldSelector, !fieldSelector.isEmpty { query.append(("fieldSelector", fieldSelector)) }
        return query
    }
}

extension KubernetesClient {
    /// All objects of the resource that the selectors pick, fetched `chunk` at a time. Zero fetches them at once.
    package func list(
        _ resource: Resource,
        namespace: String? = nil,
        labelSelector: String? = nil,
        fieldSelector: String? = nil,
        chunk: Int = 500
    ) async throws -> ObjectList {
        let selection = Selection(namespace: namespace, labelSelector: labelSelector, fieldSelector: fieldSelector)
        return try await list(resource, selection, chunk: chunk)
    }

    package func list(_ resource: Resource, _ selection: Selection, chunk: Int = 500) async throws -> ObjectList {
        var result = ObjectList(items: [], resourceVersion: "")
        var token: String?
        repeat {
            var call = Call(.get, resource.path(namespace: selection.namespace), query: selection.query)
            if chunk > 0 { call.query.append(("limit", String(chunk))) }
            if let token { call.query.append(("continue", token)) }
            let page: JSONValue
            do {
                page = try await json(call)
            } catch let status as APIStatus where status.isExpired && token != nil {
                // The server no longer knows the state that the first page showed: everything at once, as it is now.
                return try await list(resource, selection, chunk: 0)
            }
            guard let items = page["items"]?.array ?? (page["items"] == nil || page["items"] == .null ? [] : nil)
            else { throw ClientError.unintelligibleAnswer(call: call.title, reason: "its items are no list") }
            for item in items { result.items.append(Self.typed(item, as: resource)) }
            result.resourceVersion = page["metadata", "resourceVersion"]?.string ?? result.resourceVersion
            token = page["metadata", "continue"]?.string.flatMap { $0.isEmpty ? nil : $0 }
        } while token != nil
        return result
    }

    /// Items of a list do not say what they are; we do.
    private static func typed(_ item: JSONValue, as resource: Resource) -> KubernetesObject {
        var item = item
        if item["kind"] == nil { item["kind"] = .string(resource.kind) }
        if item["apiVersion"] == nil { item["apiVersion"] = .string(resource.groupVersion.description) }
        return KubernetesObject(item)
    }
}
