import KubernetesModel
import Synchronization

/// The pods of the cluster, heard once for all kubelets of a sandbox, told to each of them by its node's name.
package final class PodFeed: Sendable {
    package let access: any ClusterAccess
    package let pods = ObjectCache(.pods)
    private let kubelets = Mutex([String: @Sendable (KubernetesObject) -> Void]())

    package init(access: any ClusterAccess) {
        self.access = access
        pods.listen { [weak self] change in self?.tell(change) }
    }

    /// Follows the API until cancelled.
    package func run() async { await Informer(access: access, cache: pods).run() }

    /// Calls `listener` at every change of a pod that is or was on `node`; nil ends that.
    func listen(_ node: String, _ listener: (@Sendable (KubernetesObject) -> Void)?) {
        kubelets.withLock { $0[node] = listener }
    }

    private func tell(_ change: ObjectChange) {
        guard let node = change.new?.podNode ?? change.old?.podNode else { return }
        kubelets.withLock { $0[node] }?(change.object)
    }
}
