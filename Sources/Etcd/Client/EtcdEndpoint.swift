/// Where a member listens for clients.
package enum EtcdEndpoint: Sendable, Hashable {
    /// A host name or a literal address, and a port.
    case host(String, Int)
    /// A Unix socket that leads to the member: what a transport's forwarded port is on this machine.
    case socket(path: String)
}

extension EtcdEndpoint: CustomStringConvertible {
    package var description: String {
        switch self {
        case .host(let host, let port): host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)"
        case .socket(let path): "unix:\(path)"
        }
    }

    /// Whether the host is a literal IPv4 address: four decimal numbers below 256.
    var isIPv4: Bool {
        guard case .host(let host, _) = self else { return false }
        let parts = host.split(separator: ".", omittingEmptySubsequences: false)
        return parts.count == 4 && parts.allSatisfy { UInt8($0) != nil }
    }

    var isIPv6: Bool {
        guard case .host(let host, _) = self else { return false }
        return host.contains(":")
    }
}
