import KubernetesModel
import KubernetesVersions
import Nodes

/// `kubeadm upgrade plan`: reads only, and enforces no version policy.
extension Machine {
    func upgradePlan(
        _ version: KubernetesVersion,
        _ arguments: KubeadmArguments,
        _ transcript: inout Transcript
    ) async throws {
        let isText: Bool
        switch arguments.options["output"] {
        case nil, "text": isText = true
        case "json", "yaml": isText = false
        case let other?: throw KubeadmStop("invalid output format: \(other)")
        }
        guard arguments.words.count <= 1 else { throw KubeadmStop("too many arguments, only one version may be given") }
        var spoken = Transcript()
        spoken.print("[preflight] Running pre-flight checks.")
        try requireAdmin()
        let configuration = try await clusterConfiguration(version, &spoken)
        spoken.print("[upgrade] Running cluster health checks")
        try report(try await healthChecks(), ignoring: arguments.ignoredChecks, &transcript)
        try await spend(.seconds(2))
        // Without a version the real one asks dl.k8s.io; here the newest patch of kubeadm's own minor stands for it.
        let target =
            try arguments.words.first.map(Self.parse) ?? ReleaseCatalogue.versions(in: version.minorVersion).last
            ?? version
        let cluster = try await oldestAPIServer(configuration.version)
        spoken.print("[upgrade] Fetching available versions to upgrade to")
        spoken.print("[upgrade/versions] Cluster version: \(cluster.withoutPrefix)")
        spoken.print("[upgrade/versions] kubeadm version: \(version)")
        spoken.print("[upgrade/versions] Target version: \(target)")
        spoken.print("[upgrade/versions] Latest version in the v\(cluster.minorVersion) series: \(target)")
        let (kubelets, components) = try await planRows(target, cluster, version)
        let series = "version in the v\(cluster.minorVersion) series"
        if isText {
            transcript.output += spoken.output
            printPlan(kubelets, components, series, target, &transcript)
            return
        }
        // Nothing to do: nothing is printed, and that is no error.
        guard !components.isEmpty || !kubelets.isEmpty else { return }
        let value: JSONValue = [
            "kind": "UpgradePlan", "apiVersion": "output.kubeadm.k8s.io/v1alpha3",
            "availableUpgrades": [
                ["description": .string(series), "components": .array((kubelets + components).map(\.value))]
            ],
            "configVersions": [
                Self.configVersion("kubeproxy.config.k8s.io", "v1alpha1"),
                Self.configVersion("kubelet.config.k8s.io", "v1beta1"),
            ],
        ]
        if arguments.options["output"] == "yaml" {
            transcript.output += Array(YAML.text(value).utf8)
        } else {
            transcript.print(value.prettyText)
        }
    }

    private struct PlanRow {
        var name: String
        var node = ""
        var current: String
        var new: String

        var value: JSONValue {
            [
                "name": .string(name), "nodeName": .string(node), "currentVersion": .string(current),
                "newVersion": .string(new),
            ]
        }
    }

    private static func configVersion(_ group: String, _ version: String) -> JSONValue {
        [
            "group": .string(group), "currentVersion": .string(version), "preferredVersion": .string(version),
            "manualUpgradeRequired": false,
        ]
    }

    private func planRows(
        _ target: KubernetesVersion,
        _ cluster: KubernetesVersion,
        _ kubeadm: KubernetesVersion
    ) async throws -> (kubelets: [PlanRow], components: [PlanRow]) {
        let nodes = try await api { cluster throws(APIStatus) in try await cluster.list(.nodes, namespace: nil).items }
        let kubelets = nodes.sorted { $0.name < $1.name }.compactMap { node -> PlanRow? in
            let current = node["status", "nodeInfo", "kubeletVersion"]?.string ?? ""
            guard current != target.description else { return nil }
            return PlanRow(name: "kubelet", node: node.name, current: current, new: target.description)
        }
        var rows: [PlanRow] = []
        for component in ["kube-apiserver", "kube-controller-manager", "kube-scheduler"] {
            for pod in try await componentPods(component).sorted(by: { $0.name < $1.name }) {
                let current = StaticPodManifests.version(ofImage: Self.image(pod))?.description ?? ""
                guard current != target.description else { continue }
                rows.append(
                    PlanRow(
                        name: component,
                        node: pod.spec["nodeName"]?.string ?? "",
                        current: current,
                        new: target.description
                    )
                )
            }
        }
        guard !rows.isEmpty else { return (kubelets, []) }
        rows.append(PlanRow(name: "kube-proxy", current: cluster.withoutPrefix, new: target.description))
        rows.append(
            PlanRow(
                name: "CoreDNS",
                current: ReleaseCatalogue.coreDNSTag(cluster),
                new: ReleaseCatalogue.coreDNSTag(target)
            )
        )
        if kubeadm != target {
            rows.append(PlanRow(name: "kubeadm", current: kubeadm.description, new: target.description))
        }
        for pod in try await componentPods("etcd").sorted(by: { $0.name < $1.name }) {
            let current = Self.image(pod).split(separator: ":").last.map(String.init) ?? ""
            rows.append(
                PlanRow(
                    name: "etcd",
                    node: pod.spec["nodeName"]?.string ?? "",
                    current: current,
                    new: ReleaseCatalogue.etcdTag(target)
                )
            )
        }
        return (kubelets, rows)
    }

    private func printPlan(
        _ kubelets: [PlanRow],
        _ components: [PlanRow],
        _ series: String,
        _ target: KubernetesVersion,
        _ transcript: inout Transcript
    ) {
        func pad(_ text: String, _ width: Int) -> String {
            text + String(repeating: " ", count: max(1, width - text.count))
        }
        func table(_ rows: [PlanRow]) {
            transcript.print(pad("COMPONENT", 26) + pad("NODE", 10) + pad("CURRENT", 10) + "TARGET")
            for row in rows { transcript.print(pad(row.name, 26) + pad(row.node, 10) + pad(row.current, 10) + row.new) }
            transcript.print("")
        }
        guard !kubelets.isEmpty || !components.isEmpty else { return }
        transcript.print("")
        transcript.print(
            "Components that must be upgraded manually after you have upgraded the control plane with 'kubeadm upgrade apply':"
        )
        table(kubelets)
        transcript.print("Upgrade to the latest \(series):")
        transcript.print("")
        table(components)
        transcript.print("You can now apply the upgrade by executing the following command:")
        transcript.print("")
        transcript.print("\tkubeadm upgrade apply \(target)")
        transcript.print("")
    }
}
