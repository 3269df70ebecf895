import Nodes
import Runs

/// Installs the hop's kubelet and kubectl; the running kubelet stays until it is restarted.
struct InstallKubeletStep: UpgradeStep {
    let work: StepWork
    let nodeName: String

    private static let packages = ["kubelet", "kubectl"]

    func probe(_ context: StepContext) async throws -> Probe {
        try await APT(try work.node(nodeName, context)).probe(Self.packages, work.hop.to)
    }

    func perform(_ context: StepContext) async throws {
        await context.progress("apt-get installs kubelet and kubectl \(work.hop.to)")
        try await APT(try work.node(nodeName, context)).install(Self.packages, work.hop.to)
    }
}
