import Foundation
package import KubernetesModel
import NIOCore
import NIOHTTP1
import NIOPosix
import NIOSSL
import Nodes
import Synchronization

/// One request as the stub saw it.
package struct StubRequest: Sendable {
    package var method: String
    /// Without the query.
    package var path: String
    package var query: [String: String]
    package var headers: [String: String]
    package var body: [UInt8]

    package var json: JSONValue? { try? JSONValue(parsing: body) }
    /// `GET /api/v1/pods`.
    package var title: String { "\(method) \(path)" }
    package var isWatch: Bool { query["watch"] == "true" }
}

/// What the stub does with a request.
package enum StubAnswer: Sendable {
    case json(JSONValue, code: Int = 200, headers: [String: String] = [:])
    case text(String, code: Int)
    /// One line each, as they come; the answer ends with the stream.
    case lines(AsyncStream<JSONValue>)
    /// Closes the connection without a word.
    case close
    /// Says nothing for as long as the client stays.
    case hang

    package static func status(
        _ code: Int,
        _ reason: String = "",
        _ message: String = "",
        details: JSONValue? = nil,
        headers: [String: String] = [:]
    ) -> StubAnswer {
        let status = APIStatus(code: code, reason: reason, message: message, details: details)
        return .json(status.value, code: code, headers: headers)
    }

    /// These lines, and then the end; or silence, with `isOpen`.
    package static func lines(_ lines: [JSONValue], isOpen: Bool = false) -> StubAnswer {
        let (stream, continuation) = AsyncStream.makeStream(of: JSONValue.self)
        for line in lines { continuation.yield(line) }
        if isOpen { StubServer.keep(continuation) } else { continuation.finish() }
        return .lines(stream)
    }
}

/// A scripted HTTP server on loopback: small, real sockets, and nothing it was not told to do.
package struct StubServer: Sendable {
    package let url: String
    package let port: Int
    private let record: Record

    private final class Record: Sendable {
        let requests = Mutex<[StubRequest]>([])
    }

    private static let kept = Mutex<[AsyncStream<JSONValue>.Continuation]>([])
    fileprivate static func keep(_ continuation: AsyncStream<JSONValue>.Continuation) {
        kept.withLock { $0.append(continuation) }
    }

    /// Everything that was asked so far, in order.
    package var requests: [StubRequest] { record.requests.withLock { $0 } }
    package var titles: [String] { requests.map(\.title) }

    /// Serves while `body` runs.
    package static func run<Value: Sendable>(
        tls: StubCertificate? = nil,
        answer: @escaping @Sendable (StubRequest) async -> StubAnswer,
        _ body: @escaping @Sendable (StubServer) async throws -> Value
    ) async throws -> Value {
        let context = try tls.map { try NIOSSLContext(configuration: $0.serverSettings()) }
        let channel = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .bind(host: "127.0.0.1", port: 0) { child in
                child.eventLoop.makeCompletedFuture {
                    if let context {
                        try child.pipeline.syncOperations.addHandler(NIOSSLServerHandler(context: context))
                    }
                    try child.pipeline.syncOperations.configureHTTPServerPipeline()
                    return HeldChannel<HTTPServerRequestPart, HTTPServerResponsePart>(
                        try NIOAsyncChannel(wrappingChannelSynchronously: child)
                    )
                }
            }
        let port = channel.channel.localAddress?.port ?? 0
        let server = StubServer(
            url: "\(tls == nil ? "http" : "https")://127.0.0.1:\(port)",
            port: port,
            record: Record()
        )
        return try await withThrowingTaskGroup(of: Value?.self) { group in
            group.addTask {
                try await withThrowingDiscardingTaskGroup { connections in
                    try await channel.executeThenClose { inbound in
                        for try await child in inbound {
                            connections.addTask { try? await server.serve(child, answer) }
                        }
                    }
                }
                return nil
            }
            group.addTask { try await body(server) }
            defer { group.cancelAll() }
            while let value = try await group.next() {
                if let value { return value }
            }
            throw CancellationError()
        }
    }

    private func serve(
        _ channel: HeldChannel<HTTPServerRequestPart, HTTPServerResponsePart>,
        _ answer: @escaping @Sendable (StubRequest) async -> StubAnswer
    ) async throws {
        try await channel.executeThenClose { inbound, outbound in
            var request: StubRequest?
            for try await part in inbound {
                switch part {
                case .head(let head): request = StubRequest(head)
                case .body(let buffer): request?.body += Array(buffer.readableBytesView)
                case .end:
                    guard let whole = request else { return }
                    record.requests.withLock { $0.append(whole) }
                    guard try await write(answer(whole), to: outbound) else { return }
                }
            }
        }
    }

    /// Writes one answer; false where the connection is to be closed.
    private func write(
        _ answer: StubAnswer,
        to outbound: NIOAsyncChannelOutboundWriter<HTTPServerResponsePart>
    ) async throws -> Bool {
        switch answer {
        case .close: return false
        case .hang:
            try await Task.sleep(for: .seconds(600))  // until the test ends, which cancels it
            return false
        case .json(let value, let code, let headers):
            try await write(value.bytes, "application/json", code, headers, to: outbound)
        case .text(let text, let code): try await write(Array(text.utf8), "text/plain", code, [:], to: outbound)
        case .lines(let lines):
            var head = HTTPResponseHead(version: .http1_1, status: .ok)
            head.headers.add(name: "Content-Type", value: "application/json")
            head.headers.add(name: "Transfer-Encoding", value: "chunked")
            try await outbound.write(.head(head))
            for await line in lines {
                try await outbound.write(.body(.byteBuffer(ByteBuffer(bytes: line.bytes + [0x0A]))))
            }
            try Task.checkCancellation()
            try await outbound.write(.end(nil))
        }
        return true
    }

    private func write(
        _ bytes: [UInt8],
        _ type: String,
        _ code: Int,
        _ headers: [String: String],
        to outbound: NIOAsyncChannelOutboundWriter<HTTPServerResponsePart>
    ) async throws {
        var head = HTTPResponseHead(version: .http1_1, status: .init(statusCode: code))
        head.headers.add(name: "Content-Type", value: type)
        head.headers.add(name: "Content-Length", value: String(bytes.count))
        for (name, value) in headers { head.headers.add(name: name, value: value) }
        try await outbound.write(
            contentsOf: [.head(head), .body(.byteBuffer(ByteBuffer(bytes: bytes))), .end(nil)]
        )
    }
}

extension StubRequest {
    fileprivate init(_ head: HTTPRequestHead) {
        let halves = head.uri.split(separator: "?", maxSplits: 1)
        var query: [String: String] = [:]
        for pair in halves.count == 2 ? halves[1].split(separator: "&") : [] {
            let sides = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            query[String(sides[0])] = sides.count == 2 ? String(sides[1]).removingPercentEncoding ?? "" : ""
        }
        method = head.method.rawValue
        path = String(halves.first ?? "/")
        self.query = query
        headers = Dictionary(head.headers.map { ($0.name.lowercased(), $0.value) }, uniquingKeysWith: { $1 })
        body = []
    }
}
