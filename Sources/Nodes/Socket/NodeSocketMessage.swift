package import KubernetesModel

/// The messages of a node's Unix socket (docs/node-socket.md): one request a connection.
///
///     ┌─────────────────────┬──────────────────────┬───────────────────────────────┐
///     │ length N, 4 bytes,  │ header: N bytes of   │ body: as many bytes as the    │
///     │ big-endian          │ JSON                 │ header says                   │
///     └─────────────────────┴──────────────────────┴───────────────────────────────┘
package enum NodeSocketMessage {
    package static let version: Int64 = 1
    /// A header longer than this is refused before it is read.
    package static let longestHeader = 1 << 20
    /// So is a body (a command's input, or one of its outputs).
    package static let longestBody = 1 << 30

    package static func bytes(header: JSONValue, body: [UInt8] = []) -> [UInt8] {
        let header = header.bytes
        let length = UInt32(clamping: header.count)
        return (0..<4).map { UInt8(truncatingIfNeeded: length >> (24 - 8 * $0)) } + header + body
    }

    /// - Throws: ``NodeSocketError/malformed(_:)`` for a length out of bounds.
    package static func headerLength(_ bytes: some Collection<UInt8>) throws(NodeSocketError) -> Int {
        let length = bytes.reduce(0) { $0 << 8 | Int($1) }
        guard (2...longestHeader).contains(length) else { throw .malformed("a header of \(length) bytes") }
        return length
    }

    package static func header(_ bytes: [UInt8]) throws(NodeSocketError) -> JSONValue {
        do { return try JSONValue(parsing: bytes) } catch { throw .malformed("\(error)") }
    }

    static func length(_ value: JSONValue?) throws(NodeSocketError) -> Int {
        guard let length = value?.int, (0...longestBody).contains(length) else {
            throw .malformed("a body of \(value?.text ?? "no") bytes")
        }
        return length
    }
}

/// What a client asks of a node.
package enum NodeSocketRequest: Sendable, Hashable {
    case run(Command)
    case forward(host: String, port: Int)

    package var bytes: [UInt8] {
        var header: JSONValue = ["version": .integer(NodeSocketMessage.version)]
        switch self {
        case .run(let command):
            header["request"] = "run"
            header["arguments"] = JSONValue(command.arguments)
            header["environment"] = JSONValue(command.environment)
            header["secret"] = .bool(command.isSecret)
            header["input"] = .integer(Int64(command.input.count))
            return NodeSocketMessage.bytes(header: header, body: command.input)
        case .forward(let host, let port):
            header["request"] = "forward"
            header["host"] = .string(host)
            header["port"] = .integer(Int64(port))
            return NodeSocketMessage.bytes(header: header)
        }
    }

    /// Reads one request from a connection.
    package init(from reader: inout ByteStreamReader) async throws {
        let header = try await reader.header()
        guard header["version"]?.integer == NodeSocketMessage.version else {
            throw NodeSocketError.malformed("protocol version \(header["version"]?.text ?? "none")")
        }
        switch header["request"]?.string {
        case "run":
            let arguments = header["arguments"]?.strings ?? []
            guard !arguments.isEmpty else { throw NodeSocketError.malformed("a command without a program") }
            self = .run(
                Command(
                    arguments: arguments,
                    environment: header["environment"]?.stringMap ?? [:],
                    input: try await reader.read(try NodeSocketMessage.length(header["input"])),
                    isSecret: header["secret"]?.bool ?? false
                )
            )
        case "forward":
            guard let host = header["host"]?.string, let port = header["port"]?.int, (1...65535).contains(port) else {
                throw NodeSocketError.malformed("a forward without host and port")
            }
            self = .forward(host: host, port: port)
        default: throw NodeSocketError.malformed("request \(header["request"]?.text ?? "none")")
        }
    }
}

/// What a node answers.
package enum NodeSocketReply: Sendable, Hashable {
    case finished(CommandResult)
    /// From here on the connection is the byte stream that was asked for.
    case forwarding
    case refused(String)

    package var bytes: [UInt8] {
        switch self {
        case .finished(let result):
            NodeSocketMessage.bytes(
                header: [
                    "reply": "finished", "exitCode": .integer(Int64(result.exitCode)),
                    "output": .integer(Int64(result.output.count)),
                    "errorOutput": .integer(Int64(result.errorOutput.count)),
                ],
                body: result.output + result.errorOutput
            )
        case .forwarding: NodeSocketMessage.bytes(header: ["reply": "forwarding"])
        case .refused(let reason):
            NodeSocketMessage.bytes(header: ["reply": "refused", "reason": .string(reason)])
        }
    }

    package init(from reader: inout ByteStreamReader) async throws {
        let header = try await reader.header()
        switch header["reply"]?.string {
        case "finished":
            guard let exitCode = header["exitCode"]?.int, (0...255).contains(exitCode) else {
                throw NodeSocketError.malformed("exit code \(header["exitCode"]?.text ?? "none")")
            }
            let output = try await reader.read(try NodeSocketMessage.length(header["output"]))
            let errorOutput = try await reader.read(try NodeSocketMessage.length(header["errorOutput"]))
            self = .finished(CommandResult(exitCode: exitCode, output: output, errorOutput: errorOutput))
        case "forwarding": self = .forwarding
        case "refused": self = .refused(header["reason"]?.string ?? "no reason given")
        default: throw NodeSocketError.malformed("reply \(header["reply"]?.text ?? "none")")
        }
    }
}

package enum NodeSocketError: Error, Hashable, CustomStringConvertible {
    case malformed(String)
    case ended(got: Int, wanted: Int)

    package var description: String {
        switch self {
        case .malformed(let what): "not a message of the node socket protocol: \(what)"
        case .ended(let got, let wanted): "the connection ended after \(got) of \(wanted) bytes"
        }
    }
}
