import AsyncHTTPClient
import Foundation
import NIOCore
import NIOFoundationCompat
import NIOHTTP1

/// What one etcd member tells of the objects observed, from a revision on and without a gap: a member remembers what
/// a restarted API server does not, so its watch goes on where it stopped.
///
/// Spoken is etcd's own JSON gateway (`/v3/kv/range`, `/v3/watch`), in which keys and values are base64.
struct MemberHistory: Sendable {
    var events: [SeenEvent] = []
    /// The last revision whose events are all here.
    var revision: Int
    private var objects: [String: WireObject]

    /// Begins with a list.
    init(_ list: MemberList) {
        revision = list.revision
        objects = list.objects.mapValues(\.object)
        events = list.objects.values.map { SeenEvent($0.resource, .listed, $0.object, version: $0.revision) }
    }

    /// A history of the same beginning, without its listed objects twice.
    mutating func append(_ message: EtcdWatchMessage) throws {
        for event in message.events ?? [] {
            guard let key = event.kv.decodedKey, let resource = ObservedResource(key: key) else { continue }
            let version = Int(event.kv.modRevision) ?? 0
            if event.type == "DELETE" {
                guard let last = objects.removeValue(forKey: key) else { continue }
                events.append(SeenEvent(resource, .deleted, last, version: version))
            } else {
                let object = try event.kv.object()
                let isNew = objects.updateValue(object, forKey: key) == nil
                events.append(SeenEvent(resource, isNew ? .added : .modified, object, version: version))
            }
            revision = max(revision, version)
        }
    }

    /// What is there after the last event: key and revision.
    var final: Set<String> {
        var last: [String: String] = [:]
        for event in events {
            let key = "\(event.resource.rawValue) \(event.object.identity)"
            last[key] = event.kind == .deleted ? nil : event.identity
        }
        return Set(last.values)
    }
}

extension ObservedResource {
    init?(key: String) {
        guard let found = Self.allCases.first(where: { key.hasPrefix($0.keys) }) else { return nil }
        self = found
    }
}

/// The observed objects as one member has them at one revision.
struct MemberList: Sendable {
    struct Entry: Sendable {
        var resource: ObservedResource
        var object: WireObject
        var revision: Int
    }

    var revision: Int
    var objects: [String: Entry]

    var final: Set<String> {
        Set(objects.values.map { SeenEvent($0.resource, .listed, $0.object, version: $0.revision).identity })
    }
}

struct EtcdWatchMessage: Decodable, Sendable {
    var created: Bool?
    var canceled: Bool?
    var events: [EtcdEvent]?
}

struct EtcdEvent: Decodable, Sendable {
    var type: String?
    var kv: EtcdKeyValue
}

struct EtcdKeyValue: Decodable, Sendable {
    var key: String
    var modRevision: String
    var value: String?

    private enum CodingKeys: String, CodingKey {
        case key
        case modRevision = "mod_revision"
        case value
    }

    var decodedKey: String? { Data(base64Encoded: key).map { String(decoding: $0, as: UTF8.self) } }

    func object() throws -> WireObject {
        try JSONDecoder().decode(WireObject.self, from: Data(base64Encoded: value ?? "") ?? Data())
    }
}

/// The calls of etcd's gateway that the observer needs.
struct EtcdGateway: Sendable {
    var url: String
    var client: HTTPClient

    private static let everything = ["key": base64("/registry/"), "range_end": base64("/registry0")]

    private static func base64(_ text: String) -> String { Data(text.utf8).base64EncodedString() }

    func list() async throws -> MemberList {
        struct Reply: Decodable {
            struct Header: Decodable { var revision: String }
            var header: Header
            var kvs: [EtcdKeyValue]?
        }
        let response = try await post("/v3/kv/range", Self.everything, timeout: .seconds(10))
        let reply = try JSONDecoder().decode(Reply.self, from: try await response.body.collect(upTo: 256 << 20))
        var list = MemberList(revision: Int(reply.header.revision) ?? 0, objects: [:])
        for pair in reply.kvs ?? [] {
            guard let key = pair.decodedKey, let resource = ObservedResource(key: key) else { continue }
            list.objects[key] = .init(
                resource: resource,
                object: try pair.object(),
                revision: Int(pair.modRevision) ?? 0
            )
        }
        return list
    }

    /// Changes after `revision`, until the member goes down.
    func watch(after revision: Int, _ body: (EtcdWatchMessage) async throws -> Void) async throws {
        struct Line: Decodable { var result: EtcdWatchMessage }
        let request: [String: Any] = [
            "create_request": Self.everything.merging(["start_revision": "\(revision + 1)"]) { $1 }
        ]
        let response = try await post("/v3/watch", request, timeout: .hours(1))
        for try await line in response.body.lines() {
            try await body(try JSONDecoder().decode(Line.self, from: line).result)
        }
    }

    private func post(_ path: String, _ body: [String: Any], timeout: TimeAmount) async throws -> HTTPClientResponse {
        var request = HTTPClientRequest(url: url + path)
        request.method = .POST
        request.body = .bytes(ByteBuffer(data: try JSONSerialization.data(withJSONObject: body)))
        let response = try await client.execute(request, timeout: timeout)
        guard response.status == .ok else { throw UnexpectedStatus(code: Int(response.status.code)) }
        return response
    }
}

extension HTTPClientResponse.Body {
    /// The lines of a body that never ends.
    func lines() -> AsyncThrowingStream<Data, any Error> {
        AsyncThrowingStream { continuation in
            let reading = Task {
                var rest = Data()
                do {
                    for try await chunk in self {
                        rest.append(contentsOf: chunk.readableBytesView)
                        while let end = rest.firstIndex(of: 0x0A) {
                            continuation.yield(Data(rest[rest.startIndex..<end]))
                            rest = Data(rest[rest.index(after: end)...])
                        }
                    }
                    continuation.finish()
                } catch { continuation.finish(throwing: error) }
            }
            continuation.onTermination = { _ in reading.cancel() }
        }
    }
}

struct UnexpectedStatus: Error { var code: Int }
