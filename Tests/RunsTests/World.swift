import Foundation
import Runs
import Synchronization

/// What steps change, and what they were asked.
final class World: Sendable {
    private let state = Mutex((done: Set<String>(), log: [String]()))

    func isDone(_ id: String) -> Bool { state.withLock { $0.done.contains(id) } }
    func finish(_ id: String) { state.withLock { _ = $0.done.insert(id) } }
    func note(_ line: String) { state.withLock { $0.log.append(line) } }
    func clearLog() { state.withLock { $0.log = [] } }

    /// `perform ID`, and whatever else steps noted, in order.
    var log: [String] { state.withLock { $0.log } }
    var done: Set<String> { state.withLock { $0.done } }
}

/// A step whose effect is a mark in a world; each part of it can be replaced.
struct FakeStep: Step {
    let label: StepLabel
    let world: World
    var probing: (@Sendable (StepContext) async throws -> Probe)?
    var performing: (@Sendable (StepContext) async throws -> Void)?

    init(
        _ id: String,
        _ world: World,
        node: String? = nil,
        needsAPI: Bool = true,
        deadline: Duration = .seconds(60),
        isCheck: Bool = false,
        isInterruptible: Bool = false,
        perform: (@Sendable (StepContext) async throws -> Void)? = nil
    ) {
        label = StepLabel(
            id: id,
            title: "do \(id)",
            node: node,
            needsAPI: needsAPI,
            deadline: deadline,
            isCheck: isCheck,
            isInterruptible: isInterruptible
        )
        self.world = world
        performing = perform
    }

    /// The step with another answer to how far it is.
    func probed(_ body: @escaping @Sendable (StepContext) async throws -> Probe) -> FakeStep {
        var step = self
        step.probing = body
        return step
    }

    func probe(_ context: StepContext) async throws -> Probe {
        if let probing { return try await probing(context) }
        if label.isCheck { return context.wasPerformed ? .done : .notStarted }
        return world.isDone(id) ? .done : .notStarted
    }

    func perform(_ context: StepContext) async throws {
        world.note("perform \(id)")
        if let performing { try await performing(context) }
        world.finish(id)
    }
}

extension RunScript {
    /// One hop of one stage of one turn.
    init(_ steps: [any Step]) { self.init(stages: [Stage(title: "stage", turns: [Turn(steps: steps)])]) }

    init(stages: [Stage]) { self.init(title: "test", hops: [Hop(number: 1, title: "hop", stages: stages)]) }
}

/// Keeps events in memory.
final class MemoryRecorder: RunRecorder {
    private let state = Mutex([RunEvent]())

    var events: [RunEvent] { state.withLock(\.self) }
    /// `step-started a`, `hop-started`.
    var names: [String] { events.map { event in event.name + (event.step.map { " \($0.id)" } ?? "") } }

    func record(_ event: RunEvent) async throws { state.withLock { $0.append(event) } }
}

struct Killed: Error {}

/// Dies at one write, and with it every later one: before it reaches the journal, or right after.
final class DyingRecorder: RunRecorder {
    private let base: any RunRecorder
    private let fatal: Int
    private let isAfter: Bool
    private let count = Mutex(0)

    init(_ base: any RunRecorder, at fatal: Int, isAfter: Bool) {
        self.base = base
        self.fatal = fatal
        self.isAfter = isAfter
    }

    func record(_ event: RunEvent) async throws {
        let ordinal = count.withLock { count in
            count += 1
            return count
        }
        if ordinal < fatal || (ordinal == fatal && isAfter) { try await base.record(event) }
        if ordinal >= fatal { throw Killed() }
    }
}

/// An instant for events whose time does not matter.
let noon = Date(timeIntervalSince1970: 1_784_865_600)
