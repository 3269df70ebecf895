import Yams

extension Settings {
    /// These settings as the text of a `keelstep.yaml`, which ``load(path:environment:)`` reads back.
    package func text() throws -> String {
        var pairs: [(Node, Node)] = []
        func add(_ key: String, _ value: String?) {
            if let value { pairs.append((Node(key), Self.scalar(value))) }
        }
        add("kubeconfig", kubeconfig)
        add("context", context)
        if nodes != NodeAccessSettings() { pairs.append((Node("nodes"), nodesNode)) }
        add("backupDir", backupDir)
        add("stateDir", stateDir)
        if policy != PolicySettings() { pairs.append((Node("policy"), policyNode)) }
        return try Yams.serialize(node: Node(pairs))
    }

    private var nodesNode: Node {
        var pairs: [(Node, Node)] = []
        if let fallback = nodes.fallback { pairs.append((Node("default"), Self.node(fallback))) }
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
        }
    }

    /// A text, quoted so that no reader takes it for a number or a truth value.
    private static func scalar(_ text: String) -> Node { .scalar(.init(text, .implicit, .doubleQuoted)) }
}
