import Foundation
package import KubernetesModel

/// Why a node could not be emptied.
package enum DrainError: Error, Sendable, Hashable {
    /// Nothing was evicted: these pods may not go without a flag.
    case refused(node: String, [PodsRemark], flags: [String])
    /// Time ran out; these pods are still there.
    case deadline(node: String, after: Duration, holds: [DrainHold])
    /// A dry run found that these evictions would be refused now.
    case wouldBlock(node: String, holds: [DrainHold])
    /// The server refused for good.
    case failed(node: String, [PodFailure])
    /// The node's cordon did not hold.
    case notCordoned(node: String)

    package struct PodFailure: Sendable, Hashable {
        package var pod: ObjectKey
        package var reason: String
    }
}

/// A pod that is still on the node, and what holds it.
package struct DrainHold: Sendable, Hashable {
    package enum State: Sendable, Hashable {
        case blocked(DrainBlock)
        /// Evicted, but not gone: `finalizers` wait for somebody, or its kubelet is silent.
        case terminating(since: String?, finalizers: [String], isNodeReady: Bool)
        /// The server has not answered the request to evict it.
        case unanswered
        /// Its turn did not come.
        case notStarted
    }

    package var pod: ObjectKey
    package var uid: String
    package var state: State

    package init(pod: ObjectKey, uid: String, state: State) {
        self.pod = pod
        self.uid = uid
        self.state = state
    }
}

extension DrainHold: CustomStringConvertible {
    package var description: String {
        switch state {
        case .blocked(let block): "\(pod) cannot be evicted: \(block); \(block.remedy)"
        case .terminating(let since, let finalizers, let isNodeReady):
            "\(pod) is still terminating" + (since.map { " (due \($0))" } ?? "") + ": "
                + (!isNodeReady
                    ? "its node's kubelet is not ready, so nothing ends it"
                    : finalizers.isEmpty
                        ? "its containers have not ended" : "finalizers \(finalizers.joined(separator: ", ")) remain")
        case .unanswered: "\(pod): the server has not answered the request to evict it; is it well?"
        case .notStarted: "\(pod) was not reached"
        }
    }
}

extension DrainError {
    package var node: String {
        switch self {
        case .refused(let node, _, _), .deadline(let node, _, _), .wouldBlock(let node, _), .failed(let node, _),
            .notCordoned(let node):
            node
        }
    }

    /// Why, without saying once more that the node could not be drained.
    package var reason: String {
        switch self {
        case .refused(_, let remarks, _): remarks.map { "cannot delete \($0)" }.joined(separator: "; ")
        case .deadline(_, let limit, let holds):
            "it was not empty after \(limit.formatted(.units(allowed: [.hours, .minutes, .seconds])))"
                + (holds.isEmpty ? "" : ": " + holds.map(\.description).joined(separator: "; "))
        case .wouldBlock(_, let holds): "it would block: " + holds.map(\.description).joined(separator: "; ")
        case .failed(_, let failures): failures.map { "\($0.pod): \($0.reason)" }.joined(separator: "; ")
        case .notCordoned:
            "it was uncordoned by somebody else while it was being cordoned; nothing was evicted"
        }
    }
}

extension DrainError: CustomStringConvertible {
    package var description: String { "cannot drain node \(node): \(reason)" }
}
