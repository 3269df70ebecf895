import ArgumentParser
import Draining
import KubernetesClient

struct DrainCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "drain",
        abstract: "Cordon nodes and evict their pods, as `kubectl drain` does, saying what holds it up.",
        discussion: """
            Every eviction names the pod's UID, refusals are retried until --timeout, and what blocks is named with \
            its budget. All nodes are cordoned first; then one after another is emptied.
            """
    )

    @OptionGroup(title: "Cluster") var cluster: ClusterOptions
    @OptionGroup var selection: NodeSelection
    @OptionGroup(title: "Draining") var options: DrainOptions

    func run() async throws {
        let policy = options.policy
        let terminal = Terminal.standard
        var failures: [(node: String, error: any Error)] = []
        try await cluster.withClient(try cluster.settings()) { client in
            let nodes = try await selection.names(client)
            for node in nodes {
                let outcome = try await Cordon.cordon(node: node, client: client, dryRun: policy.dryRun)
                terminal.print(outcome.text(node: node, policy.dryRun))
            }
            for node in nodes {
                do {
                    _ = try await Drain.run(node: node, policy: policy, client: client) { event in
                        if event.isComplaint { terminal.note("\(event)") } else { terminal.print("\(event)") }
                    }
                } catch {
                    let reason = (error as? DrainError)?.reason ?? "\(error)"
                    terminal.error("error: unable to drain node \"\(node)\" due to error: \(reason)")
                    failures.append((node, error))
                }
            }
        }
        guard failures.isEmpty else { throw ExitCode.failure }
    }
}
