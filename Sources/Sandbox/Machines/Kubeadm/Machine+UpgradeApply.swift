import Foundation
import KubernetesModel
import KubernetesVersions
import Nodes

/// `kubeadm upgrade apply` and `kubeadm upgrade node`.
extension Machine {
    func upgradeApply(
        _ version: KubernetesVersion,
        _ arguments: KubeadmArguments,
        _ call: Invocation,
        _ transcript: inout Transcript
    ) async throws {
        guard let word = arguments.words.first, arguments.words.count == 1 else {
            throw KubeadmStop("missing one or more required arguments. Required arguments: [version]")
        }
        let target = try Self.parse(word)
        let isForced = try arguments.isSet("force")
        try requireAdmin()
        let configuration = try await clusterConfiguration(version, &transcript)
        transcript.print("[upgrade/preflight] Running preflight checks")
        transcript.print("[upgrade] Running cluster health checks")
        try report(try await healthChecks(), ignoring: arguments.ignoredChecks, &transcript)
        try await spend(.seconds(3))
        let cluster = try await oldestAPIServer(configuration.version)
        transcript.print("[upgrade/preflight] You have chosen to upgrade the cluster version to \"\(target)\"")
        transcript.print("[upgrade/versions] Cluster version: \(cluster)")
        transcript.print("[upgrade/versions] kubeadm version: \(version)")
        let nodes = try await api { cluster throws(APIStatus) in try await cluster.list(.nodes, namespace: nil).items }
        let kubelets = nodes.compactMap { node in
            node["status", "nodeInfo", "kubeletVersion"]?.string.flatMap { try? KubernetesVersion(parsing: $0) }
        }
        let policy = VersionPolicy(target: target, cluster: cluster, kubeadm: version, kubelets: kubelets)
        try policy.enforce(isForced: isForced)
        if try !isForced && !arguments.isSet("yes") {
            transcript.print("[upgrade] Are you sure you want to proceed? [y/N]: ")
            guard call.input.first == UInt8(ascii: "y") || call.input.first == UInt8(ascii: "Y") else {
                throw KubeadmStop(
                    "error execution phase preflight: won't proceed; the user didn't answer (Y|y) in order to continue"
                )
            }
        }
        let isDry = try arguments.isSet("dry-run")
        try await pullControlPlane(target, &transcript)
        if isDry {
            transcript.print("[upgrade/successful] Finished dryrunning successfully!")
            return
        }
        transcript.print(
            "[upgrade/control-plane] Upgrading your static Pod-hosted control plane to version \"\(target)\" (timeout: 5m0s)..."
        )
        try await upgradeStaticPods(target, configuration.value, arguments, &transcript)
        try await uploadConfiguration(version, target, &transcript)
        try await writeKubeletConfiguration(version, &transcript)
        transcript.print("[bootstrap-token] Configured RBAC rules to allow Node Bootstrap tokens to get nodes")
        try await upgradeAddons(target, &transcript)
        transcript.print("")
        transcript.print("[upgrade] SUCCESS! A control plane node of your cluster was upgraded to \"\(target)\".")
        transcript.print("")
        transcript.print(
            "[upgrade] Now please proceed with upgrading the rest of the nodes by following the right order."
        )
    }

    /// Its target is the version in kubeadm-config, whatever its own: before `apply` it changes nothing, and succeeds.
    func upgradeNode(
        _ version: KubernetesVersion,
        _ arguments: KubeadmArguments,
        _ transcript: inout Transcript
    ) async throws {
        guard arguments.words.isEmpty else {
            throw KubeadmStop("unknown command \"\(arguments.words[0])\" for \"kubeadm upgrade node\"")
        }
        let configuration = try await clusterConfiguration(version, &transcript)
        let target = configuration.version
        // Which it is, the manifest says: as the real one decides.
        let isControlPlane = state.files.exists(StaticPodManifests.Component.apiServer.path)
        transcript.print("[upgrade/preflight] Running pre-flight checks")
        try await spend(.seconds(2))
        if isControlPlane {
            try requireAdmin()
            try await pullControlPlane(target, &transcript)
        } else {
            transcript.print("[upgrade/preflight] Skipping prepull. Not a control plane node.")
        }
        if try arguments.isSet("dry-run") {
            transcript.print("[upgrade/successful] Finished dryrunning successfully!")
            return
        }
        if isControlPlane {
            transcript.print(
                "[upgrade/control-plane] Upgrading your Static Pod-hosted control plane instance to version \"\(target)\"..."
            )
            try await upgradeStaticPods(target, configuration.value, arguments, &transcript)
            transcript.print(
                "[upgrade/control-plane] The control plane instance for this node was successfully upgraded!"
            )
        } else {
            transcript.print("[upgrade/control-plane] Skipping phase. Not a control plane node.")
            transcript.print("[upgrade/kubeconfig] Skipping phase. Not a control plane node.")
        }
        try await writeKubeletConfiguration(version, &transcript)
        transcript.print("[upgrade/kubelet-config] The kubelet configuration for this node was successfully upgraded!")
        if isControlPlane {
            try await upgradeAddons(target, &transcript)
        } else {
            transcript.print("[upgrade/addon] Skipping the addon/coredns phase. Not a control plane node.")
            transcript.print("[upgrade/addon] Skipping the addon/kube-proxy phase. Not a control plane node.")
        }
    }

    private func pullControlPlane(_ target: KubernetesVersion, _ transcript: inout Transcript) async throws {
        guard ReleaseCatalogue.exists(target) else {
            throw KubeadmStop(
                "error execution phase preflight: [preflight] Some fatal errors occurred:\n\t[ERROR ImagePull]: failed to "
                    + "pull image \"registry.k8s.io/kube-apiserver:\(target)\": not found\n[preflight] If you know what you "
                    + "are doing, you can make a check non-fatal with `--ignore-preflight-errors=...`"
            )
        }
        transcript.print("[upgrade/prepull] Pulling images required for setting up a Kubernetes cluster")
        transcript.print(
            "[upgrade/prepull] This might take a minute or two, depending on the speed of your internet connection"
        )
        let images = ReleaseCatalogue.images(target)
        if !Set(images).isSubset(of: state.images) { try await spend(.seconds(10)) }
        state.pull(images)
        settle()
    }

    // MARK: What an upgrade leaves in the cluster

    private func uploadConfiguration(
        _ version: KubernetesVersion,
        _ target: KubernetesVersion,
        _ transcript: inout Transcript
    ) async throws {
        transcript.print(
            "[upload-config] Storing the configuration used in ConfigMap \"kubeadm-config\" in the \"kube-system\" Namespace"
        )
        try await spend(.seconds(1))
        let writesLists = version.minorVersion >= MinorVersion(1, 31)
        try await change(.configMaps, Self.kubeadmConfig) { object in
            guard let text = object["data", "ClusterConfiguration"]?.string, var value = try? YAML.value(in: text)
            else {
                return
            }
            value["kubernetesVersion"] = .string(target.description)
            if writesLists { Self.convertToV1Beta4(&value) }
            object["data", "ClusterConfiguration"] = .string(YAML.text(value))
        }
        transcript.print(
            "[kubelet] Creating a ConfigMap \"kubelet-config\" in namespace kube-system with the configuration for the kubelets in the cluster"
        )
    }

    /// kubeadm 1.31 and newer write v1beta4, whose extra arguments are lists.
    private static func convertToV1Beta4(_ value: inout JSONValue) {
        value["apiVersion"] = "kubeadm.k8s.io/v1beta4"
        for path in [["apiServer"], ["controllerManager"], ["scheduler"], ["etcd", "local"]] {
            guard let map = value[path: path + ["extraArgs"]]?.object else { continue }
            value[path: path + ["extraArgs"]] = .array(
                map.sorted { $0.key < $1.key }.map { ["name": .string($0.key), "value": $0.value] }
            )
        }
    }

    private func writeKubeletConfiguration(_ version: KubernetesVersion, _ transcript: inout Transcript) async throws {
        let object: KubernetesObject
        do {
            object = try await api { cluster throws(APIStatus) in try await cluster.get(.configMaps, Self.kubeletConfig)
            }
        } catch let status as APIStatus {
            throw KubeadmStop("error execution phase kubelet-config: \(status.message)")
        }
        guard var text = object["data", "kubelet"]?.string else {
            throw KubeadmStop("error execution phase kubelet-config: the ConfigMap kubelet-config has no kubelet key")
        }
        try await spend(.seconds(1))
        let backup = "/etc/kubernetes/tmp/kubeadm-kubelet-config-\(stamp)"
        transcript.print("[upgrade] Backing up kubelet config file to \(backup)/config.yaml")
        if version.minorVersion >= MinorVersion(1, 34) { try await moveRuntimeSocket(&text, &transcript) }
        try files { files, now throws(FileError) in
            try files.makeFolder(backup, mode: 0o700, withParents: true, now: now)
            let path = MachineState.kubeletConfiguration
            if let present = files.entry(path)?.bytes {
                try files.write("\(backup)/config.yaml", present, mode: 0o600, now: now)
            }
            try files.write(path, Array(text.utf8), mode: 0o644, now: now)
            if version.minorVersion == MinorVersion(1, 35) {
                try Self.dropFlag("--pod-infra-container-image", &files, now)
            }
        }
        transcript.print(
            "[kubelet-start] Writing kubelet configuration to file \"\(MachineState.kubeletConfiguration)\""
        )
        settle()
    }

    /// From 1.34 on the runtime's socket is the node's own setting and no annotation any more.
    private func moveRuntimeSocket(_ configuration: inout String, _ transcript: inout Transcript) async throws {
        let socket = "unix:///run/containerd/containerd.sock"
        let path = "/var/lib/kubelet/instance-config.yaml"
        if !state.files.exists(path) {
            transcript.print(
                "[kubelet-start] Writing kubelet environment file with flags to file \"\(MachineState.kubeletFlags)\""
            )
            transcript.print("[kubelet-start] Writing kubelet configuration to file \"\(path)\"")
            try files { files, now throws(FileError) in
                let text =
                    "apiVersion: kubelet.config.k8s.io/v1beta1\ncontainerRuntimeEndpoint: \(socket)\nkind: KubeletConfiguration\n"
                try files.write(path, Array(text.utf8), mode: 0o644, now: now)
                try Self.dropFlag("--container-runtime-endpoint", &files, now)
            }
        }
        if var value = try? YAML.value(in: configuration) {
            value["containerRuntimeEndpoint"] = .string(socket)
            configuration = YAML.text(value)
        }
        try await change(.nodes, ObjectKey(name: name)) { node in
            node.annotations["kubeadm.alpha.kubernetes.io/cri-socket"] = nil
        }
    }

    private static func dropFlag(_ flag: String, _ files: inout FileTree, _ now: Date) throws(FileError) {
        guard let text = files.text(MachineState.kubeletFlags), let start = text.firstIndex(of: "\""),
            let end = text.lastIndex(of: "\""), start < end
        else { return }
        let words = text[text.index(after: start)..<end].split(separator: " ").filter { !$0.hasPrefix(flag + "=") }
        let line = "\(text[...start])\(words.joined(separator: " "))\(text[end...])"
        try files.write(MachineState.kubeletFlags, Array(line.utf8), now: now)
    }

    /// CoreDNS and kube-proxy follow once every API server runs this node's image: at the last control-plane node.
    private func upgradeAddons(_ target: KubernetesVersion, _ transcript: inout Transcript) async throws {
        let own = state.files.text(StaticPodManifests.Component.apiServer.path)
            .flatMap { try? YAML.objects(in: $0).first }.map(Self.image)
        let behind = try await componentPods("kube-apiserver").filter { Self.image($0) != own }.map(\.name).sorted()
        guard behind.isEmpty else {
            transcript.print(
                "[upgrade/addon] Skipping upgrade of addons because control plane instances "
                    + "[\(behind.joined(separator: " "))] have not been upgraded"
            )
            return
        }
        try await spend(.seconds(2))
        try await setImage(.deployments, "coredns", ReleaseCatalogue.image("coredns", target))
        transcript.print("[addons] Applied essential addon: CoreDNS")
        try await setImage(.daemonSets, "kube-proxy", ReleaseCatalogue.image("kube-proxy", target))
        transcript.print("[addons] Applied essential addon: kube-proxy")
    }

    /// An add-on that was removed from the cluster stays away.
    private func setImage(_ resource: Resource, _ name: String, _ image: String) async throws {
        do {
            try await change(resource, ObjectKey(namespace: "kube-system", name: name)) { object in
                guard var container = object["spec", "template", "spec", "containers"]?[0] else { return }
                container["image"] = .string(image)
                let others = object["spec", "template", "spec", "containers"]?.array?.dropFirst() ?? []
                object["spec", "template", "spec", "containers"] = .array([container] + others)
            }
        } catch let status as APIStatus where status.isNotFound {
            return
        }
    }
}
