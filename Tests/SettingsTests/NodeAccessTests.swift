import Settings
import Testing

@Suite struct `the way to a node` {
    private func settings(_ nodes: String) throws -> Settings {
        try Settings(parsing: "nodes:\n" + nodes, path: "/etc/k/keelstep.yaml", environment: ["HOME": "/home/me"])
    }

    private let text = """
          default:
            ssh: {user: ops, configFile: lab/config, sudo: ask}
          groups:
            - names: [gpu-*, big]
              ssh: {host: "{name}.lan", port: 2222, jump: bastion}
            - role: control-plane
              ssh: {identityFile: ~/key, acceptNewHostKeys: true}
          named:
            cp-2: {local: {}}
        """

    @Test func `is that of its name, else of its first group, else the default`() throws {
        let nodes = try settings(text).nodes
        func ssh(_ node: NodeIdentity) throws -> SSHAccess {
            guard case .ssh(let access) = try #require(nodes[node]) else { throw Other() }
            return access
        }
        let worker = try ssh(NodeIdentity(name: "w-1", internalIP: "10.0.0.9", isControlPlane: false))
        #expect(worker.user == "ops")
        #expect(worker.configFile == "/etc/k/lab/config")
        #expect(worker.asksForSudoPassword)
        let gpu = try ssh(NodeIdentity(name: "gpu-7", isControlPlane: true))
        #expect(gpu.port == 2222)
        #expect(gpu.jump == "bastion")
        #expect(gpu.host(of: NodeIdentity(name: "gpu-7")) == "gpu-7.lan")
        let first = try ssh(NodeIdentity(name: "cp-1", isControlPlane: true))
        #expect(first.identityFile == "/home/me/key")
        #expect(first.acceptsNewHostKeys)
        #expect(nodes[NodeIdentity(name: "cp-2", isControlPlane: true)] == .local)
        #expect(nodes.needsIdentities)
        #expect(nodes.asksForSudoPassword)
    }

    private struct Other: Error {}

    @Test func `leads to the node's own address, or to none`() {
        let access = SSHAccess()
        #expect(access.host(of: NodeIdentity(name: "a", internalIP: "10.0.0.1")) == "10.0.0.1")
        #expect(access.host(of: NodeIdentity(name: "a")) == nil)
    }

    @Test(arguments: [
        ("a", "a", true), ("a", "ab", false), ("*", "anything", true), ("gpu-*", "gpu-1", true), ("gpu-*", "gp", false),
        ("*-x", "a-x", true), ("a*a", "a", false), ("a*b*c", "a1b2c", true), ("a*b*c", "a1c2b", false),
        ("a**b", "ab", true),
    ]) func `is a group's by a pattern of names`(pattern: String, name: String, isMember: Bool) {
        let group = NodeGroup(names: [pattern], access: .local)
        #expect(group.contains(NodeIdentity(name: name)) == isMember)
    }

    @Test func `is read back from its own text`() throws {
        var settings = try settings(text)
        settings.stateDir = "/s"
        let again = try Settings(parsing: settings.text(), path: "/etc/k/keelstep.yaml", environment: [:])
        #expect(again == settings)
    }
}
