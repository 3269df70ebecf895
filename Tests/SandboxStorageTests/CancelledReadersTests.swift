import Sandbox
import Testing

@Suite struct `readers of a memory storage` {
    /// A change is told under the storage's lock, and whoever cancels a reader holds that reader's.
    @Test(.timeLimit(.minutes(1))) func `that are cancelled while they are told of a change hold up nobody`() async throws
    {
        let storage = MemoryStorage()
        var last: Int64 = 0
        for _ in 0..<500 {
            let from = last
            let readers = (0..<8).map { _ in
                Task { for try await _ in storage.watch(prefix: "/", after: from) {} }
            }
            async let cancelled: Void = { for reader in readers { reader.cancel() } }()
            if case .written(let revision) = try await storage.put("/k", [1], expected: last) { last = revision }
            await cancelled
            for reader in readers { _ = await reader.result }
        }
        #expect(last > 500)
    }
}
