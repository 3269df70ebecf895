import KubernetesVersions
import Nodes
import Runs

/// Lets the node's package source be that of the hop's minor version, with its lists read.
struct SwitchRepositoryStep: UpgradeStep {
    let work: StepWork
    let nodeName: String

    func probe(_ context: StepContext) async throws -> Probe {
        let apt = APT(try work.node(nodeName, context))
        let target = work.hop.to
        // A node that is past this version needs its packages no more.
        let installed = try await apt.status(of: ["kubeadm", "kubelet"])
        if installed.count == 2,
            installed.allSatisfy({ $0.isInstalled && ($0.kubernetesVersion.map { $0 >= target } ?? false) })
        {
            return .done
        }
        if case .perMinor(let minor) = try await apt.source().kind, minor != target.minorVersion {
            return minor < target.minorVersion ? .notStarted : .halfDone("its source is that of v\(minor)")
        }
        return try await apt.listed("kubeadm").contains(target)
            ? .done : .halfDone("its lists do not offer \(target) yet")
    }

    func perform(_ context: StepContext) async throws {
        let apt = APT(try work.node(nodeName, context))
        await context.progress("reading the package lists of v\(work.hop.to.minorVersion)")
        try await apt.switchRepository(to: work.hop.to.minorVersion)
        let listed = try await apt.listed("kubeadm")
        guard listed.contains(work.hop.to) else {
            throw NodeError.notOffered(
                node: nodeName,
                package: "kubeadm",
                version: work.hop.to,
                offered: listed
            )
        }
    }
}
