import Foundation
import Testing

@testable import Nodes

@Suite struct `what kubeadm prints for people` {
    /// kubeadm 1.20.2, `upgrade plan v1.21.0`.
    private static let plan = """
        [upgrade/versions] Cluster version: v1.20.2
        [upgrade/versions] kubeadm version: v1.21.0

        Components that must be upgraded manually after you have upgraded the control plane with 'kubeadm upgrade apply':
        COMPONENT   CURRENT       AVAILABLE
        kubelet     3 x v1.20.2   v1.21.0

        Upgrade to the latest version in the v1.20 series:

        COMPONENT                 CURRENT    AVAILABLE
        kube-apiserver            v1.20.2    v1.21.0
        CoreDNS                   1.7.0      1.7.0
        etcd                      3.4.13-0   3.4.13-0

        You can now apply the upgrade by executing the following command:

        \tkubeadm upgrade apply v1.21.0
        _____________________________________________________________________


        API GROUP                 CURRENT VERSION   PREFERRED VERSION   MANUAL UPGRADE REQUIRED
        kubeproxy.config.k8s.io   v1alpha1          v1alpha1            no
        kubelet.config.k8s.io     v1beta1           v1                  yes
        _____________________________________________________________________

        """

    @Test func `tells the plan`() {
        let plan = KubeadmPlan(table: Self.plan)
        #expect(
            plan.rows == [
                .init(component: "kubelet", node: "", current: "3 x v1.20.2", new: "v1.21.0"),
                .init(component: "kube-apiserver", node: "", current: "v1.20.2", new: "v1.21.0"),
                .init(component: "CoreDNS", node: "", current: "1.7.0", new: "1.7.0"),
                .init(component: "etcd", node: "", current: "3.4.13-0", new: "3.4.13-0"),
            ]
        )
        #expect(plan.manualUpgrades == ["kubelet.config.k8s.io/v1beta1"])
        let newer = KubeadmPlan(
            table: """
                COMPONENT                 NODE      CURRENT   TARGET
                kube-apiserver            n1        v1.35.4   v1.36.0
                kube-proxy                          1.35.4    v1.36.0
                """
        )
        #expect(newer.rows.map(\.node) == ["n1", ""])
        #expect(newer.rows.map(\.new) == ["v1.36.0", "v1.36.0"])
        #expect(KubeadmPlan(table: "").isEmpty)
    }

    @Test func `tells when certificates end`() throws {
        let text = """
            [check-expiration] Reading configuration from the cluster...

            CERTIFICATE                EXPIRES                  RESIDUAL TIME   CERTIFICATE AUTHORITY   EXTERNALLY MANAGED
            admin.conf                 Nov 26, 2027 16:05 UTC   364d                                    no
            apiserver                  Nov 26, 2027 16:05 UTC   364d            ca                      no
            !MISSING! etcd-server

            CERTIFICATE AUTHORITY   EXPIRES                  RESIDUAL TIME   EXTERNALLY MANAGED
            ca                      Nov 24, 2036 16:05 UTC   9y              yes
            """
        let rows = try #require(CertificateExpiration.parse(table: text))
        #expect(rows.map(\.name) == ["admin.conf", "apiserver", "etcd-server", "ca"])
        #expect(rows.map(\.isMissing) == [false, false, true, false])
        let first = try #require(rows.first)
        #expect(first.expires == Date(timeIntervalSince1970: 1_827_245_100))
        #expect(!first.isAuthority && !first.isMissing)
        let last = try #require(rows.last)
        #expect(last.isAuthority && last.isExternallyManaged)
        #expect(CertificateExpiration.parse(table: "error: no such cluster") == nil)
    }

    @Test(arguments: ["", "Nov 26, 2027", "Foo 26, 2027 16:05 UTC", "Nov 26, 2027 16:05 CET", "Nov 40, 2027 16:05 UTC"])
    func `is no date unless all of it is one`(text: String) {
        #expect(ColumnText.date(text) == nil)
    }
}
