package import Foundation

/// What there is to see of a run at a moment: a pure fold of its events. Live views, `status` and reports read it.
package struct RunView: Sendable, Hashable {
    package enum State: String, Sendable, Hashable {
        case starting
        case running
        case paused
        /// Its process ended without a word.
        case interrupted
        case completed
    }

    package struct HopView: Sendable, Hashable {
        package var number: Int
        package var title: String
        package var isStarted = false
        package var isFinished = false
        package var stage: String?
        package var total = 0
        package var done = 0
    }

    package struct StepView: Sendable, Hashable {
        package var step: StepReference
        package var startedAt: Date
        package var attempt = 1
        /// What it waits for.
        package var waitsFor: String?
    }

    package struct NodeView: Sendable, Hashable {
        package var name: String
        package var total = 0
        package var done = 0
        package var current: String?
        package var evicted = 0
        package var hasFailed = false
    }

    package var run = ""
    package var title = ""
    package var who = ""
    package var state = State.starting
    package var startedAt: Date?
    package var lastEventAt: Date?
    package var hops: [HopView] = []
    /// In the order of the plan.
    package var nodes: [NodeView] = []
    /// Under way, in the order in which they began.
    package var current: [StepView] = []
    package var evictions = 0
    package var pause: PauseCause?
    /// Seconds of work that the plan expects, and how much of it is behind.
    package var estimatedSeconds = 0.0
    package var doneEstimate = 0.0
    /// When this process took the run up, and what was behind then: only what it did itself tells its pace.
    private var paceFrom: Date?
    private var paceEstimate = 0.0

    private var index = StepIndex()
    private var done: Set<String> = []

    package init() {}

    package init(_ events: some Sequence<RunEvent>) {
        for event in events { apply(event) }
    }

    package var totalSteps: Int { hops.reduce(0) { $0 + $1.total } }
    package var doneSteps: Int { hops.reduce(0) { $0 + $1.done } }

    /// Says that nobody works on the run any more, which no event tells.
    package mutating func interrupt() { if state == .running || state == .starting { state = .interrupted } }

    package mutating func apply(_ event: RunEvent) {
        lastEventAt = event.at
        run = event.run
        switch event.kind {
        case .runStarted(let outline, let who, _): begin(outline, who: who, at: event.at)
        case .hopStarted(let number, _): change(hop: number) { $0.isStarted = true }
        case .hopFinished(let number, _):
            for step in index.steps(ofHop: number) { finish(step) }
            change(hop: number) {
                $0.isStarted = true
                $0.isFinished = true
                $0.stage = nil
            }
        case .stageStarted(let number, let title): change(hop: number) { $0.stage = title }
        case .stageFinished(let number, _): change(hop: number) { $0.stage = nil }
        case .turnStarted, .turnFinished: break
        case .stepProbed(let step, _): show(step, at: event.at)
        case .stepStarted(let step, let attempt):
            show(step, at: event.at)
            change(step) { $0.attempt = attempt }
        case .stepProgress(let step, let text):
            show(step, at: event.at)
            change(step) { $0.waitsFor = text }
        case .stepPerformed(let step): change(step) { $0.waitsFor = nil }
        case .stepSkipped(let step, _), .stepFinished(let step, _): finish(step.id)
        case .stepFailed(let step, let cause, let isRetried):
            change(step) { $0.waitsFor = cause }
            if !isRetried, let node = index.entries[step.id]?.node { nodes[node].hasFailed = true }
        case .drain(let step, let notice): apply(notice, step)
        case .command, .backup: break
        case .runPaused(let cause):
            state = .paused
            pause = cause
        case .runFinished:
            state = .completed
            current = []
        }
    }

    private mutating func begin(_ outline: RunOutline, who: String, at: Date) {
        title = outline.title
        self.who = who
        state = .running
        pause = nil
        current = []
        startedAt = startedAt ?? at
        index = StepIndex(outline)
        let before = hops
        hops = outline.hops.map { hop in
            var view = HopView(number: hop.number, title: hop.title)
            view.total = hop.stages.reduce(0) { $0 + $1.steps.count }
            let known = before.first { $0.number == hop.number }
            view.isStarted = known?.isStarted ?? false
            view.isFinished = known?.isFinished ?? false
            return view
        }
        let evicted = Dictionary(nodes.map { ($0.name, $0.evicted) }, uniquingKeysWith: { $1 })
        nodes = index.nodes.map { name in
            var node = NodeView(name: name)
            node.evicted = evicted[name] ?? 0
            return node
        }
        for entry in index.entries.values { if let node = entry.node { nodes[node].total += 1 } }
        estimatedSeconds = index.entries.values.reduce(0) { $0 + $1.estimate }
        doneEstimate = 0
        done = []
        // Every process goes over the steps again; those of a hop that is wholly done it passes over without a word.
        for hop in hops where hop.isFinished { for step in index.steps(ofHop: hop.number) { finish(step) } }
        paceFrom = at
        paceEstimate = doneEstimate
    }

    private mutating func change(hop number: Int, _ body: (inout HopView) -> Void) {
        guard let position = hops.firstIndex(where: { $0.number == number }) else { return }
        body(&hops[position])
    }

    private mutating func change(_ step: StepReference, _ body: (inout StepView) -> Void) {
        guard let position = current.firstIndex(where: { $0.step.id == step.id }) else { return }
        body(&current[position])
    }

    private mutating func show(_ step: StepReference, at: Date) {
        guard !current.contains(where: { $0.step.id == step.id }) else { return }
        current.append(StepView(step: step, startedAt: at))
        if let node = index.entries[step.id]?.node {
            nodes[node].current = step.title
            nodes[node].hasFailed = false
        }
    }

    private mutating func finish(_ id: String) {
        current.removeAll { $0.step.id == id }
        guard let entry = index.entries[id], done.insert(id).inserted else { return }
        change(hop: entry.hop) { $0.done += 1 }
        doneEstimate += entry.estimate
        if let node = entry.node {
            nodes[node].done += 1
            nodes[node].current = nil
        }
    }

    private mutating func apply(_ notice: DrainNotice, _ step: StepReference) {
        switch notice.kind {
        case .evicted, .deleted:
            evictions += 1
            if let node = index.entries[step.id]?.node { nodes[node].evicted += 1 }
            change(step) { $0.waitsFor = nil }
        case .blocked, .failed: change(step) { $0.waitsFor = notice.text }
        case .evicting, .vanished, .warning, .drained: break
        }
    }

    /// The time that is left, at the pace so far; the plan's own estimates where there is no pace yet.
    package func timeLeft(at now: Date) -> TimeInterval? {
        guard state == .running, estimatedSeconds > 0 else { return nil }
        let left = estimatedSeconds - doneEstimate
        let behind = doneEstimate - paceEstimate
        guard let paceFrom, behind > 0, behind >= estimatedSeconds / 50 else { return left }
        return left * max(0, now.timeIntervalSince(paceFrom)) / behind
    }
}

/// Where each step of an outline belongs.
private struct StepIndex: Sendable, Hashable {
    struct Entry: Sendable, Hashable {
        var hop: Int
        var node: Int?
        var estimate: Double
    }

    var entries: [String: Entry] = [:]
    var nodes: [String] = []
    private var order: [Int: [String]] = [:]

    init() {}

    init(_ outline: RunOutline) {
        var positions: [String: Int] = [:]
        for hop in outline.hops {
            for stage in hop.stages {
                for entry in stage.steps {
                    if let node = entry.step.node, positions[node] == nil {
                        positions[node] = nodes.count
                        nodes.append(node)
                    }
                    entries[entry.step.id] = Entry(
                        hop: hop.number,
                        node: entry.step.node.flatMap { positions[$0] },
                        estimate: entry.estimatedSeconds / Double(max(1, stage.concurrency))
                    )
                    order[hop.number, default: []].append(entry.step.id)
                }
            }
        }
    }

    func steps(ofHop hop: Int) -> [String] { order[hop] ?? [] }
}
