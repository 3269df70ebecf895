import Foundation
import KubernetesModel
import SwiftASN1
import X509

/// The certificates kubeadm knows of a control-plane node.
enum KubeadmCertificates {
    struct Row {
        var name: String
        var path: String
        var authority: String
    }

    private static let pki = "/etc/kubernetes/pki"

    static let leaves = [
        Row(name: "admin.conf", path: "/etc/kubernetes/admin.conf", authority: "ca"),
        Row(name: "apiserver", path: "\(pki)/apiserver.crt", authority: "ca"),
        Row(name: "apiserver-etcd-client", path: "\(pki)/apiserver-etcd-client.crt", authority: "etcd-ca"),
        Row(name: "apiserver-kubelet-client", path: "\(pki)/apiserver-kubelet-client.crt", authority: "ca"),
        Row(name: "controller-manager.conf", path: "/etc/kubernetes/controller-manager.conf", authority: "ca"),
        Row(name: "etcd-healthcheck-client", path: "\(pki)/etcd/healthcheck-client.crt", authority: "etcd-ca"),
        Row(name: "etcd-peer", path: "\(pki)/etcd/peer.crt", authority: "etcd-ca"),
        Row(name: "etcd-server", path: "\(pki)/etcd/server.crt", authority: "etcd-ca"),
        Row(name: "front-proxy-client", path: "\(pki)/front-proxy-client.crt", authority: "front-proxy-ca"),
        Row(name: "scheduler.conf", path: "/etc/kubernetes/scheduler.conf", authority: "ca"),
        Row(name: "super-admin.conf", path: "/etc/kubernetes/super-admin.conf", authority: "ca"),
    ]

    static let authorities = [
        Row(name: "ca", path: "\(pki)/ca.crt", authority: ""),
        Row(name: "etcd-ca", path: "\(pki)/etcd/ca.crt", authority: ""),
        Row(name: "front-proxy-ca", path: "\(pki)/front-proxy-ca.crt", authority: ""),
    ]

    /// What an upgrade renews along with each component, and at its end.
    static func renewed(with component: String) -> [String] {
        let stems: [String]
        switch component {
        case "etcd": stems = ["etcd/server", "etcd/peer", "etcd/healthcheck-client"]
        case "kube-apiserver":
            stems = ["apiserver", "apiserver-kubelet-client", "front-proxy-client", "apiserver-etcd-client"]
        case "kube-controller-manager": return ["/etc/kubernetes/controller-manager.conf"]
        case "kube-scheduler": return ["/etc/kubernetes/scheduler.conf"]
        default: return ["/etc/kubernetes/admin.conf", "/etc/kubernetes/super-admin.conf"]
        }
        return stems.flatMap { ["\(pki)/\($0).crt", "\(pki)/\($0).key"] }
    }

    /// When a PEM certificate, or the client certificate inside a kubeconfig, ends; nil for neither.
    static func expiry(of text: String) -> Date? {
        if text.contains("-----BEGIN CERTIFICATE-----") { return try? Certificate(pemEncoded: text).notValidAfter }
        let user = (try? YAML.value(in: text))?["users"]?[0]?["user"]
        guard let encoded = user?["client-certificate-data"]?.string, let data = Data(base64Encoded: encoded) else {
            return nil
        }
        return try? Certificate(pemEncoded: String(decoding: data, as: UTF8.self)).notValidAfter
    }
}
