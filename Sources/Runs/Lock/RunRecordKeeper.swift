package import KubernetesClient

/// Keeps the cluster's record of a run in step with what the run knows.
package actor RunRecordKeeper {
    package private(set) var record: RunRecord
    private var isSaved = false
    private let client: KubernetesClient

    /// A keeper of a record that the cluster has already, or (`isSaved` false) has yet to be given.
    package init(_ record: RunRecord, client: KubernetesClient, isSaved: Bool = false) {
        self.record = record
        self.client = client
        self.isSaved = isSaved
    }

    /// Changes the record and saves it, unless it is as it was.
    package func update(_ change: @Sendable (inout RunRecord) -> Void) async throws {
        var changed = record
        change(&changed)
        guard changed != record || !isSaved else { return }
        record = changed
        isSaved = false
        try await changed.save(client)
        // While it was written, another change may have come; its own save follows.
        if changed == record { isSaved = true }
    }
}
