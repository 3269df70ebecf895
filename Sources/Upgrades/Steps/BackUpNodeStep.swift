import Backups
import Nodes
import Runs

/// Right before a control-plane node is touched: etcd once more, from its own member if that is healthy, and the
/// node's files.
struct BackUpNodeStep: UpgradeStep {
    let work: StepWork
    let nodeName: String

    func probe(_ context: StepContext) async throws -> Probe {
        let backup = StepBackup(work: work)
        let found = try await backup.probe(context)
        if found == .done { return .done }
        let manifests = try await ControlPlaneManifests.read(try work.node(nodeName, context))
        guard manifests.isAtLeast(work.hop.to) else { return found ?? .notStarted }
        // Once the node is past the version, a copy of it is no way back to before.
        if let damage = try await backup.damage() { throw damage }
        return found ?? .done
    }

    func perform(_ context: StepContext) async throws {
        let etcd = try await work.etcdNodes(context)
        let order = etcd.filter { $0 == nodeName } + etcd.filter { $0 != nodeName }
        let images = try await ControlPlaneManifests.read(try work.node(nodeName, context)).images
        let versions = images.map { ("\($0.key.rawValue) \(nodeName)", $0.value) }
        try await StepBackup(work: work).take(context, versions: Dictionary(versions, uniquingKeysWith: { $1 })) {
            try await $0.addSnapshot(from: order, work, context)
            try await $0.addFiles(of: nodeName, work, context)
        }
    }
}
