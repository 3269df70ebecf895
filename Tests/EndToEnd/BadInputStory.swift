import Foundation
import Testing

extension EndToEnd {
    /// Words that cannot be meant so: 2 where other words would do, 1 where what they name is not there.
    @Suite struct `bad input on the command line` {
        private static let notAVersion = "is not a Kubernetes version; write it as v1.33.2"
        private static let aNumber =
            "is neither a number of at least 1 nor a percentage; write --max-unavailable 2 or --max-unavailable 20%"
        private static let noSuchNode = "and the cluster has no such node; compare with `kubectl get nodes`"
        private static let notALength = "is not a length of time; write it as 90s, 15m or 1h30m"
        private static let aSelector = "unexpected text before byte 6; write it as app=web,tier in (front,back),!canary"

        private static let malformed: [BadCall] =
            ["1.33", "v1.x", "", "latest", "v1.33.2.1", "v01.33.2"].map { text in
                BadCall(
                    "plan",
                    "--to",
                    text,
                    code: 2,
                    .beforeUsage,
                    says: "The value '\(text)' is invalid for '--to <to>': '\(text)' \(notAVersion)"
                )
            } + [
                BadCall("plan", code: 2, .beforeUsage, says: "Missing expected argument '--to <to>'"),
                BadCall(
                    "upgrad",
                    "--to",
                    "v1.33.2",
                    code: 2,
                    .beforeUsage,
                    says: "'upgrad' is no command; did you mean `keelstep upgrade`?"
                ),
                BadCall("nonsense", code: 2, .beforeUsage, says: "Unexpected argument 'nonsense'"),
                BadCall(
                    "plan",
                    "--to",
                    "v1.33.2",
                    "--soak",
                    "soon",
                    code: 2,
                    .beforeUsage,
                    says: "The value 'soon' is invalid for '--soak <soak>': 'soon' \(notALength)"
                ),
                BadCall(
                    "plan",
                    "--to",
                    "v1.33.2",
                    "--explain",
                    "-o",
                    "json",
                    code: 2,
                    .beforeUsage,
                    says: "--explain is for people to read; leave out -o, or --explain"
                ),
                BadCall(
                    "sandbox",
                    "up",
                    "--version",
                    "v9.9.9",
                    code: 2,
                    .beforeUsage,
                    says: "a sandbox does not know v9.9.9; it knows v1.24.0 to v1.36.4"
                ),
                BadCall(
                    "demo",
                    "--from",
                    "v1.31.99",
                    code: 2,
                    .beforeUsage,
                    says: "--from: a sandbox does not know v1.31.99; it knows v1.31.0 to v1.31.14 of that minor"
                ),
                BadCall(
                    "drain",
                    code: 2,
                    .beforeUsage,
                    says: "which node? Give names, or --selector"
                ),
                BadCall(
                    "drain",
                    "worker-1",
                    "--pod-selector",
                    "a in (",
                    code: 2,
                    .beforeUsage,
                    says: "--pod-selector: 'a in (' is not a label selector: \(aSelector)"
                ),
                BadCall(
                    "cordon",
                    "-l",
                    "a in (",
                    code: 2,
                    .beforeUsage,
                    says: "--selector: 'a in (' is not a label selector: \(aSelector)"
                ),
            ]

        /// Versions that are none to go to from v1.31.4, whose repositories have what the sandbox's catalogue says.
        private static let wrongVersions: [BadCall] = ["plan", "upgrade"].flatMap { command in
            [
                BadCall(
                    command,
                    "--to",
                    "v1.30.1",
                    code: 2,
                    says:
                        "the control plane is at v1.31.4 already: v1.30.1 would be a downgrade; choose a newer version; "
                        + "the way back is a restore from a backup"
                ),
                BadCall(
                    command,
                    "--to",
                    "v1.33.99",
                    code: 2,
                    says:
                        "v1.33.99 is not in the package repository of v1.33, whose newest is v1.33.13; choose a version "
                        + "it has, such as v1.33.13, or mend the node's repository"
                ),
                BadCall(
                    command,
                    "--to",
                    "v1.33.0-rc.1",
                    code: 2,
                    says: "v1.33.0-rc.1 is a pre-release; choose a release"
                ),
                BadCall(
                    command,
                    "--to",
                    "v2.0.0",
                    code: 2,
                    says:
                        "there is no path from v1.31.4 to another major version (v2.0.0); choose a version of the same "
                        + "major"
                ),
                BadCall(
                    command,
                    "--to",
                    "v1.33.2",
                    "--via",
                    "v1.32.99",
                    code: 2,
                    says:
                        "v1.32.99 is not in the package repository of v1.32, whose newest is v1.32.13; choose a version "
                        + "it has, such as v1.32.13, or mend the node's repository"
                ),
                BadCall(
                    command,
                    "--to",
                    "v1.31.4",
                    code: 0,
                    says:
                        "every chosen node is at v1.31.4 already; nothing needs to be done; name a newer version to go on"
                ),
            ]
        }

        private static let wrongChoices: [BadCall] =
            ["0", "many", "101%", "0%", "1.5", "50%%", "99999999999999999999"].map { text in
                BadCall(
                    "upgrade",
                    "--to",
                    "v1.33.2",
                    "--yes",
                    "--max-unavailable",
                    text,
                    code: 2,
                    says: "--max-unavailable '\(text)' \(aNumber)"
                )
            }
            + ["--only", "--skip-node", "--canary", "--accept-outage"].map { option in
                BadCall(
                    "upgrade",
                    "--to",
                    "v1.33.2",
                    "--yes",
                    option,
                    "worker-9",
                    code: 2,
                    says: "\(option) names worker-9, \(noSuchNode)"
                )
            } + [
                BadCall(
                    "upgrade",
                    "--to",
                    "v1.33.2",
                    "--yes",
                    "--canary",
                    "cp-1",
                    code: 2,
                    says: "--canary names cp-1, which is no worker; name workers; the control plane goes one node at a "
                        + "time anyway"
                ),
                BadCall(
                    "upgrade",
                    "--to",
                    "v1.33.2",
                    "--yes",
                    "--only",
                    "worker-1",
                    code: 2,
                    says:
                        "the control plane on cp-1 stays behind, and no kubelet may be at v1.32.13 before it; let the "
                        + "whole control plane take part first, or remove that node from the cluster"
                ),
            ]

        private static let unknownThings: [BadCall] =
            [
                BadCall(
                    "survey",
                    "--context",
                    "nowhere",
                    code: 1,
                    says: "there is no context 'nowhere' in {folder}/kubeconfig; it has: kubernetes-admin@{name}"
                ),
                BadCall(
                    "resume",
                    code: 2,
                    says: "no run is open on this cluster; begin one with `keelstep upgrade --to VERSION`"
                ),
                BadCall(
                    "report",
                    code: 1,
                    says:
                        "there is no journal of this cluster below {folder}/state; the report is on the machine that made "
                        + "the run"
                ),
                BadCall(
                    "sandbox",
                    "up",
                    "--name",
                    "{name}",
                    "--speed",
                    "0",
                    code: 2,
                    .beforeUsage,
                    says: "--speed is 0.0; it is a factor from 1 to 1000"
                ),
            ]
            + ["drain", "cordon", "uncordon"].map { command in
                BadCall(
                    command,
                    "worker-1",
                    "worker-9",
                    code: 1,
                    says: "the cluster has no node worker-9, and nothing was done; compare with `kubectl get nodes`"
                )
            }

        @Test(.timeLimit(.minutes(5)))
        func `is refused in one line, and the cluster stays as it was`() async throws {
            try await RunningSandbox.with(
                "--control-planes",
                "1",
                "--workers",
                "1",
                "--speed",
                "100",
                shop: false
            ) { sandbox in
                try await sandbox.expectUntouched {
                    for calls in [Self.malformed, Self.wrongVersions, Self.wrongChoices, Self.unknownThings] {
                        try await sandbox.expectRefused(calls)
                    }
                    let nobody = try await sandbox.sandbox("fault", "pod", "shop/none")
                    expect(nobody, code: 1)
                    let reason = "there is no pod 'shop/none'; `kubectl get pods --all-namespaces` shows them"
                    #expect(nobody.errors == "keelstep: sandbox '\(sandbox.name)': \(reason)\n")
                    let unasked = try await sandbox.keelstep.run("upgrade", "--to", "v1.32.6")
                    expect(unasked, code: 2)
                    #expect(unasked.errors.hasSuffix("\nnothing was done; --yes begins without asking\n"))
                }
            }
        }

        @Test(.timeLimit(.minutes(5)))
        func `that skips a minor is planned as two hops, and no minor is ever skipped`() async throws {
            try await RunningSandbox.with(
                "--control-planes",
                "1",
                "--workers",
                "1",
                "--speed",
                "100",
                shop: false
            ) { sandbox in
                let plan = try await sandbox.keelstep.run("plan", "--to", "v1.33.2")
                expect(plan)
                #expect(plan.output.contains("\nv1.31.4 → v1.32.13 → v1.33.2\n"), "\(plan)")
            }
        }

        @Test func `that names no sandbox is refused, whatever the command`() async throws {
            let root = NSTemporaryDirectory() + "ks-none-\(UUID().uuidString.prefix(8))"
            let program = Program.keelstep(["KEELSTEP_SANDBOX_ROOT": root])
            let manifest = root + ".yaml"
            try Data("{apiVersion: v1, kind: Namespace, metadata: {name: shop}}".utf8).write(
                to: URL(filePath: manifest)
            )
            defer { try? FileManager.default.removeItem(atPath: manifest) }
            for words in [
                ["down"], ["kubeconfig"], ["load", manifest], ["commands"], ["effects"], ["fault", "list"],
                ["fault", "clear"], ["fault", "partition", "worker-1"],
            ] {
                let outcome = try await program.run(["sandbox"] + words + ["--name", "none"])
                expect(outcome, code: 1)
                #expect(
                    outcome.errors == "keelstep: no sandbox 'none' is up (looked in \(root)); `keelstep sandbox list` "
                        + "shows those that are\n"
                )
                #expect(outcome.output.isEmpty)
            }
            #expect(!FileManager.default.fileExists(atPath: root))
        }

        @Test func `that needs an etcd where there is none says how to get one, and leaves nothing`() async throws {
            let root = NSTemporaryDirectory() + "ks-no-etcd-\(UUID().uuidString.prefix(8))"
            for (environment, line) in [
                (
                    ["PATH": "/nonexistent", "KEELSTEP_ETCD": ""],
                    "no etcd server is installed: `sudo apt-get install etcd-server` (Debian, Ubuntu), or name one in "
                        + "KEELSTEP_ETCD; a sandbox with `--storage memory` needs none"
                ),
                (
                    ["KEELSTEP_ETCD": "/etc/passwd"],
                    "KEELSTEP_ETCD names /etc/passwd, which is no program that can be run; correct or unset it"
                ),
            ] {
                let program = Program.keelstep(environment.merging(["KEELSTEP_SANDBOX_ROOT": root]) { $1 })
                let outcome = try await program.run("sandbox", "up")
                expect(outcome, code: 1)
                #expect(outcome.errors == "keelstep: \(line)\n")
                #expect(!FileManager.default.fileExists(atPath: root))
            }
        }
    }
}
