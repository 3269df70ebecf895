import NIOCore
import Nodes
import Testing

/// A reader of these bytes, which come in pieces of the given size.
private func reader(_ bytes: [UInt8], pieces: Int = .max) -> ByteStreamReader {
    let (stream, source) = NIOAsyncChannelInboundStream<ByteBuffer>.makeTestingStream()
    var rest = bytes[...]
    while !rest.isEmpty {
        source.yield(ByteBuffer(bytes: rest.prefix(pieces)))
        rest = rest.dropFirst(pieces)
    }
    source.finish()
    return ByteStreamReader(stream)
}

private func framed(_ header: String, _ body: [UInt8] = []) -> [UInt8] {
    let count = UInt32(header.utf8.count)
    return (0..<4).map { UInt8(truncatingIfNeeded: count >> (24 - 8 * $0)) } + Array(header.utf8) + body
}

@Suite struct `a message of a node's socket` {
    private static let requests: [NodeSocketRequest] = [
        .run(Command("true")),
        .run(
            Command(
                "tee",
                "/etc/ü \n",
                "",
                environment: ["A": "b=c", "": ""],
                input: Array(0...255) + Array("{}".utf8),
                isSecret: true
            )
        ), .forward(host: "127.0.0.1", port: 2379), .forward(host: "::1", port: 65535),
    ]

    private static let replies: [NodeSocketReply] = [
        .finished(CommandResult(exitCode: 0)),
        .finished(CommandResult(exitCode: 255, output: Array(0...255), errorOutput: [0, 10, 255])), .forwarding,
        .refused("connection refused: \"no\""),
    ]

    @Test(arguments: requests, [1, 3, .max]) func `that asks is read as it was sent`(
        request: NodeSocketRequest,
        pieces: Int
    ) async throws {
        var reader = reader(request.bytes, pieces: pieces)
        #expect(try await NodeSocketRequest(from: &reader) == request)
        #expect(try await reader.next() == nil)
    }

    @Test(arguments: replies, [1, 3, .max]) func `that answers is read as it was sent`(
        reply: NodeSocketReply,
        pieces: Int
    ) async throws {
        var reader = reader(reply.bytes + [1, 2, 3], pieces: pieces)
        #expect(try await NodeSocketReply(from: &reader) == reply)
        // What follows belongs to the stream that was asked for.
        var rest: [UInt8] = []
        while let chunk = try await reader.next() { rest += Array(buffer: chunk) }
        #expect(rest == [1, 2, 3])
    }

    @Test(arguments: requests) func `that was cut is told from a whole one`(request: NodeSocketRequest) async throws {
        for length in 0..<request.bytes.count {
            var reader = reader(Array(request.bytes.prefix(length)))
            let error = await #expect(throws: NodeSocketError.self) { _ = try await NodeSocketRequest(from: &reader) }
            guard case .ended = error else {
                Issue.record("\(length): \(String(describing: error))")
                return
            }
        }
    }

    @Test(
        arguments: [
            [0, 0, 0, 0], [0, 0, 0, 1, 0x7B], [0xFF, 0xFF, 0xFF, 0xFF], [0, 0x10, 0, 1], framed("not json"),
            framed("[]"),
            framed("{}"), framed(#"{"version":2,"request":"run","arguments":["true"],"input":0}"#),
            framed(#"{"version":1,"request":"run","arguments":[],"input":0}"#),
            framed(#"{"version":1,"request":"run","arguments":"true","input":0}"#),
            framed(#"{"version":1,"request":"run","arguments":["true"]}"#),
            framed(#"{"version":1,"request":"run","arguments":["true"],"input":-1}"#),
            framed(#"{"version":1,"request":"run","arguments":["true"],"input":9223372036854775807}"#),
            framed(#"{"version":1,"request":"run","arguments":["true"],"input":1073741825}"#),
            framed(#"{"version":1,"request":"run","arguments":["true"],"input":1.5}"#),
            framed(#"{"version":1,"request":"forward","host":"h","port":0}"#),
            framed(#"{"version":1,"request":"forward","host":"h","port":65536}"#),
            framed(#"{"version":1,"request":"forward","port":1}"#), framed(#"{"version":1,"request":"dance"}"#),
        ] as [[UInt8]]
    ) func `that asks nonsense is refused`(bytes: [UInt8]) async throws {
        var reader = reader(bytes)
        let error = await #expect(throws: NodeSocketError.self) { _ = try await NodeSocketRequest(from: &reader) }
        guard case .malformed = error else {
            Issue.record("\(String(describing: error))")
            return
        }
    }

    @Test(
        arguments: [
            framed("{}"), framed(#"{"reply":"finished","exitCode":256,"output":0,"errorOutput":0}"#),
            framed(#"{"reply":"finished","exitCode":-1,"output":0,"errorOutput":0}"#),
            framed(#"{"reply":"finished","exitCode":0,"output":0}"#),
            framed(#"{"reply":"finished","exitCode":0,"output":-5,"errorOutput":0}"#), framed(#"{"reply":"perhaps"}"#),
        ] as [[UInt8]]
    ) func `that answers nonsense is refused`(bytes: [UInt8]) async throws {
        var reader = reader(bytes)
        let error = await #expect(throws: NodeSocketError.self) { _ = try await NodeSocketReply(from: &reader) }
        guard case .malformed = error else {
            Issue.record("\(String(describing: error))")
            return
        }
    }
}
