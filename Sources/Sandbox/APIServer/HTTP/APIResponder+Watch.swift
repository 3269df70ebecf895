import HTTPTypes
import Hummingbird
import KubernetesModel
import KubernetesVersions
import NIOCore

/// GET with `watch=true`: a stream of events, one JSON line each.
extension APIResponder {
    func watch(_ call: APICall, _ served: ServedResource) async throws -> Response {
        let info = call.info
        let selection = try Selection(info, served)
        guard let form = call.acceptance.best else { throw APIStatus.notAcceptable() }
        let start = try await start(of: call)
        let watch = try registry.cache.watch(
            served.storagePath,
            namespace: info.namespace,
            name: info.name ?? selection.name,
            from: start,
            bookmarks: info.flag("allowWatchBookmarks")
        )
        let included = try included(call)
        let seconds = info.number("timeoutSeconds").flatMap { $0 > 0 ? $0 : nil } ?? Int.random(in: 1800...3600)
        let body = ResponseBody { writer in
            var events = EventWriter(
                responder: self,
                served: served,
                selection: selection,
                form: form,
                include: included
            )
            // What closes the connection, or takes too long, ends the watch, and with it this loop.
            try await withThrowingDiscardingTaskGroup { group in
                group.addTask {
                    try? await Task.sleep(for: .seconds(seconds))
                    watch.end()
                }
                try await call.request.body.consumeWithInboundCloseHandler { _ in
                    try await writer.write(ByteBuffer())
                    do {
                        for try await notice in watch.notices {
                            if let line = events.line(for: notice) { try await writer.write(ByteBuffer(bytes: line)) }
                        }
                    } catch let failure as APIStatus {
                        try await writer.write(ByteBuffer(bytes: EventWriter.line("ERROR", failure.value.bytes)))
                    }
                    try await writer.finish(nil)  // before the inbound side is given up, which closes the connection
                } onInboundClosed: {
                    watch.end()
                }
                group.cancelAll()
            }
        }
        return Response(
            status: .ok,
            headers: [.contentType: "application/json", .connection: "close"],
            body: body
        )
    }

    private func start(of call: APICall) async throws -> WatchCache.WatchStart {
        let info = call.info
        let asked = info.query["resourceVersion"] ?? ""
        guard let revision = Int64(asked.isEmpty ? "0" : asked), revision >= 0 else {
            throw APIStatus.badRequest("Invalid value: \"\(asked)\": resourceVersion must be a number")
        }
        if let wanted = info.query["sendInitialEvents"] {
            guard servesWatchLists else {
                throw APIStatus.invalid(
                    GroupVersionKind(apiVersion: "meta.k8s.io/v1", kind: "ListOptions"),
                    name: "",
                    [
                        (
                            "sendInitialEvents",
                            "Forbidden: sendInitialEvents is forbidden for watch unless the WatchList feature gate is "
                                + "enabled", "FieldValueForbidden"
                        )
                    ]
                )
            }
            if wanted == "true" {
                if revision > 0 { try await registry.cache.reach(revision) } else { try await registry.cache.catchUp() }
                return .initialObjectsAndMark
            }
            return .after(revision == 0 ? registry.cache.revision : revision)
        }
        guard revision == 0 else { return .after(revision) }
        if asked.isEmpty { try await registry.cache.catchUp() } else { try await registry.cache.reach(0) }
        return .initialObjects
    }

    /// On in 1.32, off again in 1.33, on from 1.34.
    private var servesWatchLists: Bool {
        let version = registry.catalog.version
        return version == MinorVersion(1, 32) || version >= MinorVersion(1, 34)
    }
}

/// Writes the events of one watch: which of them concern it, and in which form.
private struct EventWriter {
    let responder: APIResponder
    let served: ServedResource
    let selection: Selection
    let form: Acceptance.Form
    let include: IncludedObject
    var hasShownColumns = false

    init(
        responder: APIResponder,
        served: ServedResource,
        selection: Selection,
        form: Acceptance.Form,
        include: IncludedObject
    ) {
        self.responder = responder
        self.served = served
        self.selection = selection
        self.form = form
        self.include = include
    }

    mutating func line(for notice: CacheNotice) -> [UInt8]? {
        switch notice {
        case .event(let event):
            guard let (type, object) = told(event) else { return nil }
            return Self.line(type, content(object))
        case .bookmark(let revision): return Self.line("BOOKMARK", bookmark(revision, isMark: false))
        case .initialEventsEnd(let revision): return Self.line("BOOKMARK", bookmark(revision, isMark: true))
        }
    }

    /// What a change is to somebody who sees only the selected objects.
    private func told(_ event: CacheEvent) -> (type: String, object: CachedObject)? {
        if selection.selectsAll {
            switch event.kind {
            case .added: return ("ADDED", event.current)
            case .modified: return ("MODIFIED", event.current)
            case .deleted: return ("DELETED", event.current)
            }
        }
        let matched = event.previous.map { selection.matches($0.object) } ?? false
        let matches = event.kind != .deleted && selection.matches(event.current.object)
        switch (matched, matches) {
        case (false, true): return ("ADDED", event.current)
        case (true, true): return ("MODIFIED", event.current)
        case (true, false):
            if event.kind == .deleted { return ("DELETED", event.current) }
            return event.previous.map { ("DELETED", $0.deleted(at: event.revision)) }
        case (false, false): return nil
        }
    }

    private mutating func content(_ object: CachedObject) -> [UInt8] {
        switch form {
        case .table(let version):
            let table = Table.of(kind: served.kind)
                .document(
                    [responder.shown(object, served)],
                    version: version,
                    metadata: ["resourceVersion": .string(String(object.revision))],
                    include: include,
                    withColumns: !hasShownColumns,
                    now: responder.registry.now()
                )
            hasShownColumns = true
            return table.bytes
        case .partialMetadata: return Table.partial(object.object).bytes
        default: return responder.json(object, served)
        }
    }

    private func bookmark(_ revision: Int64, isMark: Bool) -> [UInt8] {
        var metadata: JSONValue = ["resourceVersion": .string(String(revision)), "creationTimestamp": .null]
        if isMark { metadata["annotations"] = ["k8s.io/initial-events-end": "true"] }
        let value: JSONValue = [
            "kind": .string(served.kind), "apiVersion": .string(served.resource.groupVersion.description),
            "metadata": metadata,
        ]
        return value.bytes
    }

    static func line(_ type: String, _ object: [UInt8]) -> [UInt8] {
        var line = Array("{\"type\":\"\(type)\",\"object\":".utf8)
        line += object
        line += [UInt8(ascii: "}"), UInt8(ascii: "\n")]
        return line
    }
}
