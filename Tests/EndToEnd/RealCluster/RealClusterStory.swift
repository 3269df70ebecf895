import Foundation
import Testing

extension EndToEnd {
    /// On a real kubeadm cluster, over SSH (`lab/up`; tools/run-tests brings it up and down).
    @Suite(.serialized, .enabled("needs a laboratory: lab/up") { RealCluster.isThere })
    struct RealClusterStory {
        @Test(.timeLimit(.minutes(10)))
        func `a real cluster is surveyed as kubectl, kubeadm and etcd tell it`() async throws {
            try await RealCluster.with { cluster in
                let outcome = try await cluster.keelstep.run("survey", "-o", "json")
                expect(outcome)
                let survey = try JSONDecoder().decode(SurveyedCluster.self, from: Data(outcome.output.utf8))
                let kubelets = try await cluster.nodes(".status.nodeInfo.kubeletVersion")
                let runtimes = try await cluster.nodes(".status.nodeInfo.containerRuntimeVersion")
                #expect(Set(survey.nodes.map(\.name)) == Set(kubelets.keys))
                for node in survey.nodes {
                    #expect(node.versions.kubelet == kubelets[node.name])
                    #expect(node.containerRuntime == runtimes[node.name])
                    let installed = try await cluster.on(node.name, "dpkg-query", "-W", "-f=\\${Version}", "kubeadm")
                    #expect(node.packages.first { $0.name == "kubeadm" }?.version == installed)
                }
                for (name, _) in try await cluster.controlPlanes() {
                    let table = try await cluster.on(name, "kubeadm", "certs", "check-expiration")
                    let node = try #require(survey.nodes.first { $0.name == name })
                    #expect(!node.certificates.isEmpty)
                    for certificate in node.certificates {
                        let row = table.split(separator: "\n").first { $0.hasPrefix(certificate.name + " ") }
                        #expect(
                            try #require(row).contains(certificate.day),
                            "\(certificate.name) ends \(certificate.expires): \(row ?? "")"
                        )
                    }
                    let pod = ["exec", "-n", "kube-system", "etcd-\(name)", "--"]
                    let tls = ["ca.crt", "healthcheck-client.crt", "healthcheck-client.key"]
                        .map { "/etc/kubernetes/pki/etcd/\($0)" }
                    let status = try await cluster.kubectl(
                        pod + ["etcdctl", "--cacert", tls[0], "--cert", tls[1], "--key", tls[2]]
                            + ["endpoint", "status", "-w", "json"]
                    )
                    let told = try JSONDecoder().decode([EndpointStatus].self, from: Data(status.utf8))
                    let member = try #require(survey.etcd.members.first { $0.name == name })
                    #expect(member.healthy)
                    #expect(member.version == told.first?.status.version)
                }
                let ping = try await cluster.keelstep.run("nodes", "ping")
                expect(ping)
                #expect(ping.output.split(separator: "\n").count == 1 + survey.nodes.count, "\(ping)")
            }
        }

        @Test(.timeLimit(.minutes(40)))
        func `a real cluster goes two minors up under budgets, over SSH`() async throws {
            try await RealCluster.with { cluster in
                let names = try await cluster.nodes(".metadata.name").keys.sorted()
                let cordoned = try await cluster.nodes(".spec.unschedulable")
                var holds: [String: String] = [:]
                for name in names { holds[name] = try await cluster.on(name, "apt-mark", "showhold") }
                let observer = try await cluster.observer()
                try await observer.start()
                let upgrade = try await cluster.keelstep.run(
                    "upgrade",
                    "--to",
                    "v1.22.0",
                    "--delete-emptydir-data",
                    "--yes"
                )
                expect(upgrade)
                let observation = try await observer.stop()
                #expect(observation.violations() == [])
                print("evictions: \(upgrade.errors.split(separator: "\n").count { $0.hasSuffix(" evicted") })")

                let versions = try await cluster.nodes(".status.nodeInfo.kubeletVersion")
                #expect(Set(versions.values) == ["v1.22.0"], "\(versions)")
                #expect(try await cluster.nodes(".spec.unschedulable") == cordoned)
                for name in names {
                    #expect(try await cluster.on(name, "apt-mark", "showhold") == holds[name], "\(name)")
                }
                for workload in ["deployment/web", "daemonset/agent"] {
                    _ = try await cluster.kubectl("rollout", "status", "-n", "demo", workload, "--timeout=60s")
                }
                for (name, _) in try await cluster.controlPlanes() {
                    let table = try await cluster.on(name, "kubeadm", "certs", "check-expiration")
                    #expect(!table.contains("invalid") && !table.contains("MISSING"), "\(table)")
                }
                try await expectVerifiedSnapshots(cluster)
            }
        }

        /// One before each hop, and one before each control-plane step of it, each opened and found whole.
        private func expectVerifiedSnapshots(_ cluster: RealCluster) async throws {
            let files = FileManager.default.enumerator(atPath: cluster.folder)?.compactMap { $0 as? String } ?? []
            let snapshots = files.filter { $0.hasSuffix(".db") }
            let controlPlanes = try await cluster.controlPlanes().count
            #expect(snapshots.count >= 2 * (1 + controlPlanes), "\(snapshots)")
            for snapshot in snapshots {
                expect(try await cluster.keelstep.run("snapshot", "verify", "\(cluster.folder)/\(snapshot)"))
            }
        }
    }
}

/// Of `keelstep survey -o json`, what is compared.
private struct SurveyedCluster: Decodable {
    struct Node: Decodable {
        struct Package: Decodable {
            var name: String
            var version: String
        }
        struct Certificate: Decodable {
            var name: String
            var expires: String

            /// `Nov 26, 2027`, as kubeadm writes it.
            var day: String {
                guard let date = try? Date(expires, strategy: .iso8601) else { return "no date: \(expires)" }
                let format = Date.VerbatimFormatStyle(
                    format: "\(month: .abbreviated) \(day: .twoDigits), \(year: .defaultDigits)",
                    locale: Locale(identifier: "en_US_POSIX"),
                    timeZone: .gmt,
                    calendar: Calendar(identifier: .gregorian)
                )
                return date.formatted(format)
            }
        }
        struct Versions: Decodable { var kubelet: String }
        var name: String
        var versions: Versions
        var containerRuntime: String
        var packages: [Package]
        var certificates: [Certificate]
    }
    struct Etcd: Decodable {
        struct Member: Decodable {
            var name: String
            var version: String
            var healthy: Bool
        }
        var members: [Member]
    }
    var nodes: [Node]
    var etcd: Etcd
}

/// Of `etcdctl endpoint status -w json`.
private struct EndpointStatus: Decodable {
    struct Status: Decodable { var version: String }
    private enum CodingKeys: String, CodingKey { case status = "Status" }
    var status: Status
}
