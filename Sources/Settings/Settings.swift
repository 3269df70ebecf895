/// What the operator wrote into `keelstep.yaml`, or the defaults where there is no such file.
package struct Settings: Sendable, Hashable {
    /// The file these settings were read from; nil for the defaults.
    package var path: String?
    /// A kubeconfig; nil means what kubectl would take (`KUBECONFIG`, then `~/.kube/config`, then in-cluster).
    package var kubeconfig: String?
    /// The context in it; nil means its current one.
    package var context: String?
    package var nodes: NodeAccessSettings
    /// Where backup sets go; nil means a folder per cluster below ``stateDir``.
    package var backupDir: String?
    /// Where the journal and other state of this machine are kept.
    package var stateDir: String
    package var policy: PolicySettings

    package init(
        path: String? = nil,
        kubeconfig: String? = nil,
        context: String? = nil,
        nodes: NodeAccessSettings = NodeAccessSettings(),
        backupDir: String? = nil,
        stateDir: String,
        policy: PolicySettings = PolicySettings()
    ) {
        self.path = path
        self.kubeconfig = kubeconfig
        self.context = context
        self.nodes = nodes
        self.backupDir = backupDir
        self.stateDir = stateDir
        self.policy = policy
    }
}

/// Defaults of the command line's policy options; nil where the file is silent.
package struct PolicySettings: Sendable, Hashable {
    /// Workers that may be away at once: `1`, `20%`.
    package var maxUnavailable: String?
    /// How long a verified state must hold before the next step.
    package var stableSeconds: Int?
    /// How long one node's drain may take; zero means for ever.
    package var drainTimeout: Duration?
    /// How long to wait and watch after the canaries and after each batch.
    package var soak: Duration?

    package init(
        maxUnavailable: String? = nil,
        stableSeconds: Int? = nil,
        drainTimeout: Duration? = nil,
        soak: Duration? = nil
    ) {
        self.maxUnavailable = maxUnavailable
        self.stableSeconds = stableSeconds
        self.drainTimeout = drainTimeout
        self.soak = soak
    }
}
