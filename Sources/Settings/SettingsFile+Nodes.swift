import Yams

extension SettingsFile {
    /// One of the ways to a node, by its key.
    func access(_ node: Node, key: String) throws(SettingsError) -> NodeAccess {
        var kinds = SettingsKeys(try mapping(node, key: key))
        let access = try access(&kinds, node, key: key)
        try refuse(kinds, in: key)
        return access
    }

    func group(_ node: Node, _ key: String) throws(SettingsError) -> NodeGroup {
        var keys = SettingsKeys(try mapping(node, key: key))
        let names = try texts(keys.take("names"), key: "\(key).names")
        let role = keys.take("role")
        let isControlPlane: Bool?
        switch try text(role, key: "\(key).role") {
        case nil: isControlPlane = nil
        case "control-plane": isControlPlane = true
        case "worker": isControlPlane = false
        default: throw wrong("\(key).role", role ?? node, accepted: "control-plane or worker")
        }
        let access = try access(&keys, node, key: key)
        try refuse(keys, in: key)
        return NodeGroup(names: names, isControlPlane: isControlPlane, access: access)
    }

    private func access(_ kinds: inout SettingsKeys, _ node: Node, key: String) throws(SettingsError) -> NodeAccess {
        let given = [("ssh", kinds.take("ssh")), ("local", kinds.take("local")), ("sandbox", kinds.take("sandbox"))]
            .compactMap { name, value in value.map { (name, $0) } }
        guard let (name, value) = given.first, given.count == 1 else {
            throw wrong(key, node, accepted: "one of ssh: {…}, local: {} and sandbox: {socket: PATH}")
        }
        switch name {
        case "ssh": return .ssh(try ssh(value, key: "\(key).ssh"))
        case "local":
            try refuse(SettingsKeys(try mapping(value, key: "\(key).local")), in: "\(key).local")
            return .local
        default:
            var keys = SettingsKeys(try mapping(value, key: "\(key).sandbox"))
            let socket = try filePath(keys.take("socket"), key: "\(key).sandbox.socket")
            try refuse(keys, in: "\(key).sandbox")
            guard let socket else { throw wrong(key, node, accepted: "sandbox: {socket: PATH}") }
            return .sandbox(socket: socket)
        }
    }

    private func ssh(_ node: Node, key: String) throws(SettingsError) -> SSHAccess {
        var keys = SettingsKeys(try mapping(node, key: key))
        var access = SSHAccess()
        access.host = try word(keys.take("host"), key: "\(key).host") ?? access.host
        access.user = try word(keys.take("user"), key: "\(key).user")
        access.jump = try word(keys.take("jump"), key: "\(key).jump")
        access.identityFile = try filePath(keys.take("identityFile"), key: "\(key).identityFile")
        access.configFile = try filePath(keys.take("configFile"), key: "\(key).configFile")
        if let port = present(keys.take("port")) {
            guard let number = port.int, (1...65535).contains(number) else {
                throw wrong("\(key).port", port, accepted: "a port, 1 to 65535")
            }
            access.port = number
        }
        let sudo = keys.take("sudo")
        switch try text(sudo, key: "\(key).sudo") {
        case nil, "passwordless": break
        case "ask": access.asksForSudoPassword = true
        default: throw wrong("\(key).sudo", sudo ?? node, accepted: "passwordless or ask")
        }
        if let accept = present(keys.take("acceptNewHostKeys")) {
            guard let value = accept.bool else {
                throw wrong("\(key).acceptNewHostKeys", accept, accepted: "true or false")
            }
            access.acceptsNewHostKeys = value
        }
        try refuse(keys, in: key)
        return access
    }

    /// A text that ssh cannot take for an option or for several words.
    private func word(_ node: Node?, key: String) throws(SettingsError) -> String? {
        guard let node, let text = try text(node, key: key) else { return nil }
        guard !text.hasPrefix("-"), !text.contains(where: { $0.isWhitespace || $0.isNewline }) else {
            throw wrong(key, node, accepted: "one word that does not begin with a hyphen")
        }
        return text
    }

    private func texts(_ node: Node?, key: String) throws(SettingsError) -> [String] {
        guard let node = present(node) else { return [] }
        guard let list = node.sequence else { throw wrong(key, node, accepted: "a list of names") }
        var texts: [String] = []
        for item in list {
            guard let text = try text(item, key: key) else { throw wrong(key, item, accepted: "a name") }
            texts.append(text)
        }
        return texts
    }
}
