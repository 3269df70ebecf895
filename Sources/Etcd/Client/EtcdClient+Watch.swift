import EtcdRPC
import FoundationEssentials
import GRPCCore
import SwiftProtobuf

/// One message of a watch.
package enum WatchMessage: Sendable {
    /// The watch stands: every change from its start on will come.
    case created(revision: Int64)
    /// Changes in order; those of one revision never spread over two messages.
    case changes([KeyChange], revision: Int64)
    /// Everything up to this revision has been sent.
    case progress(revision: Int64)
}

package struct KeyChange: Sendable, Hashable {
    package enum Kind: Sendable, Hashable { case put, delete }

    package var kind: Kind
    /// Of a deletion: the key and, as its modRevision, the revision of the deletion.
    package var current: KeyValue
    package var previous: KeyValue?

    package init(kind: Kind, current: KeyValue, previous: KeyValue?) {
        self.kind = kind
        self.current = current
        self.previous = previous
    }
}

/// How a watch ended that was not ended by us.
package enum WatchEnd: Error, Hashable {
    /// The changes from its start on are no longer all there; the oldest kept revision.
    case compacted(oldest: Int64)
    case cancelled(reason: String)
}

extension EtcdClient {
    /// Every change of the keys of `range` from `revision` on (0: from now on), until the reader stops reading.
    ///
    /// The stream ends by throwing ``WatchEnd`` or ``EtcdError``; it never resumes by itself, since only the reader
    /// knows how far it got. Messages the reader has not taken yet are kept, without bound.
    /// With `progress` the member says regularly how far it has come, also while nothing changes.
    package func watch(
        _ range: KeyRange,
        from revision: Int64,
        previous: Bool = false,
        progress: Bool = false
    ) -> AsyncThrowingStream<WatchMessage, any Error> {
        let request = Etcdserverpb_WatchRequest.with {
            $0.createRequest = .with {
                $0.key = range.start.data
                if let end = range.end { $0.rangeEnd = end.data }
                $0.startRevision = revision
                $0.prevKv = previous
                $0.progressNotify = progress
            }
        }
        return AsyncThrowingStream { continuation in
            let reading = Task {
                do {
                    try await read(request, into: continuation)
                    continuation.finish(throwing: EtcdError.unreachable(member: member, reason: "the watch was ended"))
                } catch let end as WatchEnd {
                    continuation.finish(throwing: end)
                } catch {
                    continuation.finish(throwing: await diagnose(error, call: "Watch", limit: timeout))
                }
            }
            continuation.onTermination = { _ in reading.cancel() }
        }
    }

    private func read(
        _ request: Etcdserverpb_WatchRequest,
        into continuation: AsyncThrowingStream<WatchMessage, any Error>.Continuation
    ) async throws {
        var options = CallOptions.defaults
        options.maxResponseMessageBytes = Self.largestAnswer
        let client = Etcdserverpb_Watch.Client(wrapping: grpc)
        try await client.watch(
            options: options,
            requestProducer: { writer in
                try await writer.write(request)
                // The member ends the watch when we stop sending, so this lasts as long as the call.
                for await _ in AsyncStream<Void>(unfolding: { await Self.untilCancelled() }) {}
            },
            onResponse: { response in
                for try await message in response.messages {
                    if message.canceled {
                        throw message.compactRevision > 0
                            ? WatchEnd.compacted(oldest: message.compactRevision)
                            : WatchEnd.cancelled(reason: message.cancelReason)
                    }
                    let revision = message.header.revision
                    if message.created {
                        continuation.yield(.created(revision: revision))
                    } else if message.events.isEmpty {
                        continuation.yield(.progress(revision: revision))
                    } else {
                        continuation.yield(.changes(message.events.map(KeyChange.init), revision: revision))
                    }
                }
            }
        )
    }

    private static func untilCancelled() async -> Void? {
        let (never, continuation) = AsyncStream<Void>.makeStream()
        for await _ in never {}
        continuation.finish()
        return nil
    }

    /// The oldest revision that can still be read, once the member has said that `revision` is older than that.
    ///
    /// Only a watch from such a revision is told. Nil when nothing is said within the timeout.
    package func oldestRevision(since revision: Int64) async -> Int64? {
        let messages = watch(.key("\0"), from: max(1, revision))
        return await withTaskGroup(of: Int64?.self) { group in
            group.addTask {
                do {
                    for try await _ in messages {}
                    return nil
                } catch WatchEnd.compacted(let oldest) {
                    return oldest
                } catch {
                    return nil
                }
            }
            group.addTask { [timeout] in
                try? await ContinuousClock().sleep(for: timeout)
                return nil
            }
            defer { group.cancelAll() }
            return await group.next() ?? nil
        }
    }
}

extension KeyChange {
    init(_ event: Mvccpb_Event) {
        self.init(
            kind: event.type == .delete ? .delete : .put,
            current: KeyValue(event.kv),
            previous: event.hasPrevKv ? KeyValue(event.prevKv) : nil
        )
    }
}
