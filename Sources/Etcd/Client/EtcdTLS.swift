/// Whom to trust and who we are, as PEM bytes in memory: an etcd client key never touches the operator's disk.
package struct EtcdTLS: Sendable {
    /// The certificates (one or several, PEM) that may have signed the member's.
    package var ca: [UInt8]
    /// Our certificate, with any intermediates after it.
    package var certificate: [UInt8]
    package var key: [UInt8]
    /// The name the member's certificate must carry. Nil: the host of the endpoint; over a Unix socket, `localhost`,
    /// which kubeadm puts into every member's certificate.
    package var serverName: String?

    package init(ca: [UInt8], certificate: [UInt8], key: [UInt8], serverName: String? = nil) {
        self.ca = ca
        self.certificate = certificate
        self.key = key
        self.serverName = serverName
    }
}

extension EtcdTLS: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// Says nothing of the key, so that no log can.
    package var description: String { "EtcdTLS(serverName: \(serverName ?? "of the endpoint"))" }
    package var debugDescription: String { description }
    package var customMirror: Mirror { Mirror(self, children: ["serverName": serverName as Any]) }
}
