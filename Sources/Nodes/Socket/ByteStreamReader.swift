package import KubernetesModel
package import NIOCore

/// Reads counted pieces from one side of a connection, and what is left of it as it comes.
package struct ByteStreamReader {
    private var chunks: NIOAsyncChannelInboundStream<ByteBuffer>.AsyncIterator
    private var buffer = ByteBuffer()

    package init(_ stream: NIOAsyncChannelInboundStream<ByteBuffer>) { chunks = stream.makeAsyncIterator() }

    /// Exactly `count` bytes.
    /// - Throws: ``NodeSocketError/ended(got:wanted:)`` when the peer closes before.
    package mutating func read(_ count: Int) async throws -> [UInt8] {
        while buffer.readableBytes < count {
            guard let chunk = try await chunks.next(isolation: #isolation) else {
                throw NodeSocketError.ended(got: buffer.readableBytes, wanted: count)
            }
            buffer.writeImmutableBuffer(chunk)
        }
        let bytes = buffer.readBytes(length: count) ?? []
        buffer.discardReadBytes()
        return bytes
    }

    package mutating func header() async throws -> JSONValue {
        let length = try NodeSocketMessage.headerLength(try await read(4))
        return try NodeSocketMessage.header(try await read(length))
    }

    /// The next bytes, however many; nil at the end.
    package mutating func next() async throws -> ByteBuffer? {
        guard buffer.readableBytes == 0 else {
            defer { buffer = ByteBuffer() }
            return buffer
        }
        return try await chunks.next(isolation: #isolation)
    }
}
