import KubernetesClient
package import KubernetesModel

/// Why a step did not get done, as the step sees it.
package enum StepError: Error, Sendable, Hashable {
    /// Trying again within the deadline may help.
    case transient(String)
    /// Something failed for a reason nobody has classified: worth a few attempts, not a whole deadline.
    case failed(String, remedy: String)
    /// Somebody has to do something first.
    case permanent(String, remedy: String)
}

extension StepError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .transient(let cause): cause
        case .failed(let cause, let remedy), .permanent(let cause, let remedy): "\(cause); \(remedy)"
        }
    }
}

/// Sorts any error into what passes and what does not. Rooms above know more errors than this one.
package struct TroubleSorter: Sendable {
    private let sort: @Sendable (any Error) -> StepError?

    /// - Parameter more: what a room above knows; nil where it leaves the error to the rules for the API.
    package init(_ more: @escaping @Sendable (any Error) -> StepError? = { _ in nil }) { sort = more }

    package func callAsFunction(_ error: any Error) -> StepError {
        if let error = error as? StepError { return error }
        if let sorted = sort(error) { return sorted }
        switch error {
        case let error as ClientError:
            return error.isTransient
                ? .transient("\(error)")
                : .permanent("\(error)", remedy: "correct the access to the cluster, then `keelstep resume`")
        case let status as APIStatus:
            return status.isTransient
                ? .transient("the API server answered: \(status)")
                : .permanent("the API server refused: \(status)", remedy: "remove the cause, then `keelstep resume`")
        default:
            return .permanent("\(error)", remedy: "remove the cause, then `keelstep resume`")
        }
    }

    /// True for what shows that the API is away or overloaded: an expected state within a deadline.
    package static func isAbsence(_ error: any Error) -> Bool {
        switch error {
        case let error as ClientError: error.isTransient
        case let status as APIStatus: status.isTransient && !status.isConflict
        default: false
        }
    }
}

extension APIStatus {
    /// Conflicts, overloads and troubles of the server: the same call may succeed a little later.
    package var isTransient: Bool { code == 429 || code >= 500 || isConflict }
}

/// Why a run stopped at a step: what a person needs to know.
package struct StepFailure: Error, Sendable, Hashable, Codable {
    package var step: String
    package var title: String
    package var node: String?
    package var cause: String
    package var remedy: String

    package init(step: String, title: String, node: String?, cause: String, remedy: String) {
        self.step = step
        self.title = title
        self.node = node
        self.cause = cause
        self.remedy = remedy
    }
}

extension StepFailure: CustomStringConvertible {
    package var description: String {
        "\(node.map { "\($0): " } ?? "")\(title) (step \(step)): \(cause)" + (remedy.isEmpty ? "" : "\n  \(remedy)")
    }
}
