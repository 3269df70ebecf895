import Foundation
import Testing

extension EndToEnd {
    /// The same loaded node is drained with the same flags by the real kubectl and by keelstep.
    @Suite struct `kubectl drain and keelstep drain` {
        private static let flags: [[String]] = [
            [],
            ["--ignore-daemonsets"],
            ["--ignore-daemonsets", "--force"],
            ["--ignore-daemonsets", "--delete-emptydir-data"],
            ["--force", "--delete-emptydir-data"],
            ["--ignore-daemonsets", "--pod-selector=app=web"],
            ["--ignore-daemonsets", "--force", "--delete-emptydir-data", "--dry-run=client"],
            ["--ignore-daemonsets", "--force", "--delete-emptydir-data", "--dry-run=server", "--timeout=2s"],
            ["--ignore-daemonsets", "--force", "--delete-emptydir-data", "--timeout=2s"],
            ["--ignore-daemonsets", "--force", "--delete-emptydir-data", "--pod-selector=app notin (guarded)"],
            ["--ignore-daemonsets", "--force", "--delete-emptydir-data", "--disable-eviction"],
        ]

        @Test(
            .timeLimit(.minutes(15)),
            .enabled(if: Program.kubectl("1.37").exists, "needs kubectl 1.37 under .build/tools")
        )
        func `evict the same pods and refuse for the same reasons`() async throws {
            try await RunningSandbox.with("--control-planes", "1", "--workers", "2", "--speed", "200", shop: false) {
                sandbox in
                let kubectl = sandbox.kubectl("1.37")
                var emptied = 0
                for flags in Self.flags {
                    let real = try await sandbox.drained(by: kubectl, flags)
                    let ours = try await sandbox.drained(by: sandbox.keelstep, flags)
                    #expect(real == ours, "\(flags.joined(separator: " "))")
                    if flags.isEmpty { #expect(real.refused.count == 3, "\(real)") }
                    emptied += real.gone.count
                }
                #expect(emptied > 0)
            }
        }
    }
}

/// What a drain did to the node, and what it said it would not do.
private struct DrainEffect: Equatable {
    var code: Int32
    /// The owners (or names) of the pods that are gone, sorted.
    var gone: [String]
    /// The owners of pods whose leaving was refused, by kubectl's reason.
    var refused: [String: [String]]
    var isCordoned: Bool
}

extension RunningSandbox {
    /// Loads the node afresh, drains it, and gives it back.
    fileprivate func drained(by program: Program, _ flags: [String]) async throws -> DrainEffect {
        let file = folder + "/load.yaml"
        try Data(Self.load.utf8).write(to: URL(filePath: file))
        expect(try await kubectl("1.37").run("apply", "-f", file))
        try await eventually("every pod runs on the node") {
            try await pods().values.count { $0 == "Running" } == 9
        }
        let before = try await pods()
        let outcome = try await program.run(["drain", "worker-1"] + flags)
        let after = try await pods()
        let cordoned = try await cordonedNodes()
        expect(try await kubectl().run("uncordon", "worker-1"))
        let gone = before.keys.filter { after[$0] == nil }.map(Self.owner).sorted()
        return DrainEffect(
            code: outcome.code,
            gone: gone,
            refused: Self.refusals(outcome.errors),
            isCordoned: cordoned.contains("worker-1")
        )
    }

    /// The shop's pods on the node, as `name uid`, and their phase.
    private func pods() async throws -> [String: String] {
        let outcome = try await kubectl().run(
            "get",
            "pods",
            "-n",
            "shop",
            "--field-selector",
            "spec.nodeName=worker-1",
            "-o",
            "jsonpath={range .items[*]}{.metadata.name} {.metadata.uid} {.status.phase}{\"\\n\"}{end}"
        )
        expect(outcome)
        return Dictionary(
            outcome.output.split(separator: "\n").compactMap { line in
                let words = line.split(separator: " ").map(String.init)
                return words.count == 3 ? ("\(words[0]) \(words[1])", words[2]) : nil
            },
            uniquingKeysWith: { $1 }
        )
    }

    /// `web-5d9f-x2x 8f…`, `web-5d9f-x2x` → `web`.
    private static func owner(_ pod: String) -> String {
        pod.prefix { $0 != "-" && $0 != " " }.description
    }

    /// Of kubectl's and our words: `Pods with local storage (use …): shop/data-1, shop/data-2`.
    private static func refusals(_ text: String) -> [String: [String]] {
        let reasons = [
            "DaemonSet-managed Pods (use --ignore-daemonsets to ignore)",
            "Pods with local storage (use --delete-emptydir-data to override)",
            "Pods that declare no controller (use --force to override)",
        ]
        var found: [String: [String]] = [:]
        for reason in reasons {
            guard let mark = text.range(of: "cannot delete " + reason + ": ") else { continue }
            let rest = text[mark.upperBound...].prefix { $0 != "]" && $0 != "\n" && $0 != ";" }
            let names = rest.components(separatedBy: ", cannot delete ").first ?? ""
            found[reason] = names.components(separatedBy: ", ").compactMap { name in
                name.hasPrefix("shop/") ? owner(String(name.dropFirst(5))) : nil
            }.sorted()
        }
        return found
    }

    private static let load = """
        apiVersion: v1
        kind: Namespace
        metadata: {name: shop}
        ---
        apiVersion: apps/v1
        kind: Deployment
        metadata: {name: web, namespace: shop}
        spec:
          replicas: 3
          selector: {matchLabels: {app: web}}
          template:
            metadata: {labels: {app: web}}
            spec: {nodeSelector: {kubernetes.io/hostname: worker-1}, containers: [{name: c, image: "r.example/web:1"}]}
        ---
        apiVersion: apps/v1
        kind: Deployment
        metadata: {name: data, namespace: shop}
        spec:
          replicas: 2
          selector: {matchLabels: {app: data}}
          template:
            metadata: {labels: {app: data}}
            spec:
              nodeSelector: {kubernetes.io/hostname: worker-1}
              volumes: [{name: scratch, emptyDir: {}}]
              containers: [{name: c, image: "r.example/data:1"}]
        ---
        apiVersion: apps/v1
        kind: Deployment
        metadata: {name: guarded, namespace: shop}
        spec:
          replicas: 2
          selector: {matchLabels: {app: guarded}}
          template:
            metadata: {labels: {app: guarded}}
            spec: {nodeSelector: {kubernetes.io/hostname: worker-1}, containers: [{name: c, image: "r.example/g:1"}]}
        ---
        apiVersion: policy/v1
        kind: PodDisruptionBudget
        metadata: {name: guarded, namespace: shop}
        spec: {minAvailable: 2, selector: {matchLabels: {app: guarded}}}
        ---
        apiVersion: apps/v1
        kind: DaemonSet
        metadata: {name: agent, namespace: shop}
        spec:
          selector: {matchLabels: {app: agent}}
          template:
            metadata: {labels: {app: agent}}
            spec: {containers: [{name: c, image: "r.example/agent:1"}]}
        ---
        apiVersion: v1
        kind: Pod
        metadata: {name: lone, namespace: shop, labels: {app: lone}}
        spec: {nodeName: worker-1, containers: [{name: c, image: "r.example/lone:1"}]}

        """
}
