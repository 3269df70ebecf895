import KubernetesVersions
import Nodes
import Testing

@Suite struct `the table of apt-cache madison` {
    private let madison = Madison(
        """
           kubeadm | 1.32.10-1.1 | https://pkgs.k8s.io/core:/stable:/v1.32/deb  Packages
           kubeadm | 1.32.6-2.1 | https://pkgs.k8s.io/core:/stable:/v1.32/deb  Packages
           kubeadm | 1.32.6-1.1 | https://pkgs.k8s.io/core:/stable:/v1.32/deb  Packages
           kubeadm |  1.32.6-1.1 | https://mirror.example/deb  Packages
           kubelet | 1.32.10-1.1 | https://pkgs.k8s.io/core:/stable:/v1.32/deb  Packages
           kubeadm | 1.32.6-1.1 | https://pkgs.k8s.io/core:/stable:/v1.32/deb  Sources
        W: something about a | pipe
        N: Unable to locate package nonsense

        """
    )

    @Test func `gives the versions of a package, ascending, each once`() {
        #expect(madison.versions(of: "kubeadm") == [KubernetesVersion(1, 32, 6), KubernetesVersion(1, 32, 10)])
        #expect(madison.versions(of: "kubectl") == [])
        #expect(madison.rows.count == 5)
    }

    @Test func `gives the package version that is a version of Kubernetes, in its highest revision`() {
        #expect(madison.revision(of: "kubeadm", KubernetesVersion(1, 32, 6)) == "1.32.6-2.1")
        #expect(madison.revision(of: "kubelet", KubernetesVersion(1, 32, 6)) == nil)
    }

    @Test(
        arguments: [
            ("1.31.14-1.1", "v1.31.14"), ("1.28.2-00", "v1.28.2"), ("1.34.0~rc.1-1.1", "v1.34.0-rc.1"),
            ("1:1.31.4-1.1", "v1.31.4"), ("1.31.4", "v1.31.4"), ("", nil), ("abc-1", nil), ("-", nil), ("1.31-1", nil),
        ] as [(String, String?)]
    ) func `knows Kubernetes' version in a package's`(package: String, version: String?) {
        #expect(Madison.kubernetesVersion(package)?.description == version)
    }
}

@Suite struct `what dpkg says of packages` {
    @Test func `is read field by field`() {
        let status = PackageStatus.parse(
            "kubeadm\t1.31.4-1.1\thi \nkubelet\t1.32.6-1.1\tiU \nkubectl\t\tun \nodd\t1\tiF \nweird\t1\tix\nshort\t1\n\t\n"
        )
        #expect(status.map(\.name) == ["kubeadm", "kubelet", "kubectl", "odd"])
        #expect(status.map(\.state) == [.installed, .unpacked, .notInstalled, .halfConfigured])
        #expect(status.map(\.isHeld) == [true, false, false, false])
        #expect(status.map(\.isInstalled) == [true, false, false, false])
        #expect(status.map(\.isHalfDone) == [false, true, false, true])
        #expect(status[0].kubernetesVersion == KubernetesVersion(1, 31, 4) && status[2].kubernetesVersion == nil)
    }
}

@Suite struct `an installation` {
    @Test func `names exact versions, asks nothing, and sets holds again`() {
        let commands = APT.installCommands(["kubelet": "1.32.6-1.1", "kubectl": "1.32.6-1.1"], held: ["kubelet"])
        let lines = commands.map { $0.arguments.joined(separator: " ") }
        #expect(lines.count == 6)
        #expect(lines[3].hasPrefix("apt-get install -y --allow-change-held-packages"))
        #expect(lines[3].hasSuffix("kubectl=1.32.6-1.1 kubelet=1.32.6-1.1"))
        #expect(!lines[3].contains("downgrades"))
        #expect(commands[3].environment["DEBIAN_FRONTEND"] == "noninteractive")
        #expect(lines[4] == "apt-mark hold kubelet" && lines[5] == "rm -f \(APT.holdsFile)")
        // What was held is on the node before apt lifts it.
        #expect(lines[2].hasSuffix(APT.holdsFile))
    }

    @Test func `of what is not held notes nothing`() {
        let commands = APT.installCommands(["kubeadm": "1.32.6-1.1"], held: [], allowDowngrade: true)
        #expect(commands.count == 1 && commands[0].arguments.contains("--allow-downgrades"))
    }
}
