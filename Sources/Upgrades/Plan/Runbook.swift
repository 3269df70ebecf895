import KubernetesVersions
import Nodes

/// The plan as a person would carry it out by hand: the commands of each step, in order.
package struct Runbook: Sendable, Hashable {
    package struct Entry: Sendable, Hashable {
        package var step: PlannedStep
        package var lines: [Line]
    }

    package enum Line: Sendable, Hashable {
        /// Typed where kubectl is.
        case here(String)
        /// Typed as root on that node.
        case on(node: String, String)
        /// What no command says.
        case note(String)
    }

    package var entries: [Entry]

    package init(for plan: UpgradePlan) {
        entries = plan.hops.flatMap { hop in
            let commands = StepCommands(hop: hop, policy: plan.policy)
            return hop.stages.flatMap { stage in
                stage.turns.flatMap { turn in
                    turn.steps.map { Entry(step: $0, lines: commands.lines(for: $0, in: stage.kind)) }
                }
            }
        }
    }
}

/// The commands behind the steps of one hop.
private struct StepCommands {
    let hop: Hop
    let policy: PlanPolicy

    func lines(for step: PlannedStep, in stage: Stage.Kind) -> [Runbook.Line] {
        guard let node = step.node else { return clusterLines(for: step.action) }
        return switch step.action {
        case .backUpNode: backUp(node)
        case .checkQuorum: [on(node, etcdctl("endpoint", "health", "--cluster")), on(node, etcdctl("alarm", "list"))]
        case .switchRepository: switchRepository(node)
        case .installKubeadm: install(["kubeadm"], node) + [on(node, Kubeadm.versionCommand)]
        case .kubeadmPlan: [on(node, Kubeadm.planCommand(hop.to))]
        case .kubeadmApply: [on(node, Kubeadm.applyCommand(hop.to))]
        case .kubeadmUpgradeNode: [on(node, Kubeadm.nodeCommand())]
        case .verifyControlPlane: verifyControlPlane(node)
        case .drain: drain(node)
        case .installKubelet: install(["kubectl", "kubelet"], node)
        case .restartKubelet: Kubelet.restartCommands.map { on(node, $0) }
        case .verifyNode: verify(node)
        case .uncordon: [here(kubectl("uncordon", node))]
        case .gate, .backUpCluster, .taintOutdated, .soak, .settle: clusterLines(for: step.action)
        }
    }

    private func clusterLines(for action: StepAction) -> [Runbook.Line] {
        switch action {
        case .gate:
            [
                here(kubectl("get", "nodes", "-o", "wide")), here(kubectl("get", "--raw", "/readyz?verbose")),
                here(kubectl("get", "poddisruptionbudgets", "--all-namespaces")),
            ]
        case .backUpCluster:
            [
                here(
                    kubectl(
                        "-n",
                        "kube-system",
                        "get",
                        "configmaps",
                        "kubeadm-config",
                        "kubelet-config",
                        "kube-proxy",
                        "coredns",
                        "-o",
                        "yaml"
                    ).description + " > hop-\(hop.number)-configmaps.yaml"
                ),
                .note("on a control-plane node: an etcd snapshot, as before each of them below"),
            ]
        case .taintOutdated:
            [
                here(
                    Command(
                        arguments: ["kubectl", "taint", "nodes"] + drainedNodes
                            + ["\(OutdatedTaint.key)=\(hop.to):\(OutdatedTaint.effect)"]
                    )
                )
            ]
        case .soak: [.note("wait \(policy.soakSeconds) s and watch: kubectl get nodes,pods --all-namespaces")]
        case .settle:
            [
                here(kubectl("get", "nodes")),
                here(kubectl("get", "deployments,statefulsets,daemonsets", "--all-namespaces")),
            ] + (drainedNodes.count > 1 ? [here(kubectl("taint", "nodes", "--all", "\(OutdatedTaint.key)-"))] : [])
        default: []
        }
    }

    private var drainedNodes: [String] {
        hop.stages.flatMap(\.turns).flatMap(\.steps).filter { $0.action == .drain }.compactMap(\.node)
    }

    private func backUp(_ node: String) -> [Runbook.Line] {
        [
            on(node, etcdctl("snapshot", "save", "/root/\(node)-hop-\(hop.number).db")),
            on(
                node,
                Command(
                    "tar",
                    "-C",
                    "/",
                    "-cpzf",
                    "/root/\(node)-hop-\(hop.number)-etc-kubernetes.tar.gz",
                    "--exclude=etc/kubernetes/tmp",
                    "etc/kubernetes",
                    "var/lib/kubelet/config.yaml",
                    "var/lib/kubelet/kubeadm-flags.env"
                )
            ),
            .note("copy both off the node, to a folder nobody else can read"),
        ]
    }

    private func switchRepository(_ node: String) -> [Runbook.Line] {
        [
            on(
                node,
                Command(
                    "sed",
                    "-i",
                    "-E",
                    "s#/v[0-9]+\\.[0-9]+/#/v\(hop.to.minorVersion)/#",
                    "/etc/apt/sources.list.d/kubernetes.list"
                )
            ),
            on(node, Command("apt-get", "update")),
        ]
    }

    private func install(_ packages: [String], _ node: String) -> [Runbook.Line] {
        let revisions = packages.map { "\($0)=\(hop.to.withoutPrefix)-*" }
        return [
            on(node, Command(arguments: ["apt-mark", "unhold"] + packages)),
            on(node, Command(arguments: ["apt-get", "install", "-y"] + revisions)),
            on(node, Command(arguments: ["apt-mark", "hold"] + packages)),
        ]
    }

    private func verifyControlPlane(_ node: String) -> [Runbook.Line] {
        [
            here(
                kubectl(
                    "-n",
                    "kube-system",
                    "wait",
                    "pod",
                    "--selector=tier=control-plane",
                    "--field-selector=spec.nodeName=\(node)",
                    "--for=condition=Ready",
                    "--timeout=300s"
                )
            ),
            here(kubectl("-n", "kube-system", "get", "leases", "kube-controller-manager", "kube-scheduler")),
            on(node, etcdctl("endpoint", "health", "--cluster")),
        ]
    }

    private func drain(_ node: String) -> [Runbook.Line] {
        var arguments = ["drain", node, "--ignore-daemonsets"]
        if policy.deleteEmptyDirData { arguments.append("--delete-emptydir-data") }
        if policy.force { arguments.append("--force") }
        if policy.drainTimeoutSeconds > 0 { arguments.append("--timeout=\(policy.drainTimeoutSeconds)s") }
        let accepted = policy.acceptOutage.contains(node)
        return (accepted ? [.note("its pods have nowhere to go: they stop until it is back")] : [])
            + [here(Command(arguments: ["kubectl"] + arguments))]
    }

    private func verify(_ node: String) -> [Runbook.Line] {
        [
            here(
                kubectl(
                    "wait",
                    "node/\(node)",
                    "--for=jsonpath={.status.nodeInfo.kubeletVersion}=\(hop.to)",
                    "--timeout=300s"
                )
            ),
            here(kubectl("wait", "node/\(node)", "--for=condition=Ready", "--timeout=300s")),
            here(
                kubectl("get", "pods", "--all-namespaces", "--field-selector=spec.nodeName=\(node)", "-o", "wide")
            ),
        ]
    }

    private func etcdctl(_ arguments: String...) -> Command {
        let pki = "/etc/kubernetes/pki/etcd"
        return Command(
            arguments: [
                "etcdctl", "--endpoints=https://127.0.0.1:2379", "--cacert=\(pki)/ca.crt",
                "--cert=\(pki)/healthcheck-client.crt", "--key=\(pki)/healthcheck-client.key",
            ] + arguments
        )
    }

    private func kubectl(_ arguments: String...) -> Command { Command(arguments: ["kubectl"] + arguments) }
    private func here(_ command: Command) -> Runbook.Line { .here(command.description) }
    private func here(_ text: String) -> Runbook.Line { .here(text) }
    private func on(_ node: String, _ command: Command) -> Runbook.Line { .on(node: node, command.description) }
}
