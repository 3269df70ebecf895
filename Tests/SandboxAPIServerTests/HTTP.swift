import AsyncHTTPClient
import KubernetesModel
import NIOCore
import NIOHTTP1

enum Method: String, Sendable {
    case get = "GET"
    case post = "POST"
    case patch = "PATCH"
}

/// What an API server answered.
struct HTTPAnswer: Sendable {
    var code: Int
    /// By lower-case name.
    var headers: [String: String]
    var body: [UInt8]

    var text: String { String(decoding: body, as: UTF8.self) }
    var json: JSONValue { (try? JSONValue(parsing: body)) ?? .null }
}

/// Asks the server on a loopback port.
func ask(
    _ port: Int,
    _ method: Method = .get,
    _ path: String,
    _ body: JSONValue? = nil,
    type: String = "application/json",
    accept: String = "application/json",
    agent: String = "test"
) async throws -> HTTPAnswer {
    var request = HTTPClientRequest(url: "http://127.0.0.1:\(port)\(path)")
    request.method = HTTPMethod(rawValue: method.rawValue)
    request.headers = ["Accept": accept, "User-Agent": agent]
    if let body {
        request.headers.add(name: "Content-Type", value: type)
        request.body = .bytes(body.bytes, length: .known(Int64(body.bytes.count)))
    }
    let response = try await HTTPClient.shared.execute(request, timeout: .seconds(20))
    let bytes = try await response.body.collect(upTo: 1 << 28)
    return HTTPAnswer(
        code: Int(response.status.code),
        headers: Dictionary(
            response.headers.map { ($0.name.lowercased(), $0.value) },
            uniquingKeysWith: { first, _ in first }
        ),
        body: Array(bytes.readableBytesView)
    )
}

/// The events of one watch, one by one.
struct WatchedEvents {
    private var parts: HTTPClientResponse.Body.AsyncIterator
    private var buffer: [UInt8] = []

    init(_ port: Int, _ path: String) async throws {
        let request = HTTPClientRequest(url: "http://127.0.0.1:\(port)\(path)")
        let response = try await HTTPClient.shared.execute(request, timeout: .seconds(20))
        parts = response.body.makeAsyncIterator()
    }

    /// Nil once the server has ended the watch.
    mutating func next() async throws -> JSONValue? {
        while true {
            if let end = buffer.firstIndex(of: UInt8(ascii: "\n")) {
                let line = Array(buffer[..<end])
                buffer.removeFirst(end + 1)
                return try JSONValue(parsing: line)
            }
            guard let more = try await parts.next(isolation: #isolation) else { return nil }
            buffer += Array(more.readableBytesView)
        }
    }
}
