package import KubernetesVersions

/// Why something asked of a node, or done to it, did not come to its end.
package enum NodeError: Error {
    case transport(TransportError)
    case failed(node: String, command: Command, exitCode: Int, message: String)
    /// The command does not exist on the node.
    case notInstalled(node: String, program: String)
    /// Another package manager runs there.
    case packagesLocked(node: String, message: String)
    /// `dpkg` was interrupted before, and wants to be told to finish.
    case packagesInterrupted(node: String)
    case unreadable(node: String, what: String, text: String)
    case noRepository(node: String)
    /// The source names apt.kubernetes.io or packages.cloud.google.com, which are gone since March 2024.
    case legacyRepository(node: String, file: String)
    case severalRepositories(node: String, files: [String])
    case notOffered(node: String, package: String, version: KubernetesVersion, offered: [KubernetesVersion])
    case kubeadm(node: String, command: Command, failure: KubeadmFailure)
    /// A kubeadm already runs on the node; it takes no lock, so nobody may start a second one.
    case kubeadmRunning(node: String, processes: [Int])
    case marked(node: String, marker: NodeMarker.Content)

    /// What a command that had to succeed says by failing.
    package init(node: String, command: Command, result: CommandResult) {
        let message = command.isSecret ? "its output is secret" : Self.lastWords(result)
        if result.exitCode == 127 {
            self = .notInstalled(node: node, program: command.program)
        } else if message.contains("Could not get lock") || message.contains("Unable to acquire the dpkg") {
            self = .packagesLocked(node: node, message: message)
        } else if result.errorText.contains("dpkg was interrupted") {
            self = .packagesInterrupted(node: node)
        } else {
            self = .failed(node: node, command: command, exitCode: result.exitCode, message: message)
        }
    }

    /// The end of what a command complained about, or else of what it printed: short enough for one line.
    static func lastWords(_ result: CommandResult) -> String {
        let source = result.errorText.allSatisfy(\.isWhitespace) ? result.text : result.errorText
        let lines = source.split(whereSeparator: \.isNewline)
            .filter { !$0.hasPrefix("To see the stack trace") && !$0.hasPrefix("W: ") }
        return String(lines.suffix(4).joined(separator: " / ").suffix(600))
    }
}

extension NodeError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .transport(let error): "\(error)"
        case .failed(let node, let command, let exitCode, let message):
            "`\(command)` on node \(node) ended with code \(exitCode): \(message)"
        case .notInstalled(let node, let program): "node \(node) has no \(program); install it and try again"
        case .packagesLocked(let node, let message):
            "another package manager runs on node \(node) (\(message)); wait for it to end, then resume"
        case .packagesInterrupted(let node):
            "dpkg was interrupted on node \(node); run `dpkg --configure -a` there, then resume"
        case .unreadable(let node, let what, let text): "cannot read \(what) of node \(node) in: \(text.prefix(200))"
        case .noRepository(let node):
            "node \(node) has no apt source for Kubernetes packages below /etc/apt; add one for its present minor version"
        case .legacyRepository(let node, let file):
            "\(file) on node \(node) names the legacy Kubernetes repository, which was removed in 2024; "
                + "replace it by pkgs.k8s.io first"
        case .severalRepositories(let node, let files):
            "node \(node) has several apt sources for Kubernetes packages (\(files.joined(separator: ", "))); keep one"
        case .notOffered(let node, let package, let version, let offered):
            "the repository of node \(node) does not offer \(package) \(version); the newest it has: "
                + (offered.isEmpty ? "nothing" : offered.suffix(3).map(\.description).joined(separator: ", "))
        case .kubeadm(let node, let command, let failure): "`\(command)` on node \(node) failed: \(failure)"
        case .kubeadmRunning(let node, let processes):
            "kubeadm already runs on node \(node) (process \(processes.map(String.init).joined(separator: ", "))); "
                + "wait for its end"
        case .marked(let node, let marker):
            "node \(node) is in the hands of run \(marker.run) (step \(marker.step), since \(marker.started))"
        }
    }
}
