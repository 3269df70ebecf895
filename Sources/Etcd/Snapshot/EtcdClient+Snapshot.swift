import EtcdRPC
import GRPCCore
import NIOPosix
import Synchronization
import SystemPackage

extension EtcdClient {
    /// Saves the member's whole database to `path`, or nothing.
    ///
    /// It is written under a temporary name in the same folder with mode 0600, hashed while it arrives, compared with
    /// the hash the member sends at its end, flushed, and only then renamed. Memory stays bounded whatever its size.
    /// A file that is there is replaced. A member that sends nothing for the length of `silence` is given up.
    /// On ``EtcdError/snapshotNotSaved(member:file:_:)`` no part of it is left.
    package func snapshot(to path: String, silence: Duration = .seconds(30)) async throws(EtcdError) -> SnapshotRecord {
        do {
            let before = try await status()
            let file = try await offCooperativePool {
                try PartialFile.create(for: path)
            }
            do {
                let (bytes, database, whole) = try await within(silence) { heard in
                    try await receive(into: file, heard: heard)
                }
                try await offCooperativePool { try file.commit() }
                return SnapshotRecord(
                    path: path,
                    bytes: bytes,
                    sha256: database,
                    fileSHA256: whole,
                    revision: before.revision,
                    memberID: before.memberID,
                    version: before.version
                )
            } catch {
                file.discard()
                throw error
            }
        } catch {
            throw .snapshotNotSaved(member: member, file: path, await fault(error))
        }
    }

    /// The progress of a snapshot under way, shared with the task that watches over it.
    private final class Progress: Sendable {
        private let state = Mutex((received: Int64(0), total: Int64?.none, at: ContinuousClock.now))

        func note(_ receiver: borrowing SnapshotReceiver) {
            let (received, total) = (receiver.received, receiver.announced)
            state.withLock { $0 = (received, total, .now) }
        }

        var received: Int64 { state.withLock { $0.received } }
        var silentSince: ContinuousClock.Instant { state.withLock { $0.at } }
    }

    private func receive(
        into file: PartialFile,
        heard: Progress
    ) async throws -> (bytes: Int64, database: String, whole: String) {
        var options = CallOptions.defaults
        options.maxResponseMessageBytes = Self.largestAnswer
        return try await maintenance.snapshot(.init(), options: options) { response in
            var receiver = SnapshotReceiver()
            do {
                for try await message in response.messages {
                    let piece = try receiver.take(message.blob, remaining: message.remainingBytes)
                    heard.note(receiver)
                    guard let piece else { continue }
                    try await Self.write(piece, to: file, receiver)
                }
                let (rest, database, whole) = try receiver.finish()
                try await Self.write(rest, to: file, receiver)
                return (receiver.received, database, whole)
            } catch let error as RPCError {
                if error.code == .cancelled || Task.isCancelled { throw SnapshotFault.cancelled }
                throw SnapshotFault.connectionLost(received: receiver.received, reason: Causes(error).text)
            }
        }
    }

    private static func write(
        _ piece: [UInt8],
        to file: PartialFile,
        _ receiver: borrowing SnapshotReceiver
    ) async throws {
        let (written, needed) = (receiver.written - Int64(piece.count), receiver.announced)
        do {
            try await offCooperativePool { try file.write(piece) }
        } catch let failure as PartialFile.Failure where failure.isDiskFull {
            throw SnapshotFault.diskFull(written: max(0, written), needed: needed)
        }
    }

    /// Runs `body` until it ends, or until it has made no progress for so long.
    private func within<Value: Sendable>(
        _ silence: Duration,
        _ body: @escaping @Sendable (Progress) async throws -> Value
    ) async throws -> Value {
        let progress = Progress()
        return try await withThrowingTaskGroup(of: Value.self) { group in
            group.addTask { try await body(progress) }
            group.addTask {
                var deadline = progress.silentSince + silence
                while deadline > .now {
                    try await ContinuousClock().sleep(until: deadline)
                    deadline = progress.silentSince + silence
                }
                throw SnapshotFault.stalled(received: progress.received, silence: silence)
            }
            defer { group.cancelAll() }
            guard let value = try await group.next() else { throw CancellationError() }
            return value
        }
    }

    private func fault(_ error: any Error) async -> SnapshotFault {
        switch error {
        case let fault as SnapshotFault: return fault
        case let failure as PartialFile.Failure where failure.isDiskFull: return .diskFull(written: 0, needed: nil)
        case let failure as PartialFile.Failure:
            return .fileSystem(operation: "\(failure.operation) \(failure.path)", reason: "\(failure.errno)")
        default: break
        }
        if Task.isCancelled { return .cancelled }
        switch await diagnose(error, call: "Snapshot", limit: timeout) {
        case .cancelled: return .cancelled
        case let other: return .refused(other.description)
        }
    }
}

/// Runs blocking work (writes, flushes) on threads that may block, not on those that all tasks share.
package func offCooperativePool<Value: Sendable>(_ work: @escaping @Sendable () throws -> Value) async throws -> Value {
    try await NIOThreadPool.singleton.runIfActive(work)
}
