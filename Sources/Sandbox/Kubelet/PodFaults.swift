package import KubernetesModel
import Synchronization

/// Pods that are made to misbehave, for all kubelets of a sandbox.
package final class PodFaults: Sendable {
    private let stuck = Mutex(Set<ObjectKey>())

    package init() {}

    /// Pods whose containers do not end, whatever signal they get, for as long as they are named here.
    package var neverTerminating: Set<ObjectKey> {
        get { stuck.withLock(\.self) }
        set { stuck.withLock { $0 = newValue } }
    }

    package func setNeverTerminates(_ pod: ObjectKey, _ isStuck: Bool) {
        stuck.withLock { pods in
            if isStuck { pods.insert(pod) } else { pods.remove(pod) }
        }
    }

    func neverTerminates(_ pod: ObjectKey) -> Bool { stuck.withLock { $0.contains(pod) } }
}
