import AsyncHTTPClient
import Foundation
package import KubernetesModel
import NIOCore
import NIOHTTP1

/// Where a watch begins.
package enum WatchStart: Sendable {
    /// With everything there is: one `added` an object, then a `bookmark`, then what changes.
    case everything
    /// After a list the caller has: only what changes.
    case after(ObjectList)
    /// After a resourceVersion. Should the server have forgotten it, objects unknown to this watch come as `added`.
    case resourceVersion(String)
}

extension KubernetesClient {
    /// Changes to the objects that the selection picks, for as long as somebody listens.
    ///
    /// The watch takes itself up again after time-outs, lost connections and restarts of the server, from where it
    /// was. Where the server has forgotten that point (410), it lists anew and tells the difference as events, so that
    /// nothing is missed, though states between may be. Bookmarks are passed on.
    /// - Throws: `APIStatus` where the server refuses for good (401, 403, 404, 400), ``ClientError`` where a
    ///   connection can never come about (an unknown authority, an expired certificate), or where the first list
    ///   fails.
    package func watch(
        _ resource: Resource,
        _ selection: Selection = Selection(),
        from start: WatchStart = .everything
    ) -> AsyncThrowingStream<WatchEvent, any Error> {
        AsyncThrowingStream { continuation in
            // Ends with the stream: its listener's cancellation or departure cancels it. Nothing is dropped; events
            // wait in memory for a listener slower than the server.
            let task = Task {
                do {
                    try await follow(resource, selection, from: start) { event in
                        if case .terminated = continuation.yield(event) { throw CancellationError() }
                    }
                    continuation.finish()
                } catch {
                    continuation.finish(throwing: error)
                }
            }
            continuation.onTermination = { _ in task.cancel() }
        }
    }

    package func watch(
        _ resource: Resource,
        namespace: String? = nil,
        labelSelector: String? = nil,
        fieldSelector: String? = nil,
        from start: WatchStart = .everything
    ) -> AsyncThrowingStream<WatchEvent, any Error> {
        let selection = Selection(namespace: namespace, labelSelector: labelSelector, fieldSelector: fieldSelector)
        return watch(resource, selection, from: start)
    }

    /// As ``watch(_:_:from:)``, within the caller's task: hands each event to `body` until it throws or the task is
    /// cancelled.
    package func follow(
        _ resource: Resource,
        _ selection: Selection = Selection(),
        from start: WatchStart = .everything,
        _ body: (WatchEvent) async throws -> Void
    ) async throws {
        var state = WatchState()
        switch start {
        case .everything:
            for event in state.relisted(try await list(resource, selection)) { try await body(event) }
        case .after(let list): _ = state.relisted(list)
        case .resourceVersion(let version): state.resourceVersion = version
        }
        var failures = 0
        while true {
            try Task.checkCancellation()
            let trouble: any Error
            do {
                if state.mustRelist {
                    for event in state.relisted(try await list(resource, selection)) { try await body(event) }
                }
                try await stream(resource, selection, state: &state) { event in
                    failures = 0
                    do { try await body(event) } catch { throw ListenerFailure(cause: error) }
                }
                failures += state.sawNothing ? 1 : 0
                trouble = ClientError.connectionLost(call: "watch", reason: "the server ended it")
            } catch let failure as ListenerFailure {
                throw failure.cause
            } catch let status as APIStatus where status.isExpired {
                state.mustRelist = true
                continue
            } catch let status as APIStatus {
                guard status.code == 429 || status.code >= 500 else { throw status }
                failures += 1
                trouble = status
            } catch let error as ClientError {
                guard error.isTransient else { throw error }
                failures += 1
                trouble = error
            }
            guard failures > 0 else { continue }
            let told = (trouble as? APIStatus)?.retryAfterSeconds.map { Duration.seconds($0) }
            try await options.clock.sleep(for: told ?? options.retries.pause(attempt: failures))
        }
    }

    /// One connection's worth of events.
    private func stream(
        _ resource: Resource,
        _ selection: Selection,
        state: inout WatchState,
        _ body: (WatchEvent) async throws -> Void
    ) async throws {
        let seconds = Int.random(in: 240...480)  // spread, so that not all watches come back at once
        var call = Call(.get, resource.path(namespace: selection.namespace), query: selection.query)
        call.query += [
            ("watch", "true"), ("allowWatchBookmarks", "true"), ("timeoutSeconds", String(seconds)),
            ("resourceVersion", state.resourceVersion),
        ]
        state.sawNothing = true
        let response = try await connection.open(call)
        if response.status.code != 200 {
            let bytes = try await response.body.collect(upTo: 1 << 20)
            let retryAfter = response.headers.first(name: "Retry-After").flatMap { Int($0) }
            throw Answer(
                code: Int(response.status.code),
                body: Array(bytes.readableBytesView),
                retryAfter: retryAfter
            ).status
        }
        var lines = LineBuffer()
        do {
            for try await buffer in response.body {
                lines.append(buffer.readableBytesView)
                while let line = lines.next() {
                    guard let event = try state.event(line, title: call.title) else { continue }
                    try await body(event)
                }
            }
        } catch let error where error is HTTPClientError || error is IOError || error is ChannelError {
            if Task.isCancelled { throw CancellationError() }
            throw ClientError.connectionLost(call: call.title, reason: "\(error)")
        }
    }
}

/// An error of the one who listens, kept apart from those of the connection.
private struct ListenerFailure: Error {
    let cause: any Error
}

/// What a watch knows: where it is, and the objects it has told of.
struct WatchState {
    var resourceVersion = ""
    var mustRelist = false
    var sawNothing = true
    private var known: [ObjectKey: KubernetesObject] = [:]

    /// The events that lead from what was known to what the list holds, ending with a bookmark.
    mutating func relisted(_ list: ObjectList) -> [WatchEvent] {
        mustRelist = false
        resourceVersion = list.resourceVersion
        var events: [WatchEvent] = []
        var missing = known
        for object in list.items {
            let key = object.key
            let before = missing.removeValue(forKey: key)
            switch before {
            case nil: events.append(.added(object))
            case let before? where before.uid != object.uid:
                events += [.deleted(Self.at(list.resourceVersion, before)), .added(object)]
            case let before? where before.resourceVersion != object.resourceVersion: events.append(.modified(object))
            default: break
            }
            known[key] = object
        }
        for (key, object) in missing.sorted(by: { $0.key < $1.key }) {
            known[key] = nil
            events.append(.deleted(Self.at(list.resourceVersion, object)))
        }
        events.append(.bookmark(resourceVersion: list.resourceVersion))
        return events
    }

    private static func at(_ resourceVersion: String, _ object: KubernetesObject) -> KubernetesObject {
        var object = object
        object.resourceVersion = resourceVersion
        return object
    }

    /// The event of one line; nil for one that says nothing we know.
    /// - Throws: `APIStatus` for an ERROR event.
    mutating func event(_ line: [UInt8], title: String) throws -> WatchEvent? {
        let value: JSONValue
        do {
            value = try JSONValue(parsing: line)
        } catch {
            throw ClientError.connectionLost(call: title, reason: "an event is cut off or garbled: \(error)")
        }
        guard let inner = value["object"] else { return nil }
        let object = KubernetesObject(inner)
        let type = value["type"]?.string
        if type == "ERROR" {
            throw APIStatus(inner) ?? APIStatus(code: 500, reason: "", message: "the watch failed: \(inner.text)")
        }
        guard let version = object.resourceVersion else { return nil }
        sawNothing = false
        resourceVersion = version
        switch type {
        case "BOOKMARK": return .bookmark(resourceVersion: version)
        case "DELETED":
            known[object.key] = nil
            return .deleted(object)
        case "ADDED", "MODIFIED":
            // What a server sends first as ADDED may be known from before, and the reverse after a forgotten point.
            let isNew = known.updateValue(object, forKey: object.key) == nil
            return isNew && type == "ADDED" ? .added(object) : .modified(object)
        default: return nil
        }
    }
}

/// Splits a stream of bytes at newlines; empty lines are left out.
struct LineBuffer {
    private var bytes: [UInt8] = []
    private var start = 0
    private var scanned = 0

    mutating func append(_ more: some Sequence<UInt8>) {
        if start > 0 {
            bytes.removeFirst(start)
            scanned -= start
            start = 0
        }
        bytes.append(contentsOf: more)
    }

    mutating func next() -> [UInt8]? {
        while let end = bytes[scanned...].firstIndex(of: 0x0A) {
            let line = Array(bytes[start..<end])
            start = end + 1
            scanned = start
            if !line.allSatisfy({ $0 == 0x20 || $0 == 0x0D }) { return line }
        }
        scanned = bytes.count
        return nil
    }
}
