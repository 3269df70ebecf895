/// Why kubeadm failed: by what it printed, as its exit code is 1 for everything.
package enum KubeadmFailure: Error, Sendable, Hashable {
    /// The kubeadm package is older than the target.
    case kubeadmTooOld(String)
    case minorSkipped(String)
    /// The kubeadm package is of a newer minor than the target, or supports no cluster as old as this one.
    case kubeadmTooNew(String)
    /// Failed checks, by name (`ControlPlaneNodesReady`).
    case preflight([String: String])
    /// The kubelet did not pick up a new manifest in time.
    case staticPodUnchanged(component: String, message: String)
    case etcdUnhealthy(String)
    /// A component did not come up, and kubeadm put the earlier manifests back.
    case rolledBack(String)
    case noKubeconfig(String)
    case apiUnavailable(String)
    case other(String)

    package init(_ result: CommandResult) {
        let text = result.errorText.allSatisfy(\.isWhitespace) ? result.text : result.errorText
        let message = NodeError.lastWords(result)
        func says(_ words: String) -> Bool { text.contains(words) }
        let checks = Self.checks(in: text)
        if says("is at least one minor release higher than the kubeadm minor release")
            || says("Upgrade kubeadm first using the tool")
        {
            self = .kubeadmTooOld(message)
        } else if says("kubeadm can upgrade only 1 minor version at a time") {
            self = .minorSkipped(message)
        } else if says("can only be used to upgrade to Kubernetes version")
            || says("only supports deploying clusters with the control plane version")
        {
            self = .kubeadmTooNew(message)
        } else if !checks.isEmpty {
            self = .preflight(checks)
        } else if says("static Pod hash for component"), says("did not change after") {
            self = .staticPodUnchanged(
                component: Self.word(after: "static Pod hash for component ", in: text),
                message: message
            )
        } else if says("etcd cluster is not healthy") || says("etcd is not healthy") {
            self = .etcdUnhealthy(message)
        } else if says("kubeadm has tried to recover everything into the earlier state") {
            self = .rolledBack(message)
        } else if says("failed to load admin kubeconfig") || says("couldn't create a Kubernetes client from file") {
            self = .noKubeconfig(message)
        } else if says("connection refused") || says("i/o timeout") || says("the server is currently unable")
            || says("etcdserver: request timed out")
        {
            self = .apiUnavailable(message)
        } else {
            self = .other(message)
        }
    }

    /// The kubeadm is older than the flag it was given.
    static func isUnknownFlag(_ result: CommandResult) -> Bool {
        !result.succeeded
            && (result.errorText.contains("unknown shorthand flag") || result.errorText.contains("unknown flag"))
    }

    /// Worth another try without anybody's help.
    package var isTransient: Bool {
        switch self {
        case .apiUnavailable, .staticPodUnchanged, .etcdUnhealthy, .rolledBack: true
        case .preflight(let checks): Set(checks.keys).isSubset(of: ["ControlPlaneNodesReady", "CreateJob"])
        case .kubeadmTooOld, .minorSkipped, .kubeadmTooNew, .noKubeconfig, .other: false
        }
    }

    /// `	[ERROR ControlPlaneNodesReady]: there are NotReady control-planes in the cluster: [cp-2]`
    private static func checks(in text: String) -> [String: String] {
        var checks: [String: String] = [:]
        for line in text.split(whereSeparator: \.isNewline) {
            let line = line.drop(while: \.isWhitespace)
            guard line.hasPrefix("[ERROR "), let end = line.firstRange(of: "]: ") else { continue }
            checks[String(line[..<end.lowerBound].dropFirst("[ERROR ".count))] = String(line[end.upperBound...])
        }
        return checks
    }

    private static func word(after mark: String, in text: String) -> String {
        guard let range = text.firstRange(of: mark) else { return "" }
        return String(text[range.upperBound...].prefix { !$0.isWhitespace })
    }
}

extension KubeadmFailure: CustomStringConvertible {
    package var description: String {
        switch self {
        case .kubeadmTooOld(let message):
            "its package is older than the target; install the target's kubeadm (\(message))"
        case .minorSkipped(let message): "one minor version at a time (\(message))"
        case .kubeadmTooNew(let message):
            "its package is newer than the target; install the target's kubeadm (\(message))"
        case .preflight(let checks):
            "checks failed: "
                + checks.sorted { $0.key < $1.key }.map { "\($0.key): \($0.value)" }.joined(separator: "; ")
        case .staticPodUnchanged(let component, let message):
            "the kubelet did not start the new \(component) in time; look at the kubelet there, then resume (\(message))"
        case .etcdUnhealthy(let message): "etcd is not healthy; restore its quorum, then resume (\(message))"
        case .rolledBack(let message): "it put the earlier manifests back (\(message))"
        case .noKubeconfig(let message): "it has no usable kubeconfig (\(message))"
        case .apiUnavailable(let message): "the API server does not answer (\(message))"
        case .other(let message): message
        }
    }
}
