import KubernetesModel
import KubernetesVersions
import Nodes
import Sandbox
import Testing

private let target = KubernetesVersion(1, 32, 6)

/// Why kubeadm failed.
private func failure(_ body: () async throws -> Void) async throws -> KubeadmFailure {
    do { try await body() } catch NodeError.kubeadm(_, _, let failure) { return failure }
    throw Unexpected("kubeadm succeeded")
}

private struct Unexpected: Error, CustomStringConvertible {
    let description: String
    init(_ description: String) { self.description = description }
}

@Suite(.timeLimit(.minutes(2))) struct `the kubeadm of a machine` {
    @Test func `plans, applies, and lets the other nodes follow`() async throws {
        try await Lab.with(controlPlanes: 2) { lab in
            let first = try lab.node("cp-1")
            for name in ["cp-1", "cp-2", "w-1"] { try await lab.setPackage("kubeadm", "1.32.6-1.1", on: name) }
            let plan = try await Kubeadm(first).plan(target)
            #expect(plan.rows.contains { $0.component == "kube-apiserver" && $0.node == "cp-2" && $0.new == "v1.32.6" })
            #expect(plan.rows.contains { $0.component == "kubelet" && $0.node == "w-1" && $0.current == "v1.31.4" })
            #expect(try await lab.clusterVersion() == "v1.31.4", "a plan changes nothing")

            try await Kubeadm(first).apply(target)
            #expect(try await lab.clusterVersion() == "v1.32.6")
            #expect(try await StaticPodManifests(first).images()[.apiServer]?.hasSuffix(":v1.32.6") == true)
            #expect(try await StaticPodManifests(first).leftovers() == [])
            let proxy = ObjectKey(namespace: "kube-system", name: "kube-proxy")
            func proxyImage() async throws -> String? {
                try await lab.access.get(.daemonSets, proxy)["spec", "template", "spec", "containers"]?[0]?["image"]?
                    .string
            }
            // Add-ons follow the last control-plane node.
            #expect(try await proxyImage()?.hasSuffix(":v1.31.4") == true)
            let second = try lab.node("cp-2")
            #expect(try await StaticPodManifests(second).images()[.apiServer]?.hasSuffix(":v1.31.4") == true)
            try await Kubeadm(second).upgradeNode()
            #expect(try await StaticPodManifests(second).images()[.apiServer]?.hasSuffix(":v1.32.6") == true)
            #expect(try await proxyImage()?.hasSuffix(":v1.32.6") == true)

            try await Kubeadm(try lab.node("w-1")).upgradeNode()
            #expect(try await lab.machine("w-1").kubeletState().runningVersion == KubernetesVersion(1, 31, 4))
            // Of the control plane nothing is left to plan.
            try await lab.setNode("cp-1", isReady: true, kubelet: target)
            try await lab.setNode("cp-2", isReady: true, kubelet: target)
            try await lab.setNode("w-1", isReady: true, kubelet: target)
            #expect(try await Kubeadm(first).plan(target).isEmpty)
        }
    }

    @Test func `may apply again what is applied`() async throws {
        try await Lab.with { lab in
            try await lab.setPackage("kubeadm", "1.32.6-1.1", on: "cp-1")
            try await Kubeadm(try lab.node("cp-1")).apply(target)
            let text = try await lab.run("cp-1", "kubeadm", "upgrade", "apply", "v1.32.6", "-y").text
            #expect(text.contains("Current and new manifests of kube-apiserver are equal, skipping upgrade"))
        }
    }

    @Test func `changes nothing by "upgrade node" before "upgrade apply"`() async throws {
        try await Lab.with(controlPlanes: 2) { lab in
            try await lab.setPackage("kubeadm", "1.32.6-1.1", on: "cp-2")
            try await Kubeadm(try lab.node("cp-2")).upgradeNode()
            let images = try await StaticPodManifests(try lab.node("cp-2")).images()
            #expect(images[.apiServer] == "registry.k8s.io/kube-apiserver:v1.31.4")
        }
    }

    @Test func `goes one minor at a time`() async throws {
        try await Lab.with { lab in
            let kubeadm = Kubeadm(try lab.node("cp-1"))
            try await lab.setPackage("kubeadm", "1.32.6-1.1", on: "cp-1")
            guard case .kubeadmTooOld = try await failure({ try await kubeadm.apply(KubernetesVersion(1, 33, 2)) })
            else {
                throw Unexpected("two minors above the cluster, one above kubeadm")
            }
            try await lab.setPackage("kubeadm", "1.33.2-1.1", on: "cp-1")
            // kubeadm 1.33 does not even read the configuration of a cluster two minors behind.
            let refusal = try await failure { try await kubeadm.apply(KubernetesVersion(1, 33, 2)) }
            guard case .kubeadmTooNew = refusal else { throw Unexpected("\(refusal)") }
            #expect(try await lab.clusterVersion() == "v1.31.4")
        }
    }

    @Test func `is of the target's minor, and not older than it`() async throws {
        try await Lab.with { lab in
            let kubeadm = Kubeadm(try lab.node("cp-1"))
            guard case .kubeadmTooOld = try await failure({ try await kubeadm.apply(target) }) else {
                throw Unexpected("kubeadm 1.31 applied 1.32")
            }
            try await lab.setPackage("kubeadm", "1.32.5-1.1", on: "cp-1")
            guard case .kubeadmTooOld = try await failure({ try await kubeadm.apply(target) }) else {
                throw Unexpected("kubeadm 1.32.5 applied 1.32.6")
            }
            try await lab.setPackage("kubeadm", "1.32.6-1.1", on: "cp-1")
            guard case .kubeadmTooNew = try await failure({ try await kubeadm.apply(KubernetesVersion(1, 31, 6)) })
            else {
                throw Unexpected("kubeadm 1.32 applied 1.31")
            }
        }
    }

    @Test func `may be forced past an older patch of its own, and past no minor`() async throws {
        try await Lab.with { lab in
            try await lab.setPackage("kubeadm", "1.31.14-1.1", on: "cp-1")
            let refused = try await lab.run("cp-1", "kubeadm", "upgrade", "apply", "v1.32.6", "--force")
            #expect(refused.exitCode == 1)
            #expect(try await lab.clusterVersion() == "v1.31.4")
            try await lab.setPackage("kubeadm", "1.32.5-1.1", on: "cp-1")
            #expect(try await lab.run("cp-1", "kubeadm", "upgrade", "apply", "v1.32.6", "--force").succeeded)
            #expect(try await lab.clusterVersion() == "v1.32.6")
        }
    }

    @Test func `leaves no kubelet behind that would be too old`() async throws {
        try await Lab.with { lab in
            try await lab.setPackage("kubeadm", "1.32.6-1.1", on: "cp-1")
            try await lab.setNode("w-1", isReady: true, kubelet: KubernetesVersion(1, 28, 0))
            let refusal = try await failure { try await Kubeadm(try lab.node("cp-1")).apply(target) }
            #expect("\(refusal)".contains("kubelets in this cluster that are too old"))
            try await lab.setNode("w-1", isReady: true, kubelet: KubernetesVersion(1, 29, 0))
            try await Kubeadm(try lab.node("cp-1")).apply(target)
        }
    }

    @Test func `asks for ready control-plane nodes, unless told not to`() async throws {
        try await Lab.with(controlPlanes: 2) { lab in
            let kubeadm = Kubeadm(try lab.node("cp-1"))
            try await lab.setPackage("kubeadm", "1.32.6-1.1", on: "cp-1")
            try await lab.setNode("cp-2", isReady: false, kubelet: KubernetesVersion(1, 31, 4))
            let refusal = try await failure { try await kubeadm.apply(target) }
            #expect(
                refusal
                    == .preflight([
                        "ControlPlaneNodesReady": "there are NotReady control-planes in the cluster: [cp-2]"
                    ])
            )
            var options = Kubeadm.Options()
            options.ignoredPreflightErrors = ["ControlPlaneNodesReady"]
            try await kubeadm.apply(target, options)
            #expect(try await lab.clusterVersion() == "v1.32.6")
        }
    }

    @Test func `touches no etcd without its quorum, and puts back what it had moved`() async throws {
        try await Lab.with { lab in
            try await lab.setPackage("kubeadm", "1.32.6-1.1", on: "cp-1")
            lab.outside.setEtcdTrouble("no leader")
            let node = try lab.node("cp-1")
            let before = try await StaticPodManifests(node).images()
            let refusal = try await failure { try await Kubeadm(node).apply(target) }
            #expect(refusal.isTransient && "\(refusal)".contains("no leader"))
            #expect(try await StaticPodManifests(node).images() == before)
            #expect(try await !StaticPodManifests(node).leftovers().isEmpty)
            #expect(try await lab.clusterVersion() == "v1.31.4")
            lab.outside.setEtcdTrouble(nil)
            try await Kubeadm(node).apply(target)
        }
    }

    @Test func `applies nothing on a worker, nor anything it does not support`() async throws {
        try await Lab.with { lab in
            for name in ["cp-1", "w-1"] { try await lab.setPackage("kubeadm", "1.32.6-1.1", on: name) }
            guard case .noKubeconfig = try await failure({ try await Kubeadm(try lab.node("w-1")).apply(target) })
            else {
                throw Unexpected("a worker applied")
            }
            for words in [
                ["upgrade", "apply", "v1.32.6", "--patches=/x"], ["upgrade", "apply", "v1.32.6", "--magic"],
                ["upgrade", "apply"], ["upgrade", "apply", "latest", "-y"], ["upgrade", "dance"], ["dance"],
                ["upgrade", "node", "w-1"],
            ] {
                let result = try #require(try await lab.machine("cp-1").run(Command(arguments: ["kubeadm"] + words)))
                #expect(result.exitCode == 1, "\(words)")
            }
            #expect(try await lab.clusterVersion() == "v1.31.4")
        }
    }

    @Test func `asks before it applies, and takes silence for no`() async throws {
        try await Lab.with { lab in
            try await lab.setPackage("kubeadm", "1.32.6-1.1", on: "cp-1")
            let result = try await lab.run("cp-1", "kubeadm", "upgrade", "apply", "v1.32.6")
            #expect(result.exitCode == 1 && result.errorText.contains("won't proceed"))
            let dry = try await lab.run("cp-1", "kubeadm", "upgrade", "apply", "v1.32.6", "-y", "--dry-run")
            #expect(dry.succeeded)
            #expect(try await lab.clusterVersion() == "v1.31.4")
        }
    }

    @Test func `lists certificates that are not there as missing`() async throws {
        try await Lab.with { lab in
            let rows = try await Kubeadm(try lab.node("cp-1")).expirations()
            #expect(rows.contains { $0.name == "apiserver" && $0.isMissing && $0.expires == nil })
            #expect(rows.contains { $0.name == "etcd-ca" && $0.isAuthority })
            #expect(!rows.contains { $0.name == "super-admin.conf" })
        }
    }

    @Test func `is not there where its package is not`() async throws {
        try await Lab.with { lab in
            try await lab.machine("w-1").alter {
                $0.packages["kubeadm"] = PackageStatus(name: "kubeadm", version: "1.31.4-1.1", state: .configFiles)
            }
            let error = await #expect(throws: NodeError.self) {
                _ = try await Kubeadm(try lab.node("w-1")).version()
            }
            guard case .notInstalled("w-1", "kubeadm") = error else {
                throw Unexpected("\(String(describing: error))")
            }
        }
    }
}
