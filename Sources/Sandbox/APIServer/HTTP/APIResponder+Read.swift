import HTTPTypes
import Hummingbird
import KubernetesModel
import NIOCore
import Synchronization

/// GET: one object, or many.
extension APIResponder {
    func get(_ call: APICall, _ served: ServedResource, _ subresource: Subresource?) async throws -> Response {
        switch subresource {
        case nil, .status?, .resize?, .ephemeralContainers?, .approval?:
            let found = try await registry.get(served, call.key)
            return try object(found, served, call)
        case .scale?:
            let found = try await registry.get(served, call.key)
            return Answer.value(registry.scale(of: found.object).value)
        case .log?:
            _ = try await registry.get(served, call.key)
            return Answer.text("")
        case .exec?, .attach?, .portForward?:
            throw APIStatus(code: 501, reason: "NotImplemented", message: "the sandbox runs no containers")
        default: throw APIStatus.noSuchPath
        }
    }

    /// An object in the form the client asked for.
    func object(
        _ object: CachedObject,
        _ served: ServedResource,
        _ call: APICall,
        status: Int = 200
    ) throws(APIStatus) -> Response {
        switch call.acceptance.best {
        case nil: throw .notAcceptable()
        case .table(let version)?:
            let metadata: JSONValue = ["resourceVersion": .string(String(object.revision))]
            let table = Table.of(kind: served.kind)
                .document(
                    [object.object],
                    version: version,
                    metadata: metadata,
                    include: try included(call),
                    now: registry.now()
                )
            return Answer.value(table, status: status)
        case .partialMetadata?: return Answer.value(Table.partial(object.object), status: status)
        case .yaml?:
            var response = Answer.text(YAML.text(shown(object, served).value), status: status)
            response.headers[.contentType] = "application/yaml"
            return response
        default: return Answer.json(json(object, served), status: status)
        }
    }

    func included(_ call: APICall) throws(APIStatus) -> IncludedObject {
        guard let name = call.info.query["includeObject"] else { return .metadata }
        guard let included = IncludedObject(rawValue: name) else {
            throw .badRequest("unrecognized includeObject value: \(name)")
        }
        return included
    }

    /// The object in the version it is asked for by.
    func shown(_ object: CachedObject, _ served: ServedResource) -> KubernetesObject {
        var value = object.object
        guard served.resource.groupVersion != served.storedVersion else { return value }
        value["apiVersion"] = .string(served.resource.groupVersion.description)
        return value
    }

    func json(_ object: CachedObject, _ served: ServedResource) -> [UInt8] {
        served.resource.groupVersion == served.storedVersion ? object.json : shown(object, served).value.bytes
    }

    // MARK: Lists

    func list(_ call: APICall, _ served: ServedResource) async throws -> Response {
        let info = call.info
        if info.query["sendInitialEvents"] != nil {
            throw APIStatus.invalid(
                GroupVersionKind(apiVersion: "meta.k8s.io/v1", kind: "ListOptions"),
                name: "",
                [
                    (
                        "sendInitialEvents", "Forbidden: sendInitialEvents is forbidden for list",
                        "FieldValueForbidden"
                    )
                ]
            )
        }
        let selection = try Selection(info, served)
        let page = try await page(call, served, selection)
        guard let form = call.acceptance.best else { throw APIStatus.notAcceptable() }
        var metadata: JSONValue = ["resourceVersion": .string(String(page.revision))]
        if let token = page.next {
            metadata["continue"] = .string(token)
            if selection.selectsAll { metadata["remainingItemCount"] = .integer(Int64(page.remaining)) }
        }
        switch form {
        case .table(let version):
            let table = Table.of(kind: served.kind)
                .document(
                    page.objects.map { shown($0, served) },
                    version: version,
                    metadata: metadata,
                    include: try included(call),
                    now: registry.now()
                )
            return Answer.value(table)
        case .partialMetadata:
            return Answer.value([
                "kind": "PartialObjectMetadataList", "apiVersion": "meta.k8s.io/v1", "metadata": metadata,
                "items": .array(page.objects.map { Table.partial($0.object) }),
            ])
        default: return listed(page.objects, served, metadata)
        }
    }

    /// A list as JSON, written piece by piece so that a large one is never held whole.
    private func listed(_ objects: [CachedObject], _ served: ServedResource, _ metadata: JSONValue) -> Response {
        let head =
            "{\"apiVersion\":\"\(served.resource.groupVersion)\",\"items\":["
        let tail = "],\"kind\":\"\(served.kind)List\",\"metadata\":\(metadata.text)}\n"
        let body = ResponseBody { [self] writer in
            var buffer = ByteBuffer(string: head)
            for (index, object) in objects.enumerated() {
                if index > 0 { buffer.writeInteger(UInt8(ascii: ",")) }
                buffer.writeBytes(json(object, served))
                if buffer.readableBytes > 1 << 18 {
                    try await writer.write(buffer)
                    buffer.clear()
                }
            }
            buffer.writeString(tail)
            try await writer.write(buffer)
            try await writer.finish(nil)
        }
        return Response(status: .ok, headers: [.contentType: "application/json"], body: body)
    }

    private struct Page {
        var objects: [CachedObject]
        var revision: Int64
        var next: String?
        var remaining = 0
    }

    private func page(_ call: APICall, _ served: ServedResource, _ selection: Selection) async throws -> Page {
        let info = call.info
        let limit = info.number("limit") ?? 0
        if let token = info.query["continue"], !token.isEmpty {
            guard let place = Continuations.Place(token: token) else {
                throw APIStatus.badRequest("continue key is not valid")
            }
            if let whole = continuations.find(place.revision, served.storagePath, info.namespace) {
                return cut(whole, served, call, selection, at: place.revision, after: place.last, limit: limit)
            }
            let older = try await registry.list(served, namespace: info.namespace, at: place.revision)
            return cut(older, served, call, selection, at: place.revision, after: place.last, limit: limit)
        }
        let (objects, revision) = try await consistent(call, served)
        return cut(objects, served, call, selection, at: revision, after: nil, limit: limit)
    }

    /// The objects to list at the resourceVersion asked for.
    private func consistent(
        _ call: APICall,
        _ served: ServedResource
    ) async throws -> (objects: [CachedObject], revision: Int64) {
        let info = call.info
        let match = info.query["resourceVersionMatch"] ?? ""
        let asked = info.query["resourceVersion"] ?? ""
        if asked.isEmpty {
            guard match.isEmpty else {
                throw APIStatus.badRequest("resourceVersionMatch is forbidden unless resourceVersion is provided")
            }
            return try await registry.list(served, namespace: info.namespace)
        }
        guard let revision = Int64(asked), revision >= 0 else {
            throw APIStatus.badRequest("Invalid value: \"\(asked)\": resourceVersion must be a number")
        }
        if match == "Exact" {
            guard revision > 0 else { throw APIStatus.badRequest("resourceVersionMatch Exact needs a resourceVersion") }
            return (try await registry.list(served, namespace: info.namespace, at: revision), revision)
        }
        try await registry.cache.reach(revision)
        return registry.cache.list(served.storagePath, namespace: info.namespace)
    }

    /// The selected objects after `last`, at most `limit`; what remains is kept for the next page.
    private func cut(
        _ whole: [CachedObject],
        _ served: ServedResource,
        _ call: APICall,
        _ selection: Selection,
        at revision: Int64,
        after last: String?,
        limit: Int
    ) -> Page {
        var rest = whole[...]
        if let last { rest = rest.drop { Continuations.order($0.key) <= Continuations.order(last) } }
        guard limit > 0 else {
            let selected = selection.selectsAll ? Array(rest) : rest.filter { selection.matches($0.object) }
            return Page(objects: selected, revision: revision)
        }
        var page = Page(objects: [], revision: revision)
        var index = rest.startIndex
        while index < rest.endIndex, page.objects.count < limit {
            if selection.selectsAll || selection.matches(rest[index].object) { page.objects.append(rest[index]) }
            index += 1
        }
        page.remaining = rest.endIndex - index
        if page.remaining > 0, let end = page.objects.last {
            continuations.keep(whole, revision, served.storagePath, call.info.namespace)
            page.next = Continuations.Place(revision: revision, last: end.key).token
        }
        return page
    }
}
