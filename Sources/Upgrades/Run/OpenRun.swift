import KubernetesClient
import Runs

/// The run that waits to be taken up.
struct OpenRun: Sendable, Hashable {
    var record: RunRecord
    var isInCluster: Bool

    /// The cluster's record decides where it can be read: another machine may have gone on since our journal was
    /// written. Its plan may be in the journal alone.
    static func find(_ client: KubernetesClient, _ journal: Journal) async throws -> OpenRun? {
        let runs = try await journal.runs()
        let record: RunRecord?
        do { record = try await RunRecord.find(client) } catch  where TroubleSorter.isAbsence(error) {
            return runs.first(where: \.isOpen).map { OpenRun(record: RunRecord($0), isInCluster: false) }
        }
        guard var record else {
            // Nobody deletes it but by hand: the journal is all there is.
            return runs.first(where: \.isOpen).map { OpenRun(record: RunRecord($0), isInCluster: false) }
        }
        guard record.isOpen else { return nil }
        if record.plan.isEmpty, let known = runs.first(where: { $0.id == record.run }) { record.plan = known.plan }
        return OpenRun(record: record, isInCluster: true)
    }
}
