/// How a node is reached.
package enum NodeAccess: Sendable, Hashable {
    /// A sandbox's node, by the path of its Unix socket.
    case sandbox(socket: String)
    /// This program runs on the node.
    case local
    case ssh(SSHAccess)
}

/// How a node is reached over SSH. What is nil here is left to OpenSSH's own configuration.
package struct SSHAccess: Sendable, Hashable {
    /// A name or an address; `{name}` and `{internalIP}` stand for the node's.
    package var host = "{internalIP}"
    package var user: String?
    /// 1 to 65535.
    package var port: Int?
    package var identityFile: String?
    /// Read in place of `~/.ssh/config`.
    package var configFile: String?
    /// Hosts to go through (ssh_config(5), `ProxyJump`).
    package var jump: String?
    /// Ask on the terminal, once, for the password that `sudo` wants.
    package var asksForSudoPassword = false
    /// Take a host key that is not known yet for right. A changed one is refused all the same.
    package var acceptsNewHostKeys = false

    package init() {}

    /// Where to; nil when it depends on an address that the node has not.
    package func host(of node: NodeIdentity) -> String? {
        let named = host.replacing("{name}", with: node.name)
        guard named.contains("{internalIP}") else { return named }
        guard let address = node.internalIP, !address.isEmpty else { return nil }
        return named.replacing("{internalIP}", with: address)
    }
}

/// What of a node decides how it is reached.
package struct NodeIdentity: Sendable, Hashable, Codable {
    package var name: String
    package var internalIP: String?
    /// Nil when it is not known.
    package var isControlPlane: Bool?

    package init(name: String, internalIP: String? = nil, isControlPlane: Bool? = nil) {
        self.name = name
        self.internalIP = internalIP
        self.isControlPlane = isControlPlane
    }
}

/// How the nodes of a group are reached.
package struct NodeGroup: Sendable, Hashable {
    /// Names, in which `*` stands for anything; empty for any.
    package var names: [String]
    /// Of this kind only; nil for both.
    package var isControlPlane: Bool?
    package var access: NodeAccess

    package init(names: [String] = [], isControlPlane: Bool? = nil, access: NodeAccess) {
        self.names = names
        self.isControlPlane = isControlPlane
        self.access = access
    }

    package func contains(_ node: NodeIdentity) -> Bool {
        if let isControlPlane, node.isControlPlane != isControlPlane { return false }
        return names.isEmpty || names.contains { Self.matches($0, node.name) }
    }

    static func matches(_ pattern: String, _ name: String) -> Bool {
        let parts = pattern.split(separator: "*", omittingEmptySubsequences: false)
        guard let first = parts.first, let last = parts.last, parts.count > 1 else { return pattern == name }
        guard name.hasPrefix(first), name.count >= first.count + last.count, name.hasSuffix(last) else { return false }
        var rest = name.dropFirst(first.count).dropLast(last.count)
        for part in parts.dropFirst().dropLast() where !part.isEmpty {
            guard let found = rest.firstRange(of: part) else { return false }
            rest = rest[found.upperBound...]
        }
        return true
    }
}

/// How each node is reached: what is said for its name, else for the first group it belongs to, else for all.
package struct NodeAccessSettings: Sendable, Hashable {
    /// `nodes.default`; a socket's path may hold `{name}`.
    package var fallback: NodeAccess?
    /// `nodes.groups`, the first that fits counts.
    package var groups: [NodeGroup]
    /// `nodes.named`, by node name.
    package var named: [String: NodeAccess]

    package init(fallback: NodeAccess? = nil, groups: [NodeGroup] = [], named: [String: NodeAccess] = [:]) {
        self.fallback = fallback
        self.groups = groups
        self.named = named
    }

    /// The access to a node; nil when the settings say nothing about it.
    package subscript(node: NodeIdentity) -> NodeAccess? {
        if let access = named[node.name] { return access }
        let access = groups.first { $0.contains(node) }?.access ?? fallback
        guard case .sandbox(let socket) = access else { return access }
        return .sandbox(socket: socket.replacing("{name}", with: node.name))
    }

    private var all: [NodeAccess] { [fallback].compactMap(\.self) + groups.map(\.access) + named.values }

    /// Some node may be reached by an address that only the cluster knows, or by its role.
    package var needsIdentities: Bool {
        let needsAddress = all.contains { access in
            if case .ssh(let access) = access { return access.host.contains("{internalIP}") }
            return false
        }
        return needsAddress || groups.contains { $0.isControlPlane != nil }
    }

    package var asksForSudoPassword: Bool {
        all.contains { access in
            if case .ssh(let access) = access { return access.asksForSudoPassword }
            return false
        }
    }
}
