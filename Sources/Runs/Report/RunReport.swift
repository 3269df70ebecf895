package import Foundation
package import KubernetesModel

/// What a run did, provable later: a pure function of what the journal holds.
package struct RunReport: Sendable, Hashable {
    package struct StepEntry: Sendable, Hashable {
        package enum Result: String, Sendable, Hashable {
            case done
            case skipped
            case failed
            /// Begun, and without an outcome.
            case open
        }

        package var step: StepReference
        package var result: Result
        package var startedAt: Date
        package var finishedAt: Date?
        package var attempts: Int
        /// The last cause of trouble, or why it was skipped.
        package var remark: String?
        package var commands: [CommandRecord] = []
        package var evicted: [String] = []
    }

    package struct Session: Sendable, Hashable {
        package var startedAt: Date
        package var who: String
        /// `completed`, `paused: <why>`; nil for a process that ended without a word, or has not ended.
        package var end: String?
        package var endedAt: Date?

        /// `paused after 0:10: as asked`.
        fileprivate var text: String {
            guard let end else { return "interrupted" }
            let words = end.onOneLine.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
            let length = endedAt.map { " after \(RunView.clock($0.timeIntervalSince(startedAt)))" } ?? ""
            return "\(words[0])\(length)" + (words.count > 1 ? ":\(words[1])" : "")
        }
    }

    package var run: RunEntry
    /// True where the run should go on, and nobody works on it: the journal cannot know that.
    package var isInterrupted = false
    /// Each process that worked on the run.
    package var sessions: [Session] = []
    /// Steps in the order in which they were begun; the steps of a hop that was passed over whole are not here.
    package var steps: [StepEntry] = []
    package var backups: [BackupRecord] = []
    /// Pods evicted, by node.
    package var evictions: [String: Int] = [:]

    package init(_ run: RunEntry, _ events: [RunEvent]) {
        self.run = run
        var positions: [String: Int] = [:]
        func position(_ step: StepReference, _ at: Date) -> Int {
            if let known = positions[step.id] { return known }
            positions[step.id] = steps.count
            steps.append(StepEntry(step: step, result: .open, startedAt: at, attempts: 0))
            return steps.count - 1
        }
        for event in events {
            switch event.kind {
            case .runStarted(_, let who, _): sessions.append(Session(startedAt: event.at, who: who))
            case .runPaused(let cause): endSession("paused: \(cause)", event.at)
            case .runFinished: endSession("completed", event.at)
            case .stepStarted(let step, _):
                let position = position(step, event.at)
                if steps[position].attempts == 0 { steps[position].startedAt = event.at }
                steps[position].attempts += 1
                steps[position].result = .open
            case .stepSkipped(let step, let why):
                let position = position(step, event.at)
                // A later process finds done what an earlier one did: that is no skip.
                guard steps[position].result != .done else { continue }
                steps[position].result = steps[position].attempts > 0 ? .done : .skipped
                steps[position].remark = why
                steps[position].finishedAt = event.at
            case .stepFinished(let step, _):
                let position = position(step, event.at)
                steps[position].result = .done
                steps[position].finishedAt = event.at
                steps[position].remark = nil
            case .stepFailed(let step, let cause, let isRetried):
                let position = position(step, event.at)
                steps[position].result = isRetried ? .open : .failed
                steps[position].remark = cause
                steps[position].finishedAt = event.at
            case .command(let step, let command): steps[position(step, event.at)].commands.append(command)
            case .drain(let step, let notice):
                guard notice.kind == .evicted || notice.kind == .deleted, let pod = notice.pod else { continue }
                steps[position(step, event.at)].evicted.append(pod)
                evictions[notice.node, default: 0] += 1
            case .backup(_, let backup):
                // A process that was killed right after telling of one leaves it to the next to tell again.
                if !backups.contains(backup) { backups.append(backup) }
            case .hopStarted, .hopFinished, .stageStarted, .stageFinished, .turnStarted, .turnFinished, .stepProbed,
                .stepProgress, .stepPerformed:
                break
            }
        }
    }

    private mutating func endSession(_ end: String, _ at: Date) {
        guard !sessions.isEmpty else { return }
        sessions[sessions.count - 1].end = end
        sessions[sessions.count - 1].endedAt = at
    }

    package static func of(_ id: String?, in journal: Journal) async throws -> RunReport {
        let run = try await journal.run(id)
        return RunReport(run, try await journal.events(of: run.id))
    }
}

extension RunReport {
    private var state: String { isInterrupted ? "interrupted" : run.state.rawValue }

    /// For programs.
    package func value(withCommands: Bool = false) -> JSONValue {
        [
            "run": .string(run.id), "cluster": .string(run.clusterUID), "title": .string(run.title),
            "state": .string(state), "startedAt": .string(Timestamp.string(from: run.startedAt)),
            "finishedAt": run.finishedAt.map { .string(Timestamp.string(from: $0)) } ?? .null,
            "keelstep": .string(run.toolVersion),
            "sessions": .array(
                sessions.map {
                    [
                        "who": .string($0.who), "startedAt": .string(Timestamp.string(from: $0.startedAt)),
                        "end": .string($0.end ?? "interrupted"),
                    ]
                }
            ),
            "steps": .array(steps.map { $0.value(withCommands: withCommands) }),
            "evictions": .object(evictions.mapValues { .integer(Int64($0)) }),
            "backups": .array(
                backups.map {
                    [
                        "kind": .string($0.kind), "path": .string($0.path), "bytes": .integer($0.bytes),
                        "sha256": .string($0.sha256),
                    ]
                }
            ),
        ]
    }

    /// For people.
    package func text(withCommands: Bool = false) -> String {
        var lines = ["\(run.title): \(state)", "  run \(run.id), keelstep \(run.toolVersion)"]
        for session in sessions {
            let isAtWork = session == sessions.last && session.end == nil && run.state == .running && !isInterrupted
            let text = isAtWork ? "at work" : session.text
            lines.append("  \(Timestamp.string(from: session.startedAt)) by \(session.who): \(text)")
        }
        lines.append("")
        let width = steps.map { ($0.step.node ?? "cluster").count }.max() ?? 0
        for step in steps {
            let place = RunViewStyle.padded(step.step.node ?? "cluster", to: width)
            var line = "  \(step.mark) \(place)  \(step.step.title)"
            if let length = step.length { line += "  \(RunView.clock(length))" }
            if step.attempts > 1 { line += "  \(step.attempts) attempts" }
            if !step.evicted.isEmpty { line += "  \(step.evicted.count) evicted" }
            if let remark = step.remark { line += "  (\(remark.onOneLine))" }
            lines.append(line)
            guard withCommands else { continue }
            for command in step.commands {
                let words = command.argv.map { $0.contains(" ") || $0.isEmpty ? "'\($0)'" : $0 }
                lines.append("      \(words.joined(separator: " "))  → \(command.exitCode), \(command.milliseconds) ms")
                if let complaint = command.complaint { lines.append("        \(complaint.onOneLine)") }
            }
        }
        if !evictions.isEmpty {
            lines += ["", "Evictions"]
            for (node, count) in evictions.sorted(by: { $0.key < $1.key }) { lines.append("  \(node)  \(count)") }
        }
        if !backups.isEmpty {
            lines += ["", "Backups"]
            for backup in backups { lines.append("  \(backup.path)  \(backup.bytes) bytes  sha256 \(backup.sha256)") }
        }
        return lines.joined(separator: "\n") + "\n"
    }
}

extension RunReport.StepEntry {
    fileprivate var mark: String {
        switch result {
        case .done: "✓"
        case .skipped: "-"
        case .failed: "✗"
        case .open: "…"
        }
    }

    fileprivate var length: TimeInterval? {
        guard result == .done || result == .failed, attempts > 0, let finishedAt else { return nil }
        return finishedAt.timeIntervalSince(startedAt)
    }

    fileprivate func value(withCommands: Bool) -> JSONValue {
        var value: JSONValue = [
            "id": .string(step.id), "title": .string(step.title), "result": .string(result.rawValue),
            "attempts": .integer(Int64(attempts)), "startedAt": .string(Timestamp.string(from: startedAt)),
        ]
        if let node = step.node { value["node"] = .string(node) }
        if let length { value["seconds"] = .number(length) }
        if let remark { value["remark"] = .string(remark) }
        if !evicted.isEmpty { value["evicted"] = JSONValue(evicted) }
        if withCommands {
            value["commands"] = .array(
                commands.map { command in
                    var value: JSONValue = [
                        "argv": JSONValue(command.argv), "exitCode": .integer(Int64(command.exitCode)),
                        "milliseconds": .integer(Int64(command.milliseconds)),
                    ]
                    if let complaint = command.complaint { value["complaint"] = .string(complaint) }
                    return value
                }
            )
        }
        return value
    }
}
