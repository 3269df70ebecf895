import HTTPTypes
import Hummingbird
import KubernetesModel
import KubernetesVersions

/// POST, PUT, PATCH and DELETE.
extension APIResponder {
    func mutate(_ call: APICall, _ served: ServedResource, _ subresource: Subresource?) async throws -> Response {
        let body = try await call.body()
        guard faults.hasHooks else { return try await change(call, served, subresource, body) }
        let request = MutatingRequest(
            userAgent: call.userAgent,
            method: call.info.method,
            path: call.request.head.path ?? call.info.path,
            body: Self.readable(call.contentType, body)
        )
        if await faults.isDropped(before: request) { throw APIStatus.unavailable("the client was killed") }
        let response: Response
        do { response = try await change(call, served, subresource, body) } catch {
            // A refusal is an effect too: the client would have learnt of it.
            if await faults.isDropped(after: request) { throw APIStatus.unavailable("the client was killed") }
            throw error
        }
        if await faults.isDropped(after: request) { throw APIStatus.unavailable("the client was killed") }
        return response
    }

    private static func readable(_ contentType: String, _ body: [UInt8]) -> JSONValue {
        if contentType == "application/vnd.kubernetes.protobuf" {
            return (try? RequestBody.object(contentType: contentType, body).value) ?? .null
        }
        return (try? JSONValue(parsing: body)) ?? .null
    }

    private func change(
        _ call: APICall,
        _ served: ServedResource,
        _ subresource: Subresource?,
        _ body: [UInt8]
    ) async throws -> Response {
        switch call.info.verb {
        case "create": return try await create(call, served, subresource, body)
        case "update":
            guard call.info.name != nil else { throw APIStatus.methodNotAllowed }
            return try await update(call, served, subresource, body)
        case "patch":
            guard call.info.name != nil else { throw APIStatus.methodNotAllowed }
            return try await patch(call, served, subresource, body)
        case "delete": return try await delete(call, served, body)
        case "deletecollection": return try await deleteCollection(call, served, body)
        default: throw APIStatus.methodNotAllowed
        }
    }

    private func create(
        _ call: APICall,
        _ served: ServedResource,
        _ subresource: Subresource?,
        _ body: [UInt8]
    ) async throws -> Response {
        let given = try RequestBody.object(contentType: call.contentType, body)
        let options = try call.writeOptions()
        switch subresource {
        case .eviction?:
            try await registry.evict(call.key, given, dryRun: call.info.query["dryRun"])
            return Answer.success(status: 201)
        case .binding?:
            let node = given["target", "name"]?.string ?? ""
            try await registry.bind(served, call.key, uid: given.uid, to: node, dryRun: options.isDryRun)
            return Answer.success(status: 201)
        case nil: break
        default: throw APIStatus.methodNotAllowed
        }
        guard call.info.name == nil else { throw APIStatus.methodNotAllowed }
        let warnings = try check(fields: given, body, options)
        let created = try await registry.create(served, namespace: call.info.namespace, given, options: options)
        return warned(try object(created, served, call, status: 201), warnings)
    }

    private func update(
        _ call: APICall,
        _ served: ServedResource,
        _ subresource: Subresource?,
        _ body: [UInt8]
    ) async throws -> Response {
        let given = try RequestBody.object(contentType: call.contentType, body)
        let options = try call.writeOptions()
        if subresource == .scale {
            let changed = try await registry.setScale(served, call.key, given, dryRun: options.isDryRun)
            return Answer.value(registry.scale(of: changed.object).value)
        }
        let warnings = try check(fields: given, body, options)
        // Some kinds may come into being by an update.
        if subresource == nil, ["Lease", "Event", "Endpoints"].contains(served.kind), given.resourceVersion == nil,
            try await registry.find(served, call.key) == nil
        {
            let created = try await registry.create(served, namespace: call.info.namespace, given, options: options)
            return try object(created, served, call, status: 201)
        }
        let updated = try await registry.update(served, call.key, given, subresource: subresource, options: options)
        return warned(try object(updated, served, call), warnings)
    }

    private func patch(
        _ call: APICall,
        _ served: ServedResource,
        _ subresource: Subresource?,
        _ body: [UInt8]
    ) async throws -> Response {
        let options = try call.writeOptions()
        let patch = try Patch(contentType: call.contentType, body: body)
        var warnings: [String] = []
        switch patch {
        case .apply(let value), .merge(let value), .strategic(let value):
            if subresource == nil {
                var whole = KubernetesObject(value)
                whole["kind"] = .string(served.kind)
                whole["apiVersion"] = .string(served.resource.groupVersion.description)
                warnings = try check(fields: whole, body, options)
            }
        case .json: break
        }
        let (changed, isCreated) = try await registry.patch(
            served,
            call.key,
            patch,
            subresource: subresource,
            options: options
        )
        if subresource == .scale { return Answer.value(registry.scale(of: changed.object).value) }
        return warned(try object(changed, served, call, status: isCreated ? 201 : 200), warnings)
    }

    /// Field validation: refuses unknown fields, or returns them as warnings.
    private func check(
        fields object: KubernetesObject,
        _ body: [UInt8],
        _ options: WriteOptions
    ) throws(APIStatus) -> [String] {
        guard options.fieldValidation != .ignore else { return [] }
        let problems = KnownFields.unknown(in: object, minor: registry.catalog.version.minor)
            .filter { !$0.contains("$") }  // directives of a strategic merge patch
            .map { "unknown field \"\($0)\"" }
        guard !problems.isEmpty else { return [] }
        if options.fieldValidation == .warn { return problems }
        throw .badRequest(
            "\(object.kind) in version \"\(object.groupVersionKind.groupVersion.version)\" cannot be handled as a "
                + "\(object.kind): strict decoding error: \(problems.joined(separator: ", "))"
        )
    }

    private func warned(_ response: Response, _ warnings: [String]) -> Response {
        var response = response
        for warning in warnings {
            let text = warning.split(separator: "\"", omittingEmptySubsequences: false).joined(separator: "\\\"")
            response.headers.append(HTTPField(name: .warningText, value: "299 - \"\(text)\""))
        }
        return response
    }

    // MARK: Deletion

    private func options(_ call: APICall, _ body: [UInt8]) throws(APIStatus) -> DeleteOptions {
        var value: JSONValue?
        if !body.isEmpty { value = try RequestBody.object(contentType: call.contentType, body).value }
        var options = try DeleteOptions(value)
        if value?["gracePeriodSeconds"] == nil { options.gracePeriodSeconds = call.info.number("gracePeriodSeconds") }
        if value?["propagationPolicy"] == nil, let policy = call.info.query["propagationPolicy"] {
            options.propagation = DeleteOptions.Propagation(rawValue: policy) ?? .background
        }
        if try call.writeOptions().isDryRun { options.isDryRun = true }
        return options
    }

    private func delete(_ call: APICall, _ served: ServedResource, _ body: [UInt8]) async throws -> Response {
        let options = try options(call, body)
        switch try await registry.delete(served, call.key, options: options) {
        case .terminating(let left): return try object(left, served, call)
        case .removed(let last):
            if served.resource == .pods { return try object(last, served, call) }
            return Answer.success(
                details: [
                    "name": .string(last.object.name), "group": .string(served.resource.groupVersion.group),
                    "kind": .string(served.plural), "uid": .string(last.object.uid),
                ]
            )
        }
    }

    private func deleteCollection(_ call: APICall, _ served: ServedResource, _ body: [UInt8]) async throws -> Response {
        let options = try options(call, body)
        let selection = try Selection(call.info, served)
        let (all, revision) = try await registry.list(served, namespace: call.info.namespace)
        var deleted: [JSONValue] = []
        for object in all where selection.selectsAll || selection.matches(object.object) {
            let outcome: DeleteOutcome
            do { outcome = try await registry.delete(served, object.object.key, options: options) } catch {
                if error.isNotFound { continue }
                throw error
            }
            switch outcome {
            case .removed(let last), .terminating(let last): deleted.append(shown(last, served).value)
            }
        }
        return Answer.value([
            "kind": .string("\(served.kind)List"), "apiVersion": .string(served.resource.groupVersion.description),
            "metadata": ["resourceVersion": .string(String(revision))], "items": .array(deleted),
        ])
    }
}
