import Foundation
import KubernetesModel

/// One flat object an event, its payload labelled:
/// `{"at":"2026-07-24T04:09:49.120000Z","run":"…","event":"step-started","step":{"id":…,"title":…},"attempt":1}`.
extension RunEvent: Codable {
    private enum Keys: String, CodingKey {
        case at, run, event, outline, who, resumed, hop, title, node, step, probe, why, attempt, text, seconds, cause
        case retried, command, drain, backup, pause
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: Keys.self)
        try container.encode(Timestamp.microString(from: at), forKey: .at)
        try container.encode(run, forKey: .run)
        try container.encode(name, forKey: .event)
        try container.encodeIfPresent(step, forKey: .step)
        switch kind {
        case .runStarted(let outline, let who, let isResumed):
            try container.encode(outline, forKey: .outline)
            try container.encode(who, forKey: .who)
            try container.encode(isResumed, forKey: .resumed)
        case .hopStarted(let hop, let title), .hopFinished(let hop, let title), .stageStarted(let hop, let title),
            .stageFinished(let hop, let title):
            try container.encode(hop, forKey: .hop)
            try container.encode(title, forKey: .title)
        case .turnStarted(let node), .turnFinished(let node): try container.encode(node, forKey: .node)
        case .stepProbed(_, let probe): try container.encode(probe, forKey: .probe)
        case .stepSkipped(_, let why): try container.encode(why, forKey: .why)
        case .stepStarted(_, let attempt): try container.encode(attempt, forKey: .attempt)
        case .stepProgress(_, let text): try container.encode(text, forKey: .text)
        case .stepPerformed, .runFinished: break
        case .stepFinished(_, let seconds): try container.encode(seconds, forKey: .seconds)
        case .stepFailed(_, let cause, let isRetried):
            try container.encode(cause, forKey: .cause)
            try container.encode(isRetried, forKey: .retried)
        case .command(_, let command): try container.encode(command, forKey: .command)
        case .drain(_, let notice): try container.encode(notice, forKey: .drain)
        case .backup(_, let backup): try container.encode(backup, forKey: .backup)
        case .runPaused(let cause): try container.encode(cause, forKey: .pause)
        }
    }

    package init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: Keys.self)
        let time = try container.decode(String.self, forKey: .at)
        guard let at = Timestamp.date(from: time) else {
            throw DecodingError.dataCorruptedError(forKey: .at, in: container, debugDescription: "'\(time)' is no time")
        }
        self.init(
            at: at,
            run: try container.decode(String.self, forKey: .run),
            try Self.kind(try container.decode(String.self, forKey: .event), container)
        )
    }

    private static func kind(_ name: String, _ container: KeyedDecodingContainer<Keys>) throws -> Kind {
        func string(_ key: Keys) throws -> String { try container.decode(String.self, forKey: key) }
        func hop() throws -> Int { try container.decode(Int.self, forKey: .hop) }
        func step() throws -> StepReference { try container.decode(StepReference.self, forKey: .step) }
        switch name {
        case "run-started":
            return .runStarted(
                try container.decode(RunOutline.self, forKey: .outline),
                who: try string(.who),
                isResumed: try container.decode(Bool.self, forKey: .resumed)
            )
        case "hop-started": return .hopStarted(try hop(), title: try string(.title))
        case "hop-finished": return .hopFinished(try hop(), title: try string(.title))
        case "stage-started": return .stageStarted(hop: try hop(), title: try string(.title))
        case "stage-finished": return .stageFinished(hop: try hop(), title: try string(.title))
        case "turn-started": return .turnStarted(node: try string(.node))
        case "turn-finished": return .turnFinished(node: try string(.node))
        case "step-probed": return .stepProbed(try step(), try container.decode(Probe.self, forKey: .probe))
        case "step-skipped": return .stepSkipped(try step(), why: try string(.why))
        case "step-started":
            return .stepStarted(try step(), attempt: try container.decode(Int.self, forKey: .attempt))
        case "step-progress": return .stepProgress(try step(), try string(.text))
        case "step-performed": return .stepPerformed(try step())
        case "step-finished":
            return .stepFinished(try step(), seconds: try container.decode(Double.self, forKey: .seconds))
        case "step-failed":
            return .stepFailed(
                try step(),
                cause: try string(.cause),
                isRetried: try container.decode(Bool.self, forKey: .retried)
            )
        case "command": return .command(try step(), try container.decode(CommandRecord.self, forKey: .command))
        case "drain": return .drain(try step(), try container.decode(DrainNotice.self, forKey: .drain))
        case "backup": return .backup(try step(), try container.decode(BackupRecord.self, forKey: .backup))
        case "run-paused": return .runPaused(try container.decode(PauseCause.self, forKey: .pause))
        case "run-finished": return .runFinished
        default:
            throw DecodingError.dataCorruptedError(
                forKey: .event,
                in: container,
                debugDescription: "there is no event '\(name)'"
            )
        }
    }

    /// The event as one line of JSON, its members in alphabetical order.
    package func line() throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return String(decoding: try encoder.encode(self), as: UTF8.self)
    }

    package init(parsing line: String) throws {
        self = try JSONDecoder().decode(RunEvent.self, from: Data(line.utf8))
    }
}

/// Written as `{"state":"half-done","what":"…"}`.
extension Probe: Codable {
    private enum Keys: String, CodingKey {
        case state
        case what
    }

    package init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: Keys.self)
        let what = try container.decodeIfPresent(String.self, forKey: .what) ?? ""
        switch try container.decode(String.self, forKey: .state) {
        case "not-started": self = .notStarted
        case "under-way": self = .underWay(what)
        case "half-done": self = .halfDone(what)
        case "done": self = .done
        case let other:
            throw DecodingError.dataCorruptedError(
                forKey: .state,
                in: container,
                debugDescription: "there is no state '\(other)'"
            )
        }
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: Keys.self)
        switch self {
        case .notStarted: try container.encode("not-started", forKey: .state)
        case .underWay(let what):
            try container.encode("under-way", forKey: .state)
            try container.encode(what, forKey: .what)
        case .halfDone(let what):
            try container.encode("half-done", forKey: .state)
            try container.encode(what, forKey: .what)
        case .done: try container.encode("done", forKey: .state)
        }
    }
}
