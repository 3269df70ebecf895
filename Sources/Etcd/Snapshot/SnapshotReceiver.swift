import Crypto

/// Takes a snapshot's stream apart: the database, then 32 bytes that are its SHA-256.
///
/// Where a message ends tells nothing: the last 32 bytes received are held back until more arrive, and the rest is
/// hashed and handed on in large pieces. The member announces with each message how much is still to come, without
/// the hash; an announcement that contradicts an earlier one ends the matter.
package struct SnapshotReceiver {
    package static let pieceSize = 1 << 20
    private static let hashSize = 32

    private var pending: [UInt8] = []
    private var hasher = SHA256()
    /// Bytes received, and those of them handed on to be written.
    package private(set) var received: Int64 = 0
    package private(set) var written: Int64 = 0
    /// The length of the database, once known.
    package private(set) var announced: Int64?

    package init() { pending.reserveCapacity(2 * Self.pieceSize) }

    /// Takes one message in.
    /// - Returns: bytes of the database to be written now; often none.
    package mutating func take(_ blob: some Collection<UInt8>, remaining: UInt64) throws(SnapshotFault) -> [UInt8]? {
        guard let remaining = Int64(exactly: remaining) else { throw .incomplete(received: received, announced: .max) }
        let (total, overflow) = (received + Int64(blob.count)).addingReportingOverflow(remaining)
        let first = announced ?? total
        // The message that carries the hash comes when nothing remains: it alone may go past the announced end.
        let isHash = remaining == 0 && total == first + Int64(Self.hashSize)
        guard !overflow, total == first || isHash else { throw .incomplete(received: total, announced: first) }
        // A member whose disk fails goes on sending empty messages for ever.
        guard !blob.isEmpty || remaining == 0 else { throw .incomplete(received: received, announced: first) }
        announced = first
        received += Int64(blob.count)
        pending.append(contentsOf: blob)
        guard pending.count >= Self.pieceSize + Self.hashSize else { return nil }
        return handOn(pending.count - Self.hashSize)
    }

    /// The end of the stream.
    /// - Returns: what is left to be written, the hash included, and the two digests in hex.
    package mutating func finish() throws(SnapshotFault) -> (rest: [UInt8], sha256: String, fileSHA256: String) {
        let expected = (announced ?? 0) + Int64(Self.hashSize)
        guard let announced, announced > 0, received == expected else {
            throw .incomplete(received: received, announced: expected)
        }
        let rest = handOn(pending.count - Self.hashSize)
        let computed = Array(hasher.finalize())
        guard computed == pending else {
            throw .hashMismatch(announced: Self.hex(pending), computed: Self.hex(computed))
        }
        hasher.update(data: pending)
        return (rest + pending, Self.hex(computed), Self.hex(Array(hasher.finalize())))
    }

    private mutating func handOn(_ count: Int) -> [UInt8] {
        let piece = Array(pending.prefix(count))
        pending.removeFirst(count)
        hasher.update(data: piece)
        written += Int64(count)
        return piece
    }

    private static func hex(_ bytes: [UInt8]) -> String {
        bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }
}
