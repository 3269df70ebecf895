import Foundation
import KubernetesModel
import KubernetesVersions
import Nodes

/// A node as `kubeadm init` or `join` leaves it on Debian 12.
struct NodeLayout {
    static let kernel = "6.1.0-28-amd64"
    static let prettyName = "Debian GNU/Linux 12 (bookworm)"
    static let containerdVersion = "1.7.24"
    static let bootIDFile = "/proc/sys/kernel/random/boot_id"
    static let sourceFile = "/etc/apt/sources.list.d/kubernetes.list"
    static let keyring = "/etc/apt/keyrings/kubernetes-apt-keyring.gpg"

    private(set) var state: MachineState
    private let now: Date

    init(_ spec: MachineSpec, now: Date) {
        self.now = now
        state = MachineState(hostname: spec.name, now: now)
        for folder in [
            "/bin", "/dev", "/opt/cni/bin", "/etc/cni/net.d", "/run", "/srv", "/usr/bin", "/var/lib/etcd",
            "/var/lib/containerd", "/var/log/pods", "/var/lib/kubelet/pki", "/var/cache/apt/archives/partial",
            "/var/lib/apt/lists/partial", "/etc/apt/sources.list.d", "/etc/apt/keyrings", "/etc/containerd",
            "/var/lib/dpkg", "/etc/kubernetes/manifests", "/etc/kubernetes/pki",
        ] { make(folder) }
        make("/root", mode: 0o700)
        make("/tmp", mode: 0o1777)
        make("/var/tmp", mode: 0o1777)
        if spec.isControlPlane {
            make("/etc/kubernetes/tmp", mode: 0o700)
            make("/var/lib/etcd/member/snap", mode: 0o700)
            make("/var/lib/etcd/member/wal", mode: 0o700)
        }
        writeSystem(spec)
        writeKubernetes(spec)
        installPackages(spec)
        startServices(spec)
    }

    private mutating func make(_ folder: String, mode: Int = 0o755) {
        try? state.files.makeFolder(folder, mode: mode, withParents: true, now: now)
    }

    private mutating func write(_ path: String, _ text: String, mode: Int = 0o644) {
        make(FileTree.parent(path))
        try? state.files.write(path, Array(text.utf8), mode: mode, now: now)
    }

    private mutating func writeSystem(_ spec: MachineSpec) {
        write(
            "/etc/os-release",
            """
            PRETTY_NAME="\(Self.prettyName)"
            NAME="Debian GNU/Linux"
            VERSION_ID="12"
            VERSION="12 (bookworm)"
            VERSION_CODENAME=bookworm
            ID=debian
            HOME_URL="https://www.debian.org/"
            SUPPORT_URL="https://www.debian.org/support"
            BUG_REPORT_URL="https://bugs.debian.org/"

            """
        )
        write("/etc/debian_version", "12.8\n")
        write("/etc/hostname", spec.name + "\n")
        write("/etc/hosts", "127.0.0.1 localhost\n\(spec.address) \(spec.name)\n")
        write(Self.bootIDFile, UUID().uuidString.lowercased() + "\n", mode: 0o444)
        write("/etc/machine-id", UUID().uuidString.lowercased().replacing("-", with: "") + "\n", mode: 0o444)
        write(
            "/etc/apt/sources.list",
            """
            deb http://deb.debian.org/debian bookworm main
            deb http://deb.debian.org/debian bookworm-updates main
            deb http://security.debian.org/debian-security bookworm-security main

            """
        )
        let address = PackageRepositories.address(spec.repository, spec.version.minorVersion)
        write(Self.sourceFile, "deb [signed-by=\(Self.keyring)] \(address) /\n")
        write(Self.keyring, "keyring of 234654DA9A296436\n")
        write("/etc/containerd/config.toml", "version = 2\n")
        // The lists a node has from the day it was set up.
        let offers = (try? PackageRepositories().offers(at: address)) ?? []
        write(AptLists.path(in: "/var/lib/apt/lists", of: address), AptLists.text(offers))
    }

    private mutating func writeKubernetes(_ spec: MachineSpec) {
        for (path, bytes) in spec.files {
            let isSecret = path.hasSuffix(".key") || path.hasSuffix(".conf")
            make(FileTree.parent(path))
            try? state.files.write(path, bytes, mode: isSecret ? 0o600 : 0o644, now: now)
        }
        write(MachineState.kubeletConfiguration, Self.kubeletConfiguration)
        var flags = ["--container-runtime-endpoint=unix:///run/containerd/containerd.sock"]
        if spec.version.minorVersion < MinorVersion(1, 35) {
            flags.append("--pod-infra-container-image=\(ReleaseCatalogue.image("pause", spec.version))")
        }
        write(MachineState.kubeletFlags, "KUBELET_KUBEADM_ARGS=\"\(flags.joined(separator: " "))\"\n")
        write(MachineState.kubeletDefaults, "KUBELET_EXTRA_ARGS=\n")
        write("/usr/lib/systemd/system/kubelet.service", "[Unit]\nDescription=kubelet: The Kubernetes Node Agent\n")
        write(
            "/usr/lib/systemd/system/kubelet.service.d/10-kubeadm.conf",
            """
            [Service]
            Environment="KUBELET_KUBECONFIG_ARGS=--bootstrap-kubeconfig=/etc/kubernetes/bootstrap-kubelet.conf \
            --kubeconfig=/etc/kubernetes/kubelet.conf"
            Environment="KUBELET_CONFIG_ARGS=--config=/var/lib/kubelet/config.yaml"
            EnvironmentFile=-/var/lib/kubelet/kubeadm-flags.env
            EnvironmentFile=-/etc/default/kubelet
            ExecStart=
            ExecStart=/usr/bin/kubelet $KUBELET_KUBECONFIG_ARGS $KUBELET_CONFIG_ARGS $KUBELET_KUBEADM_ARGS \
            $KUBELET_EXTRA_ARGS

            """
        )
        guard spec.isControlPlane else { return }
        let template = StaticPodTemplate(spec, version: spec.version)
        for (component, text) in template.manifests {
            write("\(StaticPodManifests.folder)/\(component).yaml", text, mode: 0o600)
        }
        write("/var/lib/etcd/member/snap/db", "emulated: the real member keeps its data elsewhere\n", mode: 0o600)
    }

    static let kubeletConfiguration = """
        apiVersion: kubelet.config.k8s.io/v1beta1
        authentication:
          anonymous:
            enabled: false
          webhook:
            enabled: true
          x509:
            clientCAFile: /etc/kubernetes/pki/ca.crt
        cgroupDriver: systemd
        clusterDNS:
        - 10.96.0.10
        clusterDomain: cluster.local
        kind: KubeletConfiguration
        rotateCertificates: true
        staticPodPath: /etc/kubernetes/manifests

        """

    private mutating func installPackages(_ spec: MachineSpec) {
        let minor = spec.version.minorVersion
        func add(_ name: String, _ version: String, isHeld: Bool = false) {
            state.packages[name] = PackageStatus(name: name, version: version, state: .installed, isHeld: isHeld)
        }
        for name in ["kubeadm", "kubelet", "kubectl"] {
            add(name, "\(spec.version.withoutPrefix)-1.1", isHeld: spec.holdsPackages)
        }
        add("cri-tools", "1.\(minor.minor).0-1.1")
        add("kubernetes-cni", PackageRepositories.cni(minor))
        add("containerd.io", "\(Self.containerdVersion)-1")
        add("apt", "2.6.1")
        add("dpkg", "1.21.22")
        add("openssh-server", "1:9.2p1-2+deb12u3")
        state.pull(ReleaseCatalogue.images(spec.version).filter { spec.isControlPlane || $0.contains("kube-proxy") })
        state.pull([ReleaseCatalogue.image("pause", spec.version)])
    }

    private mutating func startServices(_ spec: MachineSpec) {
        for (name, description, dropIns) in [
            ("containerd", "containerd container runtime", ""),
            (
                "kubelet", "kubelet: The Kubernetes Node Agent",
                "/usr/lib/systemd/system/kubelet.service.d/10-kubeadm.conf"
            ), ("ssh", "OpenBSD Secure Shell server", ""),
        ] {
            state.services[name] = Service(
                name: name,
                activity: .active,
                mainPID: state.newPID(),
                activeSince: now,
                starts: 0,
                description: description,
                fragmentPath: "/usr/lib/systemd/system/\(name).service",
                dropInPaths: dropIns
            )
        }
        state.startKubelet(now: now)
    }
}
