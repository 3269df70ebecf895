package import KubernetesModel

/// How a patch is to be understood.
package enum PatchType: String, Sendable {
    case json = "application/json-patch+json"
    case merge = "application/merge-patch+json"
    case strategicMerge = "application/strategic-merge-patch+json"
    /// Server-side apply; needs a field manager.
    case apply = "application/apply-patch+yaml"
}

/// What becomes of dependents when an object is deleted.
package enum Propagation: String, Sendable {
    case background = "Background"
    case foreground = "Foreground"
    case orphan = "Orphan"
}

extension KubernetesClient {
    package func get(
        _ resource: Resource,
        _ key: ObjectKey,
        subresource: String? = nil
    ) async throws -> KubernetesObject {
        try await object(Call(.get, resource.path(to: key, subresource: subresource)))
    }

    /// As ``get(_:_:subresource:)``, with nil for an object that is not there.
    package func find(_ resource: Resource, _ key: ObjectKey) async throws -> KubernetesObject? {
        do { return try await get(resource, key) } catch let status as APIStatus where status.isNotFound { return nil }
    }

    /// POST: the object must not be there yet. Its namespace is the one in its metadata.
    package func create(
        _ resource: Resource,
        _ object: KubernetesObject,
        dryRun: Bool = false
    ) async throws -> KubernetesObject {
        var call = Call(.post, resource.path(namespace: object.namespace), query: Self.query(dryRun: dryRun))
        call.body = object.value.bytes
        return try await self.object(call)
    }

    /// PUT of the whole object, or of its subresource. With a resourceVersion it is optimistic (409), and therefore
    /// may be repeated when its fate is unknown: a second time answers 409 at worst.
    package func update(
        _ resource: Resource,
        _ object: KubernetesObject,
        subresource: String? = nil,
        dryRun: Bool = false
    ) async throws -> KubernetesObject {
        let path = resource.path(to: object.key, subresource: subresource)
        var call = Call(.put, path, query: Self.query(dryRun: dryRun))
        call.body = object.value.bytes
        call.isSafeToRepeat = object.resourceVersion != nil
        return try await self.object(call)
    }

    /// PATCH. One that names a resourceVersion in its metadata is optimistic, and may be repeated.
    package func patch(
        _ resource: Resource,
        _ key: ObjectKey,
        type: PatchType,
        body: JSONValue,
        subresource: String? = nil,
        fieldManager: String? = nil,
        dryRun: Bool = false
    ) async throws -> KubernetesObject {
        var query = Self.query(dryRun: dryRun)
        if let fieldManager {
            query.append(("fieldManager", fieldManager))
        } else if type == .apply {
            query.append(("fieldManager", "keelstep"))
        }
        var call = Call(.patch, resource.path(to: key, subresource: subresource), query: query)
        call.contentType = type.rawValue
        call.body = body.bytes
        call.isSafeToRepeat = body["metadata", "resourceVersion"]?.string != nil
        return try await object(call)
    }

    /// DELETE; with a uid it touches only that very object (409 otherwise), and may be repeated.
    /// - Returns: the object as it is while it terminates; nil when the server says no more than that it is done.
    @discardableResult
    package func delete(
        _ resource: Resource,
        _ key: ObjectKey,
        uid: String? = nil,
        gracePeriodSeconds: Int? = nil,
        propagation: Propagation? = nil,
        dryRun: Bool = false
    ) async throws -> KubernetesObject? {
        let options = DeleteOptions(
            uid: uid,
            gracePeriodSeconds: gracePeriodSeconds,
            propagation: propagation,
            dryRun: dryRun
        )
        var call = Call(.delete, resource.path(to: key))
        call.body = options.value.bytes
        call.isSafeToRepeat = uid != nil
        let answer = try await object(call)
        return answer.kind == "Status" ? nil : answer
    }

    /// Any path of the server, with whatever it answers: `/readyz?verbose`, `/metrics`.
    package func raw(
        _ path: String,
        accept: String = "application/json, */*"
    ) async throws -> (status: Int, bytes: [UInt8]) {
        var call = Call(.get, path)
        call.accept = accept
        call.retries = .never
        let answer = try await connection.sendForAnyAnswer(call)
        return (answer.code, answer.body)
    }

    func object(_ call: Call) async throws -> KubernetesObject { KubernetesObject(try await json(call)) }

    func json(_ call: Call) async throws -> JSONValue {
        let answer = try await connection.send(call)
        do {
            return try JSONValue(parsing: answer.body)
        } catch {
            throw ClientError.unintelligibleAnswer(call: call.title, reason: "\(error)")
        }
    }

    static func query(dryRun: Bool) -> [(name: String, value: String)] { dryRun ? [("dryRun", "All")] : [] }
}

/// The body of a DELETE, and part of an eviction's.
struct DeleteOptions {
    var uid: String?
    var gracePeriodSeconds: Int?
    var propagation: Propagation?
    var dryRun = false

    var value: JSONValue {
        var value: JSONValue = ["kind": "DeleteOptions", "apiVersion": "v1"]
        if let uid { value["preconditions"] = ["uid": .string(uid)] }
        if let gracePeriodSeconds { value["gracePeriodSeconds"] = .integer(Int64(gracePeriodSeconds)) }
        if let propagation { value["propagationPolicy"] = .string(propagation.rawValue) }
        if dryRun { value["dryRun"] = ["All"] }
        return value
    }
}

extension Resource {
    func path(to key: ObjectKey, subresource: String? = nil) -> String {
        path(namespace: key.namespace, name: key.name, subresource: subresource)
    }
}
