import Foundation
import NIOSSL
import Testing

/// A sandbox of a test's own: up before its body, down after it, whatever happens in between.
struct RunningSandbox: Sendable {
    struct State: Decodable, Sendable {
        var server: String
        var apiServers: [String: Int]
        var etcdMembers: [String: Int]
    }

    var name: String
    var folder: String
    var state: State

    var environment: [String: String] {
        [
            "KUBECONFIG": folder + "/kubeconfig", "KEELSTEP_CONFIG": folder + "/keelstep.yaml",
            "XDG_STATE_HOME": folder + "/state", "NO_COLOR": "1",
        ]
    }

    var keelstep: Program { .keelstep(environment) }

    /// The real kubectl of a version, with a discovery cache of its own.
    func kubectl(_ version: String = "1.31") -> Program {
        var environment = environment
        environment["KUBECACHEDIR"] = "\(folder)/cache-\(version)"
        return .kubectl(version, environment)
    }

    static func with<Value>(
        _ options: String...,
        shop: Bool = true,
        sourceLocation: SourceLocation = #_sourceLocation,
        _ body: (RunningSandbox) async throws -> Value
    ) async throws -> Value {
        let root = ProcessInfo.processInfo.environment["KEELSTEP_SANDBOX_ROOT"] ?? "/tmp/keelstep-tests"
        let name = "t" + UUID().uuidString.lowercased().prefix(8)
        let program = Program.keelstep(["KEELSTEP_SANDBOX_ROOT": root])
        let up = try await program.run(["sandbox", "up", "--name", name] + options)
        expect(up, sourceLocation: sourceLocation)
        let folder = "\(root)/\(name)"
        let value: Result<Value, any Error>
        do {
            let data = try Data(contentsOf: URL(filePath: folder + "/sandbox.json"))
            let state = try JSONDecoder().decode(State.self, from: data)
            let sandbox = RunningSandbox(name: name, folder: folder, state: state)
            if shop { try await sandbox.openShop() }
            value = .success(try await body(sandbox))
        } catch { value = .failure(error) }
        if case .failure = value {
            let log = (try? String(contentsOfFile: folder + "/log", encoding: .utf8)) ?? "(no log)"
            let lines = log.split(separator: "\n")
            let told =
                lines.firstIndex { $0.contains("Fatal error") }.map { lines[$0...].prefix(60) } ?? lines.suffix(60)
            print("--- the sandbox's log\n" + told.joined(separator: "\n"))
        }
        let down = try await program.run("sandbox", "down", "--name", name)
        expect(down, sourceLocation: sourceLocation)
        return try value.get()
    }

    /// Loads the sample shop and waits until all of it runs.
    func openShop() async throws {
        expect(try await sandbox("load", "--sample-shop"))
        for workload in ["deployment/web", "deployment/cart", "statefulset/orders", "daemonset/log-agent"] {
            expect(try await kubectl().run("rollout", "status", "-n", "shop", workload, "--timeout=120s"))
        }
    }

    /// `keelstep sandbox WORDS --name …`.
    func sandbox(_ words: String...) async throws -> Program.Outcome { try await sandbox(words) }

    func sandbox(_ words: [String]) async throws -> Program.Outcome {
        var environment = environment
        environment["KEELSTEP_SANDBOX_ROOT"] = URL(filePath: folder).deletingLastPathComponent().path
        return try await Program.keelstep(environment).run(["sandbox"] + words + ["--name", name])
    }

    func fault(_ words: String...) async throws { try await fault(words) }

    /// An observer of every API server and member, with the administrator's certificate.
    func observer() throws -> Observer {
        Observer(
            apiServers: state.apiServers.map { .init(name: $0.key, url: "https://127.0.0.1:\($0.value)") },
            members: state.etcdMembers.map { .init(name: $0.key, url: "https://127.0.0.1:\($0.value)") },
            tls: try administratorTLS(),
            memberTLS: try memberTLS()
        )
    }

    /// Members trust the etcd CA only; the sandbox keeps a client of it in its folder.
    private func memberTLS() throws -> TLSConfiguration {
        func bytes(_ name: String) throws -> [UInt8] {
            Array(try Data(contentsOf: URL(filePath: "\(folder)/etcd/\(name)")))
        }
        return try .client(certificate: bytes("client.crt"), key: bytes("client.key"))
    }

    private func administratorTLS() throws -> TLSConfiguration {
        try TLSConfiguration.client(ofKubeconfig: folder + "/kubeconfig")
    }
}
