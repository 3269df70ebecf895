import Foundation
import StubAPI
import Testing

extension EndToEnd {
    /// Files that are not what they should be: kubeconfigs, keelstep.yaml, manifests.
    @Suite struct `bad input in files` {
        /// A kubeconfig's name, what stands in it (nil: there is none), and what must be said of it.
        private static let kubeconfigs: [(name: String, text: String?, line: String)] = [
            ("missing", nil, "cannot read {folder}/missing (the kubeconfig): there is no such file"),
            (
                "torn", "clusters: [\n  oops",
                "{folder}/torn:3: not a usable kubeconfig: did not find expected ',' or ']'"
            ),
            ("words", "just text", "{folder}/words:1: not a usable kubeconfig: a mapping is expected"),
            (
                "empty", "",
                "{folder}/empty: not a usable kubeconfig: no current-context is set; it has no contexts"
            ),
            (
                "dangling",
                "current-context: a\ncontexts:\n- name: a\n  context: {cluster: gone}\n",
                "{folder}/dangling:4: not a usable kubeconfig: context 'a' names the cluster 'gone', which is not there"
            ),
            (
                "nowhere",
                "current-context: a\ncontexts: [{name: a, context: {cluster: c}}]\n"
                    + "clusters: [{name: c, cluster: {server: not a url}}]\n",
                "the server address 'not a url' cannot be used: write it as https://HOST:PORT"
            ),
            (
                "away",
                "current-context: a\ncontexts: [{name: a, context: {cluster: c}}]\n"
                    + "clusters: [{name: c, cluster: {server: \"https://127.0.0.1:1\"}}]\n",
                "cannot reach the API server https://127.0.0.1:1: connection refused; is it up, and is the address right?"
            ),
        ]

        @Test(.timeLimit(.minutes(5)))
        func `is said of a kubeconfig with its place, and nothing is begun`() async throws {
            try await Self.withSandbox { sandbox in
                try await sandbox.expectUntouched {
                    for (name, text, line) in Self.kubeconfigs {
                        if let text { try sandbox.write(text, as: name) }
                        let path = "{folder}/\(name)"
                        try await sandbox.expectRefused([
                            BadCall("survey", "--kubeconfig", path, code: 1, says: line),
                            BadCall("upgrade", "--to", "v1.32.6", "--yes", "--kubeconfig", path, code: 1, says: line),
                        ])
                    }
                    try sandbox.write(Data([0xFF, 0xFE, 0x00, 0x80]), as: "bytes")
                    try await sandbox.expectRefused([
                        BadCall(
                            "survey",
                            "--kubeconfig",
                            "{folder}/bytes",
                            code: 1,
                            says: "{folder}/bytes: not a usable kubeconfig: it is not UTF-8 text"
                        ),
                        BadCall(
                            "survey",
                            "--kubeconfig",
                            "{folder}/nodes",
                            code: 1,
                            says: "cannot read {folder}/nodes (the kubeconfig): it is a folder"
                        ),
                        BadCall(
                            "status",
                            "--kubeconfig",
                            "{folder}/away",
                            code: 1,
                            says: "the API server https://127.0.0.1:1 is away (cannot reach the API server "
                                + "https://127.0.0.1:1: connection refused; is it up, and is the address right?), and this "
                                + "machine never worked on its cluster; try again when it is back"
                        ),
                    ])
                }
            }
        }

        @Test(.timeLimit(.minutes(5)))
        func `is said of a client certificate that has expired or is a stranger's`() async throws {
            try await Self.withSandbox { sandbox in
                let end = try #require(ISO8601DateFormatter().date(from: "2020-01-02T03:04:05Z"))
                let authority = try StubCertificate.authority()
                let expired = try authority.sign(
                    "kubernetes-admin",
                    organization: "kubeadm:cluster-admins",
                    from: end.addingTimeInterval(-86400),
                    until: end
                )
                let stranger = try authority.sign("kubernetes-admin", organization: "kubeadm:cluster-admins")
                try sandbox.write(try sandbox.kubeconfig(with: expired), as: "expired")
                try sandbox.write(try sandbox.kubeconfig(with: stranger), as: "stranger")
                try await sandbox.expectUntouched {
                    for words in [["survey"], ["upgrade", "--to", "v1.32.6", "--yes"], ["drain", "worker-1"]] {
                        var call = BadCall(
                            code: 1,
                            says: "the client certificate of user 'kubernetes-admin' ({folder}/expired) expired at "
                                + "2020-01-02T03:04:05Z; renew it (`kubeadm certs renew` on the control plane) or, if that "
                                + "date is still to come, set this machine's clock"
                        )
                        call.words = words + ["--kubeconfig", "{folder}/expired"]
                        var refused = BadCall(
                            code: 1,
                            says:
                                "the API server {server} does not accept the credentials of user 'kubernetes-admin' in "
                                + "{folder}/stranger; is that the kubeconfig of this cluster, and do they still hold?"
                        )
                        refused.words = words + ["--kubeconfig", "{folder}/stranger"]
                        try await sandbox.expectRefused([call, refused])
                    }
                }
            }
        }

        /// The text of a keelstep.yaml (nil: there is none), and what must be said of it.
        private static let settings: [(name: String, text: String?, line: String)] = [
            (
                "missing.yaml", nil,
                "cannot read the settings {folder}/missing.yaml: there is no such file; give another file with --config"
            ),
            ("torn.yaml", "nodes: [", "{folder}/torn.yaml:2: not valid YAML: did not find expected node content"),
            (
                "misspelt.yaml", "nodez: {}\n",
                "{folder}/misspelt.yaml:1: unknown key 'nodez'; accepted here: kubeconfig, context, nodes, backupDir, "
                    + "stateDir, policy"
            ),
            (
                "lots.yaml", "policy: {maxUnavailable: lots}\n",
                "{folder}/lots.yaml:1: 'policy.maxUnavailable' is 'lots'; accepted: a number of workers (3), at least 1, "
                    + "or a share of them (20%)"
            ),
            (
                "negative.yaml", "policy: {stableSeconds: -4}\n",
                "{folder}/negative.yaml:1: 'policy.stableSeconds' is '-4'; accepted: a whole number of seconds, 0 or more"
            ),
        ]

        @Test(.timeLimit(.minutes(5)))
        func `is said of keelstep yaml with its line, and nothing is begun`() async throws {
            try await Self.withSandbox { sandbox in
                try await sandbox.expectUntouched {
                    for (name, text, line) in Self.settings {
                        if let text { try sandbox.write(text, as: name) }
                        try await sandbox.expectRefused([
                            BadCall("survey", "--config", "{folder}/\(name)", code: 1, says: line),
                            BadCall(
                                "upgrade",
                                "--to",
                                "v1.32.6",
                                "--yes",
                                "--config",
                                "{folder}/\(name)",
                                code: 1,
                                says: line
                            ),
                        ])
                    }
                    try await sandbox.expectRefused([
                        BadCall(
                            "survey",
                            "--config",
                            "{folder}/nodes",
                            code: 1,
                            says:
                                "cannot read the settings {folder}/nodes: it is a folder; give another file with --config"
                        )
                    ])
                }
            }
        }

        @Test(.timeLimit(.minutes(5)))
        func `that names no way to the nodes blocks an upgrade, and calls no member sick that nobody asked`()
            async throws
        {
            try await Self.withSandbox { sandbox in
                let base = "kubeconfig: \(sandbox.folder)/kubeconfig\nstateDir: \(sandbox.folder)/state\n"
                try sandbox.write(base, as: "silent.yaml")
                try sandbox.write(
                    base + "nodes: {default: {sandbox: {socket: '/gone/{name}.sock'}}}\n",
                    as: "gone.yaml"
                )
                try await sandbox.expectUntouched {
                    for (name, why) in [
                        (
                            "silent.yaml",
                            "keelstep.yaml says nothing about how to reach node cp-1; add it under nodes, or run "
                                + "`keelstep init`"
                        ),
                        (
                            "gone.yaml",
                            "cannot reach node cp-1: /gone/cp-1.sock: no such file or directory; is it up?"
                        ),
                    ] {
                        let line =
                            "no node can be reached, and a plan must know what is on them (cp-1: \(why)); say in "
                            + "keelstep.yaml how nodes are reached (`keelstep init` writes it), and try it with `keelstep "
                            + "nodes ping`"
                        let config = ["--config", "{folder}/\(name)"]
                        // To vouch for the version is no way to the nodes.
                        for words in [
                            ["plan", "--to", "v1.32.6"], ["upgrade", "--to", "v1.32.6", "--yes"],
                            ["upgrade", "--to", "v1.32.6", "--via", "v1.32.6", "--yes"],
                        ] {
                            var call = BadCall(code: 3, says: line)
                            call.words = words + config
                            try await sandbox.expectRefused([call])
                        }
                        let survey = try await sandbox.keelstep.run(sandbox.filled(["survey"] + config))
                        expect(survey)
                        #expect(survey.output.contains("etcd cp-1: not asked: \(why)\n"), "\(survey)")
                        #expect(!survey.output.contains("unhealthy"), "\(survey)")
                    }
                }
            }
        }

        @Test(.timeLimit(.minutes(5)))
        func `is said of a manifest, and nothing of it is created`() async throws {
            try await Self.withSandbox { sandbox in
                try sandbox.write("kind: [", as: "torn.yaml")
                try sandbox.write("foo: bar\n", as: "kindless.yaml")
                for (name, reason) in [
                    ("gone.yaml", "there is no such file"),
                    ("torn.yaml", "document 1 is not valid YAML (line 2): did not find expected node content"),
                    ("kindless.yaml", "document 1 is not a Kubernetes object: it has no kind"),
                ] {
                    let outcome = try await sandbox.sandbox("load", "\(sandbox.folder)/\(name)")
                    expect(outcome, code: 1)
                    #expect(outcome.errors == "keelstep: cannot load \(sandbox.folder)/\(name): \(reason)\n")
                }
            }
        }

        private static func withSandbox(_ body: (RunningSandbox) async throws -> Void) async throws {
            try await RunningSandbox.with(
                "--control-planes",
                "1",
                "--workers",
                "1",
                "--speed",
                "100",
                shop: false,
                body
            )
        }
    }
}

extension RunningSandbox {
    /// The sandbox's kubeconfig with another client certificate in it.
    fileprivate func kubeconfig(with certificate: StubCertificate) throws -> String {
        let lines = try text(of: "kubeconfig").split(separator: "\n", omittingEmptySubsequences: false)
        return lines.map { line -> String in
            for (key, text) in [
                ("    client-certificate-data: ", certificate.certificate), ("    client-key-data: ", certificate.key),
            ] where line.hasPrefix(key) { return key + Data(text.utf8).base64EncodedString() }
            return String(line)
        }.joined(separator: "\n")
    }
}
