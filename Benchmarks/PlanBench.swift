import Foundation
import Glibc
import Sandbox
import Settings

/// `keelstep plan` on a large cluster: an emulated API server over memory that was filled directly, and behind every
/// node's name the socket of one emulated node. The etcd members of the control plane are real.
struct PlanBench: Sendable {
    struct Result: Sendable {
        var nodes: Int
        var pods: Int
        var plan: [Sample]
        /// `kubectl get nodes,pods,… -A -o json` of the same objects, to nowhere: the yardstick.
        var list: [Sample]
        var hops: String
    }

    let workbench: Workbench
    let nodes: Int
    let pods: Int
    let repetitions = 3

    private static let resources =
        "nodes,pods,namespaces,poddisruptionbudgets,deployments,replicasets,statefulsets,"
        + "daemonsets,jobs"

    func run() async throws -> Result {
        try await workbench.withSandbox(["--control-planes", "3", "--workers", "3"]) { sandbox in
            try await sandbox.load(SampleShop.manifests, isSettled: true)
            workbench.say("filling an API server with \(nodes) nodes and \(pods) pods")
            let cluster = try await LargeCluster(of: sandbox, nodes: nodes, pods: pods)
            return try await cluster.serving { kubeconfig in
                let settings = try settle(sandbox, cluster, kubeconfig: kubeconfig)
                return try await measure(settings, kubeconfig: kubeconfig)
            }
        }
    }

    private func measure(_ settings: String, kubeconfig: String) async throws -> Result {
        var result = Result(nodes: nodes, pods: pods, plan: [], list: [], hops: "")
        for round in 1...repetitions {
            workbench.say("planning, round \(round) of \(repetitions)")
            let environment = ["KUBECONFIG": kubeconfig, "KUBECACHEDIR": workbench.folder + "/cache"]
            result.list.append(
                try await workbench.measure(
                    [workbench.kubectl, "get", Self.resources, "-A", "-o", "json"],
                    environment
                )
            )
            let plan = [workbench.keelstep, "plan", "--to", "v1.33.2", "--max-unavailable", "2%", "--config", settings]
            result.plan.append(try await workbench.measure(plan))
            if round == 1 {
                let lines = try await workbench.run(plan).split(separator: "\n").map(String.init)
                result.hops = lines.first { $0.contains(" hops, ") } ?? ""
            }
        }
        return result
    }

    /// A keelstep.yaml whose nodes all have a way: copies that of the sandbox's first worker, by another name.
    private func settle(_ sandbox: BenchSandbox, _ cluster: LargeCluster, kubeconfig: String) throws -> String {
        let sockets = "\(workbench.folder)/n"
        try FileManager.default.createDirectory(atPath: sockets, withIntermediateDirectories: true)
        for name in cluster.nodeNames {
            let real =
                FileManager.default.fileExists(atPath: "\(sandbox.folder)/nodes/\(name).sock") ? name : "worker-1"
            try FileManager.default.createSymbolicLink(
                atPath: "\(sockets)/\(name)",
                withDestinationPath: "\(sandbox.folder)/nodes/\(real).sock"
            )
        }
        let settings = Settings(
            kubeconfig: kubeconfig,
            nodes: NodeAccessSettings(fallback: .sandbox(socket: sockets + "/{name}")),
            stateDir: "\(workbench.folder)/state"
        )
        let path = "\(workbench.folder)/large.yaml"
        try Data(try settings.text().utf8).write(to: URL(filePath: path))
        return path
    }
}
