import Sandbox
import Testing

@Suite struct `readers of a memory storage` {
    /// A change is told under the storage's lock, and whoever cancels a reader holds that reader's.
    @Test(.timeLimit(.minutes(1))) func `that are cancelled while they are told of a change hold up nobody`()
        async throws
    {
        let storage = MemoryStorage()
        var last = try await Self.put(storage, 0)
        for _ in 0..<1000 {
            let before = last - 1
            let (heard, tell) = AsyncStream<Void>.makeStream()
            let readers = (0..<8).map { _ in
                Task { for try await _ in storage.watch(prefix: "/", after: before) { tell.yield() } }
            }
            // Each has heard of the change before, and waits for the next.
            var waiting = 0
            for await _ in heard {
                waiting += 1
                if waiting == readers.count { break }
            }
            async let cancelled: Void = Self.cancel(readers)
            last = try await Self.put(storage, last)
            await cancelled
            for reader in readers { _ = await reader.result }
        }
    }

    @concurrent private static func cancel(_ readers: [Task<Void, any Error>]) async {
        for reader in readers { reader.cancel() }
    }

    @concurrent private static func put(_ storage: MemoryStorage, _ expected: Int64) async throws -> Int64 {
        guard case .written(let revision) = try await storage.put("/k", [1], expected: expected) else {
            throw CancellationError()
        }
        return revision
    }
}
