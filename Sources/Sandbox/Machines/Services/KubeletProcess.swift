import Foundation
import KubernetesModel
import KubernetesVersions
import Nodes

/// When the kubelet of a node runs.
extension MachineState {
    static let kubeletConfiguration = "/var/lib/kubelet/config.yaml"
    static let kubeletFlags = "/var/lib/kubelet/kubeadm-flags.env"
    static let kubeletDefaults = "/etc/default/kubelet"

    /// Why a kubelet started now would end at once; nil when it would not.
    func kubeletTrouble() -> String? {
        guard let version = programVersion("kubelet") else { return "/usr/bin/kubelet: No such file or directory" }
        if kubeletStaysDown { return "main process exited, code=exited, status=1/FAILURE" }
        guard let text = files.text(Self.kubeletConfiguration) else {
            return "failed to load kubelet config file, path: \(Self.kubeletConfiguration), error: open "
                + "\(Self.kubeletConfiguration): no such file or directory"
        }
        guard let configuration = try? YAML.value(in: text), configuration["kind"]?.string == "KubeletConfiguration"
        else {
            return "failed to load kubelet config file, path: \(Self.kubeletConfiguration), error: failed to decode"
        }
        if services["containerd"]?.activity != .active {
            return "failed to run Kubelet: validate service connection: dial unix /run/containerd/containerd.sock: "
                + "connect: no such file or directory"
        }
        let flags = [Self.kubeletFlags, Self.kubeletDefaults].compactMap { files.text($0) }.joined(separator: " ")
        if version.minorVersion >= MinorVersion(1, 35), flags.contains("--pod-infra-container-image") {
            return "failed to parse kubelet flag: unknown flag: --pod-infra-container-image"
        }
        return nil
    }

    mutating func startKubelet(now: Date) {
        guard var kubelet = services["kubelet"] else { return }
        kubelet.starts += 1
        if let trouble = kubeletTrouble() {
            kubelet.activity = .failing(trouble)
            kubelet.runningVersion = nil
            kubelet.mainPID = 0
            kubelet.automaticRestarts += 1
        } else {
            kubelet.activity = .active
            kubelet.runningVersion = programVersion("kubelet")
            kubelet.configuration = files.text(Self.kubeletConfiguration).flatMap { try? YAML.value(in: $0) } ?? [:]
            kubelet.mainPID = newPID()
            kubelet.activeSince = now
        }
        services["kubelet"] = kubelet
    }

    /// systemd's own next try of a kubelet that ended, once what ended it is gone.
    mutating func retryKubelet(now: Date) {
        guard case .failing? = services["kubelet"]?.activity, kubeletTrouble() == nil else { return }
        startKubelet(now: now)
    }
}
