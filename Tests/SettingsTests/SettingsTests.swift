import Foundation
import Testing

@testable import Settings

private let environment = ["HOME": "/home/ann"]

private func parse(_ text: String) throws -> Settings {
    try Settings(parsing: text, path: "/etc/k/keelstep.yaml", environment: environment)
}

@Suite struct `settings` {
    @Test func `hold all that a file says`() throws {
        let settings = try parse(
            """
            kubeconfig: ~/clusters/lab.conf
            context: admin@lab
            nodes:
              default:
                sandbox: {socket: nodes/{name}.sock}
              named:
                cp-1:
                  sandbox:
                    socket: /run/cp-one.sock
            backupDir: /srv/backups
            stateDir: state
            policy:
              maxUnavailable: 20%
              stableSeconds: 5
              drainTimeout: 1h30m
              soak: 30
            """.replacing("nodes/{name}.sock}", with: "\"nodes/{name}.sock\"}")
        )
        #expect(settings.kubeconfig == "/home/ann/clusters/lab.conf")
        #expect(settings.context == "admin@lab")
        #expect(settings.nodes[NodeIdentity(name: "cp-1")] == .sandbox(socket: "/run/cp-one.sock"))
        #expect(settings.nodes[NodeIdentity(name: "worker-7")] == .sandbox(socket: "/etc/k/nodes/worker-7.sock"))
        #expect(settings.backupDir == "/srv/backups")
        #expect(settings.stateDir == "/etc/k/state")
        #expect(
            settings.policy
                == PolicySettings(
                    maxUnavailable: "20%",
                    stableSeconds: 5,
                    drainTimeout: .seconds(5400),
                    soak: .seconds(30)
                )
        )
    }

    @Test(arguments: ["", "# nothing\n", "kubeconfig:\npolicy:\n"]) func `have defaults for what is not said`(
        text: String
    ) throws {
        let settings = try parse(text)
        #expect(settings.kubeconfig == nil)
        #expect(settings.stateDir == "/home/ann/.local/state/keelstep")
        #expect(settings.nodes[NodeIdentity(name: "cp-1")] == nil)
        #expect(settings.policy == PolicySettings())
    }

    @Test(arguments: [
        ("kubeconfg: x", "/etc/k/keelstep.yaml:1: unknown key 'kubeconfg'; accepted here: kubeconfig, context, nodes,"),
        ("context: a\npolicy:\n  soakk: 1", ":3: unknown key 'policy.soakk'; accepted here: maxUnavailable,"),
        ("nodes:\n  default:\n    sssh: {}", "'nodes.default' is a mapping; accepted: one of ssh: {…}, local: {} and"),
        ("nodes:\n  default: {}", "'nodes.default' is a mapping; accepted: one of ssh: {…}"),
        ("nodes:\n  default: {sandbox: {}}", "'nodes.default' is a mapping; accepted: sandbox: {socket: PATH}"),
        ("nodes:\n  default: {local: {}, ssh: {}}", "'nodes.default' is a mapping; accepted: one of"),
        ("nodes:\n  default: {local: {a: b}}", "unknown key 'nodes.default.local.a'"),
        ("nodes:\n  default: {ssh: {usr: x}}", "unknown key 'nodes.default.ssh.usr'; accepted here: host, user, jump,"),
        (
            "nodes:\n  default: {ssh: {port: 70000}}",
            "'nodes.default.ssh.port' is '70000'; accepted: a port, 1 to 65535"
        ),
        (
            "nodes:\n  default: {ssh: {host: -oProxyCommand=x}}",
            "'nodes.default.ssh.host' is '-oProxyCommand=x'; accepted"
        ),
        ("nodes:\n  default: {ssh: {user: a b}}", "'nodes.default.ssh.user' is 'a b'; accepted: one word"),
        (
            "nodes:\n  default: {ssh: {sudo: never}}",
            "'nodes.default.ssh.sudo' is 'never'; accepted: passwordless or ask"
        ),
        ("nodes:\n  groups: {}", "'nodes.groups' is a mapping; accepted: a list of groups"),
        ("nodes:\n  groups: [{names: [a]}]", "'nodes.groups[0]' is a mapping; accepted: one of ssh"),
        ("nodes:\n  groups: [{role: boss, local: {}}]", "'nodes.groups[0].role' is 'boss'; accepted: control-plane or"),
        ("policy: [1]", "'policy' is a list; accepted: a mapping"),
        ("policy: {stableSeconds: soon}", "'policy.stableSeconds' is 'soon'; accepted: a whole number"),
        ("policy: {drainTimeout: 5 parsecs}", "'policy.drainTimeout' is '5 parsecs'; accepted: a length of time"),
        ("policy: {maxUnavailable: 0}", "'policy.maxUnavailable' is '0'; accepted: a number of workers"),
        ("policy: {maxUnavailable: 120%}", "'policy.maxUnavailable' is '120%'"),
        ("stateDir: {}", "'stateDir' is a mapping; accepted: a text"),
        ("- a", "'the whole file' is a list"),
        ("a: [1", "not valid YAML"),
        ("context: a\ncontext: b", "given twice: context"),
    ]) func `name file, line, key and what is accepted`(text: String, complaint: String) throws {
        let error = try #require(throws: SettingsError.self) { try parse(text) }
        #expect(error.description.contains(complaint), "\(error)")
        #expect(error.description.hasPrefix("/etc/k/keelstep.yaml"))
    }

    @Test func `are read back from their own text`() throws {
        let settings = Settings(
            path: "/etc/k/keelstep.yaml",
            kubeconfig: "/a b/c.conf",
            context: "no",
            nodes: NodeAccessSettings(
                fallback: .sandbox(socket: "/run/{name}.sock"),
                named: ["cp-1": .sandbox(socket: "/x.sock")]
            ),
            backupDir: "/b",
            stateDir: "/s",
            policy: PolicySettings(
                maxUnavailable: "3",
                stableSeconds: 1,
                drainTimeout: .zero,
                soak: .milliseconds(1500)
            )
        )
        #expect(try parse(settings.text()) == settings)
    }

    @Test func `are found by flag, variable, current folder, home, in that order`() throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "settings-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: folder) }
        let root = folder.path(percentEncoded: false)
        func write(_ path: String, _ context: String) throws -> String {
            let url = folder.appending(path: path)
            try FileManager.default.createDirectory(
                at: url.deletingLastPathComponent(),
                withIntermediateDirectories: true
            )
            try Data("context: \(context)\n".utf8).write(to: url)
            return url.path(percentEncoded: false)
        }
        let home = root + "/home"
        #expect(try Settings.find(environment: ["HOME": home], currentFolder: root).path == nil)
        _ = try write("home/.config/keelstep/keelstep.yaml", "home")
        #expect(try Settings.find(environment: ["HOME": home], currentFolder: root).context == "home")
        _ = try write("keelstep.yaml", "here")
        #expect(try Settings.find(environment: ["HOME": home], currentFolder: root).context == "here")
        let named = ["HOME": home, "KEELSTEP_CONFIG": try write("named.yaml", "named")]
        #expect(try Settings.find(environment: named, currentFolder: root).context == "named")
        let flag = try write("flag.yaml", "flag")
        #expect(try Settings.find(flag: flag, environment: named, currentFolder: root).context == "flag")
        let error = try #require(throws: SettingsError.self) {
            try Settings.find(flag: root + "/none.yaml", environment: named, currentFolder: root)
        }
        #expect(error.description.contains("there is no such file"))
    }
}

@Suite struct `a length of time` {
    @Test(arguments: [
        ("0", Duration.zero), ("90", .seconds(90)), ("90s", .seconds(90)), ("15m", .seconds(900)),
        ("1h30m", .seconds(5400)), ("1.5m", .seconds(90)), ("500ms", .milliseconds(500)),
    ]) func `is read`(text: String, expected: Duration) throws {
        #expect(try DurationText.duration(parsing: text) == expected)
        #expect(try DurationText.duration(parsing: DurationText.text(expected)) == expected)
    }

    @Test(arguments: ["", "s", "-5s", "5x", "1m1h", "1m1m", "1e9h", "5 s", "99999999999h", "..s"])
    func `is refused when malformed`(text: String) {
        #expect(throws: DurationError.malformed(text)) { try DurationText.duration(parsing: text) }
    }
}
