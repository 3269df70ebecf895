package import Runs

/// A step as reality shows it, for `--dry-run`.
package struct ProbedStep: Sendable, Hashable {
    package var step: StepReference
    package var hop: Int
    package var stage: String
    /// Nil where it could not be asked.
    package var probe: Probe?
    package var trouble: String?

    package var found: String { probe?.description ?? trouble ?? "unknown" }
}

extension [ProbedStep] {
    /// `2 of 78 steps are done already; 76 would be done`.
    package var summary: String {
        let done = count { $0.probe == .done }
        let unknown = count { $0.probe == nil }
        return "\(done) of \(count) steps \(done == 1 ? "is" : "are") done already; \(count - done) would be done"
            + (unknown > 0 ? ", \(unknown) of which could not be probed" : "")
    }
}
