import Nodes

/// A command of a machine that goes wrong on purpose.
package struct MachineFault: Sendable, Hashable {
    package enum Outcome: Sendable, Hashable {
        /// It has no effect, and ends so.
        case fail(exitCode: Int, text: String)
        /// It stands still before its effect until the fault is lifted, and then goes on.
        case hang
    }

    /// Met by commands whose arguments hold these words in a row.
    package var words: [String]
    package var outcome: Outcome
    /// How often it happens; nil: until it is lifted.
    package var remaining: Int?

    package init(words: [String], outcome: Outcome, times: Int? = nil) {
        self.words = words
        self.outcome = outcome
        remaining = times
    }

    func matches(_ command: Command) -> Bool {
        !words.isEmpty && command.arguments.indices.contains { command.arguments[$0...].starts(with: words) }
    }
}
