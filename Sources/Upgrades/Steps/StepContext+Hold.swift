import KubernetesClient
import KubernetesModel
import Runs

/// Objects whose changes may end a wait.
struct Watched: Sendable {
    var resource: Resource
    var selection: Selection

    static func node(_ name: String) -> Watched {
        Watched(resource: .nodes, selection: Selection(fieldSelector: "metadata.name=\(name)"))
    }

    static func pods(on node: String) -> Watched {
        Watched(resource: .pods, selection: Selection(fieldSelector: "spec.nodeName=\(node)"))
    }
}

extension StepContext {
    /// Waits until `missing` finds nothing missing, and has done so for the whole of `length`.
    ///
    /// It looks again at every change of what is watched, and now and then besides, for what no watch tells. Troubles
    /// that pass (an API server that is away, a node that cannot be reached) count as missing.
    /// - Throws: what `missing` throws and does not pass; `StepError.transient` when the step's time is up.
    func hold(
        for length: Duration,
        watching watched: [Watched],
        _ client: KubernetesClient,
        missing: () async throws -> String?
    ) async throws {
        let (signals, outlet) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
        try await withThrowingTaskGroup(of: Void.self) { group in
            for watched in watched {
                group.addTask {
                    // A watch that cannot be had only makes the wait less quick: the ticks go on.
                    try? await client.follow(watched.resource, watched.selection) { _ in outlet.yield() }
                }
            }
            let clock = clock
            group.addTask {
                while !Task.isCancelled {
                    outlet.yield()
                    guard (try? await clock.sleep(for: .milliseconds(500))) != nil else { return }
                }
            }
            defer { group.cancelAll() }
            var steady: Deadline?
            var told: String?
            for await _ in signals {
                try Task.checkCancellation()
                var lack: String?
                do { lack = try await missing() } catch {
                    try Task.checkCancellation()  // what is cut off has not failed
                    guard case .transient(let cause) = TroubleSorter.upgrades(error) else { throw error }
                    lack = cause
                }
                if let lack {
                    steady = nil
                    if deadline.timeLeft <= .zero { throw StepError.transient(lack) }
                } else {
                    if steady == nil {
                        group.addTask {
                            guard (try? await clock.sleep(for: length)) != nil else { return }
                            outlet.yield()
                        }
                    }
                    let since = steady ?? Deadline(in: length, clock: clock)
                    steady = since
                    if since.timeLeft <= .zero { return }
                }
                let text = lack ?? "steady so far, to be held for \(length.components.seconds) s"
                if text != told { await progress(text) }
                told = text
                // Changes come in bursts; one look serves them all.
                try await clock.sleep(for: .milliseconds(50))
            }
            throw CancellationError()
        }
    }
}
