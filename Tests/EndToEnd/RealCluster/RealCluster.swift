import Foundation
import NIOSSL
import Testing

/// The laboratory's cluster: real machines, in whose network this process runs (`lab/exec`).
struct RealCluster: Sendable {
    /// `KEELSTEP_REAL_CLUSTER`: the laboratory's folder.
    let laboratory: String
    /// This test's own: settings, state, backups.
    let folder: String

    static var isThere: Bool { laboratoryFolder != nil }
    private static var laboratoryFolder: String? { ProcessInfo.processInfo.environment["KEELSTEP_REAL_CLUSTER"] }

    static func with<Value>(_ body: (RealCluster) async throws -> Value) async throws -> Value {
        let laboratory = try #require(laboratoryFolder)
        let folder = "/tmp/keelstep-real-\(UInt64.random(in: 0 ... .max))"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        return try await body(RealCluster(laboratory: laboratory, folder: folder))
    }

    var keelstep: Program {
        .keelstep([
            "KEELSTEP_CONFIG": laboratory + "/keelstep.yaml", "XDG_STATE_HOME": folder + "/state", "NO_COLOR": "1",
        ])
    }

    func laboratory(_ script: String) -> Program {
        Program(path: "\(Program.packageFolder)/lab/\(script)", environment: ["KEELSTEP_LAB": laboratory])
    }

    /// The cluster's own kubectl, as its administrator.
    func kubectl(_ words: String...) async throws -> String { try await kubectl(words) }

    func kubectl(_ words: [String]) async throws -> String {
        let outcome = try await laboratory("kubectl").run(words)
        expect(outcome)
        return outcome.output
    }

    /// A command on a node, as root.
    func on(_ node: String, _ words: String...) async throws -> String {
        let outcome = try await laboratory("ssh").run(["-l", "root", node] + words)
        expect(outcome)
        return outcome.output
    }

    /// Name and one more field of every node.
    func nodes(_ field: String) async throws -> [String: String] {
        let template = "jsonpath={range .items[*]}{.metadata.name} {\(field)}{\"\\n\"}{end}"
        let lines = try await kubectl("get", "nodes", "-o", template).split(separator: "\n")
        return Dictionary(
            lines.map { line in
                let words = line.split(separator: " ", maxSplits: 1)
                return (String(words[0]), words.count > 1 ? String(words[1]) : "")
            },
            uniquingKeysWith: { $1 }
        )
    }

    /// The address and name of every control-plane node.
    func controlPlanes() async throws -> [(name: String, address: String)] {
        let roles = try await nodes(".metadata.labels")
        let addresses = try await nodes(".status.addresses[?(@.type==\"InternalIP\")].address")
        return roles.filter { $0.value.contains("node-role.kubernetes.io/control-plane") }.keys.sorted().map {
            ($0, addresses[$0] ?? "")
        }
    }

    /// An observer of every API server.
    func observer() async throws -> Observer {
        let servers = try await controlPlanes()
        let tls = try TLSConfiguration.client(ofKubeconfig: laboratory + "/admin.conf")
        var demands = Demands()
        // The only API server of a cluster is away while its pod is replaced.
        demands.readyAPIServers = servers.count > 1 ? servers.count - 1 : 0
        demands.healthyMembers = 0
        demands.patience = .seconds(20)
        demands.watchSeconds = 30
        demands.policy = "v1beta1"
        return Observer(
            apiServers: servers.map { .init(name: $0.name, url: "https://\($0.address):6443") },
            members: [],
            tls: tls,
            memberTLS: tls,
            demands: demands
        )
    }
}
