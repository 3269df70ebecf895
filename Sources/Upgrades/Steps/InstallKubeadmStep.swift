import KubernetesVersions
import Nodes
import Runs

/// Installs the hop's kubeadm.
struct InstallKubeadmStep: UpgradeStep {
    let work: StepWork
    let nodeName: String

    func probe(_ context: StepContext) async throws -> Probe {
        try await APT(try work.node(nodeName, context)).probe(["kubeadm"], work.hop.to)
    }

    func perform(_ context: StepContext) async throws {
        let node = try work.node(nodeName, context)
        // A kubeadm that runs must not lose its own binary.
        let running = try await Kubeadm(node).processes()
        guard running.isEmpty else { throw NodeError.kubeadmRunning(node: nodeName, processes: running) }
        await context.progress("apt-get installs kubeadm \(work.hop.to)")
        try await APT(node).install(["kubeadm"], work.hop.to)
    }
}

extension APT {
    /// How far the installation of these packages is.
    func probe(_ packages: [String], _ version: KubernetesVersion) async throws -> Probe {
        let status = try await status(of: packages)
        if let half = status.first(where: \.isHalfDone) {
            return .halfDone("dpkg was interrupted while it installed \(half.name)")
        }
        let there = status.filter { $0.isInstalled && ($0.kubernetesVersion.map { $0 >= version } ?? false) }
        guard there.count == packages.count else {
            return there.isEmpty
                ? .notStarted
                : .halfDone("\(there.map(\.name).joined(separator: ", ")) only")
        }
        let holds = try await pendingHolds().intersection(packages)
        return holds.isEmpty ? .done : .halfDone("the hold of \(holds.sorted().joined(separator: ", ")) is missing")
    }
}
