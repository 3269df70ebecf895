package import Foundation
package import KubernetesClient

/// What a step is given each time it is probed or performed.
package struct StepContext: Sendable {
    package let run: String
    /// True when a perform of this step in this run has returned without an error, before a restart included.
    package let wasPerformed: Bool
    package let isProbing: Bool
    /// The step's time limit.
    package let deadline: Deadline
    package let clock: any Clock<Duration>
    package let now: @Sendable () -> Date
    let sink: @Sendable (StepNotice) async throws -> Void

    package init(
        run: String,
        wasPerformed: Bool = false,
        isProbing: Bool = false,
        deadline: Deadline,
        clock: any Clock<Duration> = .continuous,
        now: @escaping @Sendable () -> Date = { Date() },
        sink: @escaping @Sendable (StepNotice) async throws -> Void = { _ in }
    ) {
        self.run = run
        self.wasPerformed = wasPerformed
        self.isProbing = isProbing
        self.deadline = deadline
        self.clock = clock
        self.now = now
        self.sink = sink
    }

    /// Says what the step waits for, or how far it is.
    package func progress(_ text: String) async { await tell(.progress(text)) }

    /// Tells of something that happened; what the journal keeps of it is committed when this returns.
    package func tell(_ notice: StepNotice) async {
        guard !isProbing else { return }
        try? await sink(notice)  // a notice that cannot be kept never fails the effect it tells of
    }

    /// As ``tell(_:)``, for what must be in the journal before the step goes on.
    package func record(_ notice: StepNotice) async throws { try await sink(notice) }

    /// Asks again and again until `condition` says nothing more is missing.
    ///
    /// For conditions that no watch can tell. Errors that `isExpected` accepts (an API that is away) count as missing.
    /// - Parameters:
    ///   - pause: the first pause between two looks; it grows to ten times as long.
    ///   - isExpected: which errors are to be waited out.
    ///   - condition: what is still missing, or nil when nothing is.
    /// - Throws: what `condition` throws and is not expected; ``StepError/transient(_:)`` when the time is up.
    package func wait(
        every pause: Duration = .milliseconds(200),
        isExpected: (any Error) -> Bool = { _ in false },
        until condition: () async throws -> String?
    ) async throws {
        var told: String?
        var current = pause
        while true {
            try Task.checkCancellation()
            var missing: String?
            do {
                missing = try await condition()
            } catch  where isExpected(error) {
                missing = "\(error)"
            }
            guard let missing else { return }
            if missing != told { await progress(missing) }
            told = missing
            if deadline.timeLeft <= .zero { throw StepError.transient(missing) }
            try await clock.sleep(for: current)
            current = min(current * 3 / 2, pause * 10)
        }
    }
}

/// What a step tells while it works.
package enum StepNotice: Sendable, Hashable {
    /// What it waits for.
    case progress(String)
    case command(CommandRecord)
    case drain(DrainNotice)
    case backup(BackupRecord)
}

/// A command that was run on a node.
package struct CommandRecord: Sendable, Hashable, Codable {
    package var node: String
    /// The words of the command; of a secret one only the program.
    package var argv: [String]
    package var exitCode: Int
    package var milliseconds: Int
    /// The end of what it wrote to standard error, where it failed and is not secret.
    package var complaint: String?

    package init(node: String, argv: [String], exitCode: Int, duration: Duration, complaint: String?, isSecret: Bool) {
        self.node = node
        self.argv = isSecret ? [argv.first ?? "", "(redacted)"] : argv
        self.exitCode = exitCode
        milliseconds = duration.wholeMilliseconds
        self.complaint = isSecret ? nil : complaint
    }
}

/// What happens to a node's pods.
package struct DrainNotice: Sendable, Hashable, Codable {
    package enum Kind: String, Sendable, Hashable, Codable {
        case evicting
        case blocked
        case evicted
        case deleted
        case vanished
        case failed
        case warning
        case drained
    }

    package var kind: Kind
    package var node: String
    /// `namespace/name`; nil for what concerns the node.
    package var pod: String?
    package var text: String

    package init(kind: Kind, node: String, pod: String? = nil, text: String = "") {
        self.kind = kind
        self.node = node
        self.pod = pod
        self.text = text
    }
}

/// A backup that was taken and checked.
package struct BackupRecord: Sendable, Hashable, Codable {
    /// `backup-set`, `etcd-snapshot`.
    package var kind: String
    package var path: String
    package var bytes: Int64
    /// Of a set: that of its index.
    package var sha256: String

    package init(kind: String, path: String, bytes: Int64, sha256: String) {
        self.kind = kind
        self.path = path
        self.bytes = bytes
        self.sha256 = sha256
    }
}

extension Duration {
    /// Whole milliseconds, clamped to what fits.
    package var wholeMilliseconds: Int {
        let (seconds, attoseconds) = components
        guard abs(seconds) < 9_000_000_000_000 else { return seconds < 0 ? .min : .max }
        return Int(seconds * 1000 + attoseconds / 1_000_000_000_000_000)
    }

    package var inSeconds: Double { Double(wholeMilliseconds) / 1000 }
}
