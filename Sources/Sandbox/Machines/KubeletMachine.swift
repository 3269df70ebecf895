package import KubernetesModel
package import KubernetesVersions

/// The machine a kubelet runs on, as that kubelet sees it: the static pod folder, its own binary and configuration.
///
/// The kubelet re-reads all of it whenever ``changes`` yields, and from time to time besides.
package protocol KubeletMachine: Sendable {
    /// The node's name.
    var name: String { get }

    func kubeletState() async -> KubeletState

    /// What lies in `/etc/kubernetes/manifests`, parsed, by file name; a file that is no object is left out.
    func staticPods() async -> [String: KubernetesObject]

    /// One element after each change a kubelet may care about. Elements carry nothing, and two that nobody has
    /// consumed are one. Every read of this property is a stream of its own.
    var changes: AsyncStream<Void> { get }
}

/// What a kubelet's machine says about it at one moment.
package struct KubeletState: Sendable, Hashable {
    /// The version of the process that runs, which an installed but not yet restarted package does not change;
    /// nil while the service is stopped or does not come up.
    package var runningVersion: KubernetesVersion?
    /// Cut off from the API: its heartbeats do not get through, its pods go on.
    package var isPartitioned: Bool
    /// `/var/lib/kubelet/config.yaml` as the process read it at its last start.
    package var configuration: JSONValue
    /// `/proc/sys/kernel/random/boot_id`; another one after a reboot.
    package var bootID: String
    /// How often the process was started since boot: a new value means that it is a new process.
    package var starts: Int
    package var containerRuntimeVersion: String
    package var kernelVersion: String
    package var osImage: String
    /// Images already on the node, in the order they were pulled: pods that use one start without a pull.
    package var images: [String]

    package init(
        runningVersion: KubernetesVersion?,
        isPartitioned: Bool = false,
        configuration: JSONValue = [:],
        bootID: String = "",
        starts: Int = 1,
        containerRuntimeVersion: String = "containerd://1.7.24",
        kernelVersion: String = "6.1.0-28-amd64",
        osImage: String = "Debian GNU/Linux 12 (bookworm)",
        images: [String] = []
    ) {
        self.runningVersion = runningVersion
        self.isPartitioned = isPartitioned
        self.configuration = configuration
        self.bootID = bootID
        self.starts = starts
        self.containerRuntimeVersion = containerRuntimeVersion
        self.kernelVersion = kernelVersion
        self.osImage = osImage
        self.images = images
    }
}
