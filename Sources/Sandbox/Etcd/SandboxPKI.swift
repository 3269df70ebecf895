import Crypto
package import Foundation

/// A sandbox cluster's certificates and kubeconfigs, laid out on each node as kubeadm lays them out.
///
/// Authorities are valid for ten years and what they sign for one, as kubeadm has it. Everything is in memory.
package struct SandboxPKI: Sendable {
    /// What the certificates must name.
    package struct Names: Sendable {
        package var controlPlanes: [String]
        /// The node's InternalIP by its name.
        package var addresses: [String: String]
        /// The cluster's name in kubeconfigs.
        package var cluster: String
        /// The URL all nodes and people use: the load balancer's.
        package var endpoint: String
        /// The URL of a node's own API server, by its name; that of the endpoint where there is none.
        package var localEndpoints: [String: String]

        package init(
            controlPlanes: [String],
            addresses: [String: String] = [:],
            cluster: String = "kubernetes",
            endpoint: String,
            localEndpoints: [String: String] = [:]
        ) {
            self.controlPlanes = controlPlanes
            self.addresses = addresses
            self.cluster = cluster
            self.endpoint = endpoint
            self.localEndpoints = localEndpoints
        }
    }

    package let names: Names
    package let ca: CertificateAuthority
    package let etcdCA: CertificateAuthority
    package let frontProxyCA: CertificateAuthority
    /// The key that signs service account tokens, private and public, as PEM.
    package let serviceAccount: Identity
    /// `/etc/kubernetes` of each control-plane node as first made: bytes by absolute path.
    private let controlPlaneFiles: [String: [String: [UInt8]]]
    /// cluster-admin, as `admin.conf` holds it.
    package let admin: Identity

    package init(_ names: Names, now: Date = .now) throws {
        let decade = Validity(days: 3650, from: now)
        let year = Validity(days: 365, from: now)
        self.names = names
        ca = try CertificateAuthority(commonName: "kubernetes", validity: decade)
        etcdCA = try CertificateAuthority(commonName: "etcd-ca", validity: decade)
        frontProxyCA = try CertificateAuthority(commonName: "front-proxy-ca", validity: decade)
        let signer = P256.Signing.PrivateKey()
        serviceAccount = Identity(
            certificate: Array((signer.publicKey.pemRepresentation + "\n").utf8),
            key: Array((signer.pemRepresentation + "\n").utf8)
        )
        admin = try ca.issue(Self.adminSubject, validity: year)
        var files: [String: [String: [UInt8]]] = [:]
        for node in names.controlPlanes {
            let issuer = Issuer(names: names, ca: ca, etcdCA: etcdCA, frontProxyCA: frontProxyCA, validity: year)
            files[node] = try issuer.controlPlaneLeaves(node, admin: admin).merging(
                Self.authorityFiles(ca: ca, etcdCA: etcdCA, frontProxyCA: frontProxyCA, serviceAccount: serviceAccount),
                uniquingKeysWith: { leaf, _ in leaf }
            )
        }
        controlPlaneFiles = files
    }

    private static let adminSubject = Subject(
        commonName: "kubernetes-admin",
        organizations: ["kubeadm:cluster-admins"],
        usage: .client
    )

    /// Everything under `/etc/kubernetes` that kubeadm makes on this node, but for manifests: bytes by absolute path.
    ///
    /// A node that is no control-plane node has the cluster's CA and its `kubelet.conf`, made anew at each call.
    package func files(of node: String, now: Date = .now) throws -> [String: [UInt8]] {
        if let files = controlPlaneFiles[node] { return files }
        return [
            Self.root + "/pki/ca.crt": ca.identity.certificate,
            Self.root + "/kubelet.conf": try issuer(now).kubelet(node),
        ]
    }

    /// The files that `kubeadm certs renew all`, and so an upgrade, makes anew on a control-plane node: all but the
    /// authorities, the service account's key and `kubelet.conf`.
    package func renewedFiles(of node: String, now: Date = .now) throws -> [String: [UInt8]] {
        let issuer = issuer(now)
        let admin = try ca.issue(Self.adminSubject, validity: Validity(days: 365, from: now))
        return try issuer.controlPlaneLeaves(node, admin: admin).filter { $0.key != Self.root + "/kubelet.conf" }
    }

    /// A client of the API with this name and these groups.
    package func client(commonName: String, organizations: [String] = [], now: Date = .now) throws -> Identity {
        let subject = Subject(commonName: commonName, organizations: organizations, usage: .client)
        return try ca.issue(subject, validity: Validity(days: 365, from: now))
    }

    /// The identity in two files of a control-plane node: `identity(of: "cp-1", "pki/etcd/server")`.
    package func identity(of node: String, _ stem: String) -> Identity? {
        guard let files = controlPlaneFiles[node], let certificate = files["\(Self.root)/\(stem).crt"],
            let key = files["\(Self.root)/\(stem).key"]
        else { return nil }
        return Identity(certificate: certificate, key: key)
    }

    /// The kubeconfig of a client.
    package func kubeconfig(user: String, identity: Identity, server: String? = nil) -> String {
        Kubeconfig(
            cluster: names.cluster,
            server: server ?? names.endpoint,
            ca: ca.identity.certificate,
            user: user,
            identity: identity
        ).text
    }

    static let root = "/etc/kubernetes"

    private func issuer(_ now: Date) -> Issuer {
        Issuer(
            names: names,
            ca: ca,
            etcdCA: etcdCA,
            frontProxyCA: frontProxyCA,
            validity: Validity(days: 365, from: now)
        )
    }

    private static func authorityFiles(
        ca: CertificateAuthority,
        etcdCA: CertificateAuthority,
        frontProxyCA: CertificateAuthority,
        serviceAccount: Identity
    ) -> [String: [UInt8]] {
        var files: [String: [UInt8]] = [:]
        for (stem, authority) in [("ca", ca), ("etcd/ca", etcdCA), ("front-proxy-ca", frontProxyCA)] {
            files["\(root)/pki/\(stem).crt"] = authority.identity.certificate
            files["\(root)/pki/\(stem).key"] = authority.identity.key
        }
        files[root + "/pki/sa.pub"] = serviceAccount.certificate
        files[root + "/pki/sa.key"] = serviceAccount.key
        return files
    }
}

/// Makes the certificates and kubeconfigs of one node.
private struct Issuer {
    let names: SandboxPKI.Names
    let ca: CertificateAuthority
    let etcdCA: CertificateAuthority
    let frontProxyCA: CertificateAuthority
    let validity: Validity

    func controlPlaneLeaves(_ node: String, admin: Identity) throws -> [String: [UInt8]] {
        var files: [String: [UInt8]] = [:]
        func add(_ stem: String, _ authority: CertificateAuthority, _ subject: Subject) throws {
            let identity = try authority.issue(subject, validity: validity)
            files["\(SandboxPKI.root)/pki/\(stem).crt"] = identity.certificate
            files["\(SandboxPKI.root)/pki/\(stem).key"] = identity.key
        }
        let own = [node, names.addresses[node]].compactMap(\.self)
        let loopback = ["localhost", "127.0.0.1", "::1"]
        let services = ["", ".default", ".default.svc", ".default.svc.cluster.local"].map { "kubernetes" + $0 }
        let kubeletClients = "kubeadm:cluster-admins"
        try add(
            "apiserver",
            ca,
            Subject(commonName: "kube-apiserver", usage: .server, hosts: own + services + loopback + ["10.96.0.1"])
        )
        try add(
            "apiserver-kubelet-client",
            ca,
            Subject(
                commonName: "kube-apiserver-kubelet-client",
                organizations: [kubeletClients],
                usage: .client
            )
        )
        try add("front-proxy-client", frontProxyCA, Subject(commonName: "front-proxy-client", usage: .client))
        try add("etcd/server", etcdCA, Subject(commonName: node, usage: .both, hosts: own + loopback))
        try add("etcd/peer", etcdCA, Subject(commonName: node, usage: .both, hosts: own + loopback))
        try add(
            "etcd/healthcheck-client",
            etcdCA,
            Subject(commonName: "kube-etcd-healthcheck-client", usage: .client)
        )
        try add("apiserver-etcd-client", etcdCA, Subject(commonName: "kube-apiserver-etcd-client", usage: .client))

        let local = names.localEndpoints[node] ?? names.endpoint
        let clients: [(file: String, user: String, organizations: [String], server: String)] = [
            ("super-admin", "kubernetes-super-admin", ["system:masters"], names.endpoint),
            ("controller-manager", "system:kube-controller-manager", [], local),
            ("scheduler", "system:kube-scheduler", [], local),
        ]
        for client in clients {
            let subject = Subject(commonName: client.user, organizations: client.organizations, usage: .client)
            let identity = try ca.issue(subject, validity: validity)
            files["\(SandboxPKI.root)/\(client.file).conf"] = kubeconfig(client.user, identity, client.server)
        }
        files[SandboxPKI.root + "/admin.conf"] = kubeconfig("kubernetes-admin", admin, names.endpoint)
        files[SandboxPKI.root + "/kubelet.conf"] = try kubelet(node)
        return files
    }

    func kubelet(_ node: String) throws -> [UInt8] {
        let user = "system:node:\(node)"
        let subject = Subject(commonName: user, organizations: ["system:nodes"], usage: .client)
        return kubeconfig(user, try ca.issue(subject, validity: validity), names.endpoint)
    }

    private func kubeconfig(_ user: String, _ identity: Identity, _ server: String) -> [UInt8] {
        let config = Kubeconfig(
            cluster: names.cluster,
            server: server,
            ca: ca.identity.certificate,
            user: user,
            identity: identity
        )
        return Array(config.text.utf8)
    }
}

/// A kubeconfig with one cluster, one user and everything inside.
private struct Kubeconfig {
    let cluster: String
    let server: String
    let ca: [UInt8]
    let user: String
    let identity: Identity

    var text: String {
        """
        apiVersion: v1
        clusters:
        - cluster:
            certificate-authority-data: \(Data(ca).base64EncodedString())
            server: \(server)
          name: "\(cluster)"
        contexts:
        - context:
            cluster: "\(cluster)"
            user: \(user)
          name: \(user)@\(cluster)
        current-context: \(user)@\(cluster)
        kind: Config
        preferences: {}
        users:
        - name: \(user)
          user:
            client-certificate-data: \(Data(identity.certificate).base64EncodedString())
            client-key-data: \(Data(identity.key).base64EncodedString())

        """
    }
}
