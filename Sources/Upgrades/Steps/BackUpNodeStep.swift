import Nodes
import Runs

/// Right before a control-plane node is touched: etcd once more, from its own member if that is healthy, and the
/// node's files.
struct BackUpNodeStep: UpgradeStep {
    let work: StepWork
    let nodeName: String

    func probe(_ context: StepContext) async throws -> Probe {
        if BackupFolder(work).entries != nil { return .done }
        // Once the node is past the version, a copy of it is no way back to before.
        let manifests = try await ControlPlaneManifests.read(try work.node(nodeName, context))
        return manifests.isAtLeast(work.hop.to) ? .done : .notStarted
    }

    func perform(_ context: StepContext) async throws {
        let folder = BackupFolder(work)
        let etcd = try await work.etcdNodes(context)
        let order = etcd.filter { $0 == nodeName } + etcd.filter { $0 != nodeName }
        var entries: [BackupFolder.Entry] = []
        if !order.isEmpty { entries.append(try await folder.takeSnapshot(work, context, from: order)) }
        entries += try await folder.takeFiles(try work.node(nodeName, context), context)
        try await folder.seal(entries, of: context.run, at: context.now())
    }
}
