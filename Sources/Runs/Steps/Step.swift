/// One thing to be done, which can be asked at any time how far it is.
///
/// A step must be safe to perform again: a run killed at any instant starts by probing.
package protocol Step: Sendable {
    var label: StepLabel { get }
    /// How far reality is. It changes nothing, is cheap, and serves before the step and as its proof after it.
    func probe(_ context: StepContext) async throws -> Probe
    /// Brings about what ``probe(_:)`` then calls done; waits itself for what takes time, and says what it waits for.
    func perform(_ context: StepContext) async throws
}

/// What there is to say about a step before it begins.
package struct StepLabel: Sendable, Hashable {
    /// Unique in the run and stable between runs: `1/control-plane/cp-1/apply`.
    package var id: String
    /// For people: `drain`, `kubeadm upgrade apply v1.32.6`.
    package var title: String
    package var node: String?
    /// False for a step that goes on while the API is away.
    package var needsAPI: Bool
    /// From the first probe to the proof, all attempts and waits included.
    package var deadline: Duration
    /// True for a step that only looks, or waits, and leaves no trace: once passed, and with later steps done, it is
    /// not asked again.
    package var isCheck: Bool
    /// True for a step that waits for evidence and changes nothing meanwhile: when a pause is asked for it is left where
    /// it stands, and asked anew on resume.
    package var isInterruptible: Bool
    /// The expected duration, for the estimate of what is left.
    package var estimate: Duration

    package init(
        id: String,
        title: String,
        node: String? = nil,
        needsAPI: Bool = true,
        deadline: Duration,
        isCheck: Bool = false,
        isInterruptible: Bool = false,
        estimate: Duration = .seconds(5)
    ) {
        self.id = id
        self.title = title
        self.node = node
        self.needsAPI = needsAPI
        self.deadline = deadline
        self.isCheck = isCheck
        self.isInterruptible = isInterruptible
        self.estimate = estimate
    }
}

extension Step {
    package var id: String { label.id }
    package var node: String? { label.node }
}

/// How far a step is.
package enum Probe: Sendable, Hashable {
    case notStarted
    /// It goes on by itself; wait for it.
    case underWay(String)
    /// Begun and interrupted; performing it again completes it.
    case halfDone(String)
    case done
}

extension Probe: CustomStringConvertible {
    package var description: String {
        switch self {
        case .notStarted: "not started"
        case .underWay(let what): "under way: \(what)"
        case .halfDone(let what): "half done: \(what)"
        case .done: "done"
        }
    }
}
