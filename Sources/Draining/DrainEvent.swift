package import KubernetesModel

/// What happens while a node is drained.
package enum DrainEvent: Sendable, Hashable {
    /// Pods that stay, or go with a loss.
    case warning(PodsRemark)
    case evicting(ObjectKey, DrainPolicy.DryRun)
    /// Said once, and again whenever the block changes.
    case blocked(ObjectKey, DrainBlock, retryIn: Duration)
    case evicted(ObjectKey, isDeletion: Bool, DrainPolicy.DryRun)
    /// Another pod has its name now, or it went by itself.
    case vanished(ObjectKey)
    /// Terminating for so long that it is not waited for.
    case leftTerminating(ObjectKey)
    case failed(ObjectKey, reason: String)
    case drained(node: String, DrainPolicy.DryRun)
}

extension DrainEvent: CustomStringConvertible {
    /// A line as kubectl would print it.
    package var description: String {
        switch self {
        case .warning(let remark): "Warning: \(remark)"
        case .evicting(let pod, let dryRun): "evicting pod \(pod)\(dryRun.suffix)"
        case .blocked(let pod, let block, let pause):
            "cannot evict pod \(pod) yet (again in \(pause.components.seconds)s): \(block)"
        case .evicted(let pod, let isDeletion, let dryRun):
            "pod/\(pod.name) \(isDeletion ? "deleted" : "evicted")\(dryRun.suffix)"
        case .vanished(let pod): "pod/\(pod.name) is gone"
        case .leftTerminating(let pod): "pod/\(pod.name) is terminating for too long and is not waited for"
        case .failed(let pod, let reason): "error when evicting pod \(pod): \(reason)"
        case .drained(let node, let dryRun): "node/\(node) drained\(dryRun.suffix)"
        }
    }

    /// True for what kubectl writes to standard error.
    package var isComplaint: Bool {
        switch self {
        case .warning, .blocked, .failed, .leftTerminating: true
        default: false
        }
    }
}

extension DrainPolicy.DryRun {
    /// What follows a line of a run that changes nothing.
    package var suffix: String {
        switch self {
        case .none: ""
        case .client: " (dry run)"
        case .server: " (server dry run)"
        }
    }
}
