import Foundation

/// Whether requests pass through a proxy, decided once: the server's address does not change.
package enum ProxyChoice: Sendable, Hashable {
    case none
    case http(host: String, port: Int, user: String?, password: String?)
    case socks(host: String, port: Int)

    /// The kubeconfig's `proxy-url` if it has one, else `HTTPS_PROXY` or `HTTP_PROXY` unless `NO_PROXY` excepts the
    /// server. As in Go, loopback addresses are never reached through the environment's proxy.
    init(server: String, proxyURL: String?, environment: [String: String]) throws(ClientError) {
        if let proxyURL {
            self = try Self.parse(proxyURL)
            return
        }
        guard let url = URL(string: server), let host = url.host(percentEncoded: false)?.lowercased() else {
            self = .none
            return
        }
        func variable(_ name: String) -> String? {
            [environment[name], environment[name.lowercased()]].compactMap(\.self).first { !$0.isEmpty }
        }
        let isSecure = url.scheme != "http"
        let port = url.port ?? (isSecure ? 443 : 80)
        guard let proxy = variable(isSecure ? "HTTPS_PROXY" : "HTTP_PROXY"),
            !NoProxy(variable("NO_PROXY") ?? "").excepts(host: host, port: port)
        else {
            self = .none
            return
        }
        self = try Self.parse(proxy)
    }

    private static func parse(_ text: String) throws(ClientError) -> ProxyChoice {
        let full = text.contains("://") ? text : "http://\(text)"
        guard let url = URL(string: full), let host = url.host(percentEncoded: false), !host.isEmpty else {
            throw .unusableServer(text, reason: "this is not the URL of a proxy")
        }
        switch url.scheme?.lowercased() {
        case "http":
            return .http(
                host: host,
                port: url.port ?? 80,
                user: url.user(percentEncoded: false),
                password: url.password(percentEncoded: false)
            )
        case "socks5", "socks5h": return .socks(host: host, port: url.port ?? 1080)
        default: throw .unusableServer(text, reason: "a proxy is reached by http:// or socks5://")
        }
    }
}

/// The hosts that `NO_PROXY` excepts: names with their subdomains, addresses, networks, `*`.
struct NoProxy {
    private let entries: [String]

    init(_ list: String) {
        entries = list.split(separator: ",").map { $0.trimmingCharacters(in: .whitespaces).lowercased() }
            .filter { !$0.isEmpty }
    }

    func excepts(host: String, port: Int) -> Bool {
        if host == "localhost" || host == "::1" || host.hasPrefix("127.") && IPAddress(host) != nil { return true }
        return entries.contains { matches($0, host: host, port: port) }
    }

    private func matches(_ entry: String, host: String, port: Int) -> Bool {
        if entry == "*" { return true }
        if let address = IPAddress(host), let slash = entry.firstIndex(of: "/") {
            guard let network = IPAddress(String(entry[..<slash])), let bits = Int(entry[entry.index(after: slash)...])
            else { return false }
            return address.isIn(network, prefix: bits)
        }
        var name = entry
        if entry.filter({ $0 == ":" }).count == 1, let colon = entry.firstIndex(of: ":") {
            guard Int(entry[entry.index(after: colon)...]) == port else { return false }
            name = String(entry[..<colon])
        }
        if name.hasPrefix("*.") { name.removeFirst() }
        if name.hasPrefix(".") { return host.hasSuffix(name) }
        return host == name || host.hasSuffix("." + name)
    }
}

/// The bytes of an IPv4 or IPv6 address.
struct IPAddress {
    let bytes: [UInt8]

    init?(_ text: String) {
        if let four = Self.dotted(text) {
            bytes = four
            return
        }
        guard text.contains(":") else { return nil }
        let halves = text.components(separatedBy: "::")
        guard halves.count <= 2 else { return nil }
        guard let head = Self.groups(halves[0]), let tail = Self.groups(halves.count == 2 ? halves[1] : "") else {
            return nil
        }
        let missing = 16 - head.count - tail.count
        guard halves.count == 2 ? missing >= 2 : missing == 0 else { return nil }
        bytes = head + [UInt8](repeating: 0, count: missing) + tail
    }

    private static func dotted(_ text: String) -> [UInt8]? {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false).map { UInt8($0) }
        let numbers = parts.compactMap(\.self)
        return parts.count == 4 && numbers.count == 4 ? numbers : nil
    }

    private static func groups(_ text: String) -> [UInt8]? {
        if text.isEmpty { return [] }
        var result: [UInt8] = []
        for group in text.split(separator: ":", omittingEmptySubsequences: false) {
            guard !group.isEmpty, group.count <= 4, let number = UInt16(group, radix: 16) else { return nil }
            result += [UInt8(number >> 8), UInt8(number & 0xFF)]
        }
        return result.count <= 16 ? result : nil
    }

    func isIn(_ network: IPAddress, prefix: Int) -> Bool {
        guard bytes.count == network.bytes.count, (0...bytes.count * 8).contains(prefix) else { return false }
        for index in 0..<prefix {
            let mask = UInt8(0x80) >> UInt8(index % 8)
            if bytes[index / 8] & mask != network.bytes[index / 8] & mask { return false }
        }
        return true
    }
}
