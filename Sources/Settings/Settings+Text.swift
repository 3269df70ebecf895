import Yams

extension Settings {
    /// These settings as the text of a `keelstep.yaml`, which ``load(path:environment:)`` reads back. An empty ``stateDir`` is left out.
    package func text() throws -> String {
        var pairs: [(Node, Node)] = []
        func add(_ key: String, _ value: String?) {
            if let value { pairs.append((Node(key), Self.scalar(value))) }
        }
        add("kubeconfig", kubeconfig)
        add("context", context)
        if nodes != NodeAccessSettings() { pairs.append((Node("nodes"), nodesNode)) }
        add("backupDir", backupDir)
        add("stateDir", stateDir.isEmpty ? nil : stateDir)
        if policy != PolicySettings() { pairs.append((Node("policy"), policyNode)) }
        return try Yams.serialize(node: Node(pairs))
    }

    private var nodesNode: Node {
        var pairs: [(Node, Node)] = []
        if let fallback = nodes.fallback { pairs.append((Node("default"), Self.node(fallback))) }
        if !nodes.groups.isEmpty { pairs.append((Node("groups"), Node(nodes.groups.map(Self.node)))) }
        if !nodes.named.isEmpty {
            let named = nodes.named.sorted { $0.key < $1.key }.map { (Self.scalar($0.key), Self.node($0.value)) }
            pairs.append((Node("named"), Node(named)))
        }
        return Node(pairs)
    }

    private var policyNode: Node {
        var pairs: [(Node, Node)] = []
        if let value = policy.maxUnavailable { pairs.append((Node("maxUnavailable"), Node(value))) }
        if let value = policy.stableSeconds { pairs.append((Node("stableSeconds"), Node(String(value)))) }
        if let value = policy.drainTimeout { pairs.append((Node("drainTimeout"), Node(DurationText.text(value)))) }
        if let value = policy.soak { pairs.append((Node("soak"), Node(DurationText.text(value)))) }
        return Node(pairs)
    }

    private static func node(_ access: NodeAccess) -> Node {
        switch access {
        case .sandbox(let socket): Node([(Node("sandbox"), Node([(Node("socket"), scalar(socket))]))])
        case .local: Node([(Node("local"), Node([(Node, Node)]()))])
        case .ssh(let access): Node([(Node("ssh"), node(access))])
        }
    }

    private static func node(_ access: SSHAccess) -> Node {
        var pairs: [(Node, Node)] = []
        func add(_ key: String, _ value: String?) {
            if let value { pairs.append((Node(key), scalar(value))) }
        }
        add("host", access.host == SSHAccess().host ? nil : access.host)
        add("user", access.user)
        if let port = access.port { pairs.append((Node("port"), Node(String(port)))) }
        add("identityFile", access.identityFile)
        add("configFile", access.configFile)
        add("jump", access.jump)
        if access.asksForSudoPassword { pairs.append((Node("sudo"), Node("ask"))) }
        if access.acceptsNewHostKeys { pairs.append((Node("acceptNewHostKeys"), Node("true"))) }
        return Node(pairs)
    }

    private static func node(_ group: NodeGroup) -> Node {
        var pairs: [(Node, Node)] = []
        if !group.names.isEmpty { pairs.append((Node("names"), Node(group.names.map(scalar)))) }
        if let isControlPlane = group.isControlPlane {
            pairs.append((Node("role"), Node(isControlPlane ? "control-plane" : "worker")))
        }
        if case .mapping(let access) = node(group.access) { pairs += access.map { ($0.key, $0.value) } }
        return Node(pairs)
    }

    /// A text, quoted so that no reader takes it for a number or a truth value.
    private static func scalar(_ text: String) -> Node { .scalar(.init(text, .implicit, .doubleQuoted)) }
}
