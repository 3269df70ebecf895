import Foundation
import KubernetesModel
import KubernetesVersions
import Nodes
import Testing

@Suite struct `a failure of kubeadm` {
    private func failure(_ errorOutput: String, output: String = "") -> KubeadmFailure {
        KubeadmFailure(CommandResult(exitCode: 1, output: output, errorOutput: errorOutput))
    }

    @Test(arguments: [
        (
            "[upgrade/version] FATAL: Specified version to upgrade to \"v1.33.0\" is at least one minor release higher than "
                + "the kubeadm minor release (33 > 32). Such an upgrade is not supported",
            "its package is older than the target", false
        ),
        ("Upgrade kubeadm first using the tool you used to install kubeadm", "its package is older", false),
        ("\"v1.33.0\" is too high; kubeadm can upgrade only 1 minor version at a time", "one minor version", false),
        ("Kubeadm version v1.33.2 can only be used to upgrade to Kubernetes version 1.33", "package is newer", false),
        (
            "this version of kubeadm only supports deploying clusters with the control plane version >= 1.31.0",
            "package is newer", false
        ), ("[upgrade] FATAL: etcd cluster is not healthy: no leader", "etcd is not healthy", true),
        ("kubeadm has tried to recover everything into the earlier state", "put the earlier manifests back", true),
        ("couldn't create a Kubernetes client from file \"/etc/kubernetes/admin.conf\"", "no usable kubeconfig", false),
        ("dial tcp 10.0.0.1:6443: connect: connection refused", "does not answer", true),
        ("Get https://x: dial tcp: i/o timeout", "does not answer", true),
        ("etcdserver: request timed out", "API", true),
        ("the moon is full", "the moon is full", false),
    ]) func `is known by its words`(text: String, expected: String, isTransient: Bool) {
        let failure = failure(text)
        #expect("\(failure)".contains(expected), "\(failure)")
        #expect(failure.isTransient == isTransient)
    }

    @Test func `names the component whose pod stayed`() {
        let failure = failure(
            "static Pod hash for component kube-apiserver on Node cp-1 did not change after 5m0s: timed out waiting"
        )
        guard case .staticPodUnchanged("kube-apiserver", _) = failure else {
            Issue.record("\(failure)")
            return
        }
        #expect(failure.isTransient)
    }

    @Test func `lists the checks that failed`() {
        let text = """
            error execution phase preflight: [preflight] Some fatal errors occurred:
            \t[ERROR ControlPlaneNodesReady]: there are NotReady control-planes in the cluster: [cp-2]
            \t[ERROR CoreDNSUnsupportedPlugins]: there are unsupported plugins
            \t[WARNING Swap]: swap is on
            [preflight] If you know what you are doing, you can make a check non-fatal
            To see the stack trace of this error execute with --v=5 or higher
            """
        let both = failure(text)
        #expect(
            both
                == .preflight([
                    "ControlPlaneNodesReady": "there are NotReady control-planes in the cluster: [cp-2]",
                    "CoreDNSUnsupportedPlugins": "there are unsupported plugins",
                ])
        )
        #expect(!both.isTransient)
        #expect(failure("\t[ERROR ControlPlaneNodesReady]: not Ready").isTransient)
    }

    @Test func `is told in a few last words, from standard output where there are no others`() {
        let lines = (1...20).map { "line \($0)" }.joined(separator: "\n")
        #expect("\(failure(lines))" == "line 17 / line 18 / line 19 / line 20")
        #expect("\(failure(" \n", output: "only this"))" == "only this")
        #expect("\(failure(String(repeating: "x", count: 100_000)))".count <= 600)
    }
}

@Suite struct `a failed command` {
    private func error(_ text: String, exitCode: Int = 1, isSecret: Bool = false) -> NodeError {
        NodeError(
            node: "cp-1",
            command: Command("apt-get", "install", isSecret: isSecret),
            result: CommandResult(exitCode: exitCode, output: "", errorOutput: text)
        )
    }

    @Test func `is sorted by what it says`() {
        guard case .notInstalled("cp-1", "apt-get") = error("bash: apt-get: command not found", exitCode: 127),
            case .packagesLocked = error("E: Could not get lock /var/lib/dpkg/lock-frontend. It is held by process 1"),
            case .packagesInterrupted = error("E: dpkg was interrupted, you must manually run 'dpkg --configure -a'"),
            case .failed(_, _, 100, "E: no") = error("W: hush\nE: no", exitCode: 100)
        else {
            Issue.record("one of them is sorted wrong")
            return
        }
    }

    @Test func `never tells what a secret one wrote`() {
        #expect(!"\(error("key material", isSecret: true))".contains("key material"))
    }
}

@Suite struct `what kubeadm prints for programs` {
    @Test func `as a plan is read in either version of its format`() throws {
        let rows = """
            "components": [{"name": "kubelet", "nodeName": "cp-1", "currentVersion": "v1.31.4", "newVersion": "v1.32.6"}]
            """
        let configurations = """
            "configVersions": [
              {"group": "kubelet.config.k8s.io", "currentVersion": "v1beta1", "manualUpgradeRequired": false},
              {"group": "kubeproxy.config.k8s.io", "currentVersion": "v1alpha1", "manualUpgradeRequired": true}
            ]
            """
        for text in [
            "{\(rows), \(configurations)}", "some text first\n{\"availableUpgrades\": [{\(rows)}], \(configurations)}",
        ] {
            let plan = try KubeadmPlan(parsing: Array(text.utf8))
            let row = try #require(plan.rows.first)
            #expect([row.component, row.node, row.current, row.new] == ["kubelet", "cp-1", "v1.31.4", "v1.32.6"])
            #expect(plan.rows.count == 1 && !plan.isEmpty)
            #expect(plan.manualUpgrades == ["kubeproxy.config.k8s.io/v1alpha1"])
        }
    }

    @Test func `as a plan may be nothing, which is nothing to do`() throws {
        #expect(try KubeadmPlan(parsing: Array("[upgrade] Fetching\n".utf8)).isEmpty)
        #expect(throws: JSONError.self) { _ = try KubeadmPlan(parsing: Array("{\"availableUpgrades\": ".utf8)) }
        #expect(try KubeadmPlan(parsing: Array(#"{"availableUpgrades": 5, "components": [1]}"#.utf8)).rows.count == 1)
    }

    @Test func `as expirations tells what is missing, and whose it is`() throws {
        let text = """
            [check-expiration] Reading configuration
            {"kind": "CertificateExpirationInfo", "certificates": [
              {"name": "apiserver", "expirationDate": "2027-01-15T08:00:00Z", "externallyManaged": true},
              {"name": "admin.conf", "missing": true}],
             "certificateAuthorities": [{"name": "ca", "expirationDate": "2035-01-15T08:00:00Z"}]}
            """
        let rows = try #require(CertificateExpiration.parse(Array(text.utf8)))
        #expect(rows.map(\.name) == ["apiserver", "admin.conf", "ca"])
        #expect(rows[0].expires == Date(timeIntervalSince1970: 1_800_000_000) && rows[0].isExternallyManaged)
        #expect(rows[1].isMissing && rows[1].expires == nil)
        #expect(rows.map(\.isAuthority) == [false, false, true])
    }

    @Test(arguments: ["", "nothing", "{", "{}", #"{"kind": "UpgradePlan"}"#])
    func `as expirations is refused when it is none`(text: String) {
        #expect(CertificateExpiration.parse(Array(text.utf8)) == nil)
    }
}
