import KubernetesVersions
import Nodes
import Sandbox
import Testing

@Suite(.timeLimit(.minutes(1))) struct `the packages of a machine` {
    @Test func `are found, switched to another minor and installed as the product does it`() async throws {
        try await Lab.with { lab in
            let apt = APT(try lab.node("w-1"))
            #expect(try await apt.source().kind == .perMinor(MinorVersion(1, 31)))
            #expect(try await apt.listed("kubeadm").last?.minorVersion == MinorVersion(1, 31))
            let offers = try await apt.offers(of: "kubeadm", in: MinorVersion(1, 32))
            #expect(offers.contains(KubernetesVersion(1, 32, 6)))
            // Asking changes nothing: the node's own lists are still those of its minor.
            #expect(try await apt.listed("kubeadm").last?.minorVersion == MinorVersion(1, 31))
            #expect(try await lab.run("w-1", "find", APT.scratch, "-mindepth", "1").text == "")

            try await apt.switchRepository(to: MinorVersion(1, 32))
            try await apt.install(["kubeadm"], KubernetesVersion(1, 32, 6))
            let status = try await apt.status(of: ["kubeadm", "kubelet"])
            #expect(status.map(\.version) == ["1.32.6-1.1", "1.31.4-1.1"] && status.allSatisfy(\.isHeld))
            #expect(try await lab.run("w-1", "kubeadm", "version", "-o", "short").text == "v1.32.6\n")
            #expect(try await apt.pendingHolds() == [])
        }
    }

    @Test func `of a minor that was never released are refused with the repository's words`() async throws {
        try await Lab.with { lab in
            let apt = APT(try lab.node("w-1"))
            await #expect(throws: NodeError.self) { _ = try await apt.offers(of: "kubeadm", in: MinorVersion(1, 99)) }
            #expect(try await lab.run("w-1", "find", APT.scratch, "-mindepth", "1").text == "")
        }
    }

    @Test func `lie in one place where the mirror is flat`() async throws {
        try await Lab.with(repository: .flat) { lab in
            let apt = APT(try lab.node("w-1"))
            #expect(try await apt.source().kind == .flat)
            let offers = try await apt.offers(of: "kubelet", in: MinorVersion(1, 33))
            #expect(!offers.isEmpty && offers.allSatisfy { $0.minorVersion == MinorVersion(1, 33) })
        }
    }

    @Test func `on hold are changed only where apt is told to`() async throws {
        try await Lab.with { lab in
            let refused = try await lab.run("w-1", "apt-get", "install", "-y", "kubeadm=1.31.5-1.1")
            #expect(refused.exitCode == 100 && refused.errorText.contains("Held packages were changed"))
            #expect(try await lab.run("w-1", "kubeadm", "version", "-o", "short").text == "v1.31.4\n")
            let allowed = try await lab.run(
                "w-1",
                "apt-get",
                "install",
                "-y",
                "--allow-change-held-packages",
                "kubeadm=1.31.5-1.1"
            )
            #expect(allowed.succeeded)
            // As with the real one, the hold is gone then.
            #expect(try await lab.run("w-1", "apt-mark", "showhold").text == "kubectl\nkubelet\n")
            #expect(try await lab.run("w-1", "apt-mark", "hold", "kubeadm").text == "kubeadm set on hold.\n")
            #expect(
                try await lab.run("w-1", "apt-mark", "hold", "kubeadm").text == "kubeadm was already set on hold.\n"
            )
        }
    }

    @Test func `are neither lowered nor invented unasked`() async throws {
        try await Lab.with { lab in
            let flags = ["apt-get", "install", "-y", "--allow-change-held-packages"]
            let machine = try lab.machine("w-1")
            let lower = try #require(await machine.run(Command(arguments: flags + ["kubeadm=1.31.2-1.1"])))
            #expect(lower.exitCode == 100 && lower.errorText.contains("--allow-downgrades"))
            let never = try #require(await machine.run(Command(arguments: flags + ["kubeadm=1.32.6-1.1"])))
            #expect(
                never.exitCode == 100 && never.errorText.contains("Version '1.32.6-1.1' for 'kubeadm' was not found")
            )
            let unknown = try #require(await machine.run(Command(arguments: flags + ["kubeadmin"])))
            #expect(unknown.errorText.contains("Unable to locate package kubeadmin"))
            #expect(try await lab.run("w-1", "apt-get", "dance").errorText.contains("Invalid operation dance"))
            // Without -y it asks, and nobody answers.
            let asked = try await lab.run("w-1", "apt-get", "install", "kubeadm=1.31.5-1.1")
            #expect(asked.exitCode == 1 && asked.text.hasSuffix("Abort.\n"))
            #expect(try await lab.run("w-1", "kubeadm", "version", "-o", "short").text == "v1.31.4\n")
        }
    }

    @Test func `that dpkg left half done stop apt until they are configured`() async throws {
        try await Lab.with { lab in
            let node = try lab.node("w-1")
            try await lab.machine("w-1").alter {
                $0.packages["kubeadm"] = PackageStatus(name: "kubeadm", version: "1.31.5-1.1", state: .unpacked)
            }
            let refused = try await lab.run("w-1", "apt-get", "install", "-y", "kubectl")
            #expect(refused.exitCode == 100 && refused.errorText.contains("dpkg was interrupted"))
            let status = try await lab.run("w-1", "dpkg-query", "-W", "-f=${db:Status-Abbrev}\\n", "kubeadm")
            #expect(status.text == "iU \n")
            // The product knows the way out.
            try await APT(node).install(["kubeadm"], KubernetesVersion(1, 31, 6))
            #expect(try await APT(node).status(of: ["kubeadm"]).first?.isInstalled == true)
        }
    }

    @Test func `wait for another package manager, or name it`() async throws {
        try await Lab.with { lab in
            let machine = try lab.machine("w-1")
            await machine.alter { $0.packages.lockHolder = (4711, "unattended-upgr") }
            let refused = try await lab.run("w-1", "apt-get", "install", "-y", "cri-tools")
            #expect(refused.exitCode == 100 && refused.errorText.contains("held by process 4711 (unattended-upgr)"))
            async let patient = lab.run("w-1", "apt-get", "install", "-y", "-o", "DPkg::Lock::Timeout=1000000", "apt")
            try await eventually("apt waits") { try await lab.run("w-1", "pgrep", "-x", "apt-get").succeeded }
            await machine.alter { $0.packages.lockHolder = nil }
            #expect(try await patient.succeeded)
        }
    }

    @Test func `that are unknown are told apart by dpkg-query`() async throws {
        try await Lab.with { lab in
            let result = try await lab.run("w-1", "dpkg-query", "-W", "-f=${Package} ${Version}\\n", "kubelet", "nope")
            #expect(result.exitCode == 1 && result.text == "kubelet 1.31.4-1.1\n")
            #expect(result.errorText == "dpkg-query: no packages found matching nope\n")
            let policy = try await lab.run("w-1", "apt-cache", "policy", "kubelet")
            #expect(policy.text.contains("Installed: 1.31.4-1.1"))
            #expect(try await lab.run("w-1", "apt-cache", "madison", "nope").text == "")
        }
    }
}

@Suite(.timeLimit(.minutes(1))) struct `the services of a machine` {
    @Test func `run the new binary only after a restart`() async throws {
        try await Lab.with { lab in
            let node = try lab.node("w-1")
            try await APT(node).install(["kubelet"], KubernetesVersion(1, 31, 6))
            #expect(try await lab.machine("w-1").kubeletState().runningVersion == KubernetesVersion(1, 31, 4))
            let before = try await Systemd(node).show("kubelet")
            #expect(before.isActive && before.needsDaemonReload)
            try await Systemd(node).reload()
            #expect(try await !Systemd(node).show("kubelet").needsDaemonReload)
            try await Systemd(node).restart("kubelet")
            let after = try await Systemd(node).show("kubelet")
            #expect(after.isActive && after.mainPID != before.mainPID)
            #expect(try await lab.machine("w-1").kubeletState().runningVersion == KubernetesVersion(1, 31, 6))
        }
    }

    @Test func `that do not come up are tried again, and come up once the cause is gone`() async throws {
        try await Lab.with { lab in
            let machine = try lab.machine("w-1")
            await machine.setKubeletStaysDown(true)
            #expect(await machine.kubeletState().runningVersion != nil)
            #expect(try await lab.run("w-1", "systemctl", "restart", "kubelet").succeeded)
            #expect(try await lab.run("w-1", "systemctl", "is-active", "kubelet").text == "activating\n")
            #expect(try await lab.run("w-1", "systemctl", "is-active", "kubelet").exitCode == 3)
            await machine.setKubeletStaysDown(false)
            #expect(try await Systemd(try lab.node("w-1")).isActive("kubelet"))

            #expect(try await lab.run("w-1", "mv", "/var/lib/kubelet/config.yaml", "/root/c").succeeded)
            _ = try await lab.run("w-1", "systemctl", "restart", "kubelet")
            #expect(try await !Systemd(try lab.node("w-1")).isActive("kubelet"))
            #expect(try await lab.run("w-1", "systemctl", "status", "kubelet").text.contains("no such file"))
            #expect(try await lab.run("w-1", "mv", "/root/c", "/var/lib/kubelet/config.yaml").succeeded)
            #expect(try await Systemd(try lab.node("w-1")).isActive("kubelet"))
        }
    }

    @Test func `that are not there are named`() async throws {
        try await Lab.with { lab in
            let result = try await lab.run("w-1", "systemctl", "restart", "kublet")
            #expect(result.exitCode == 5 && result.errorText.contains("Unit kublet.service not found"))
            #expect(try await lab.run("w-1", "systemctl", "is-active", "kublet").exitCode == 3)
            #expect(try await lab.run("w-1", "systemctl", "dance", "kubelet").exitCode == 1)
        }
    }
}
