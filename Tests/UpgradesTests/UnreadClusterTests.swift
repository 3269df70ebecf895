import Checks
import Draining
import Foundation
import Survey
import Testing

@Suite struct `a survey with a gap` {
    private func survey(missing what: String?) -> ClusterSurvey {
        ClusterSurvey(
            takenAt: Date(timeIntervalSince1970: 1_790_000_000),
            server: "https://127.0.0.1:6443",
            serverVersion: "v1.31.4",
            clusterUID: "u",
            nodes: [],
            etcd: EtcdSurvey(),
            gaps: what.map { [SurveyGap(what: $0, reason: "the server did not answer")] } ?? []
        )
    }

    @Test(arguments: ["pods", "poddisruptionbudgets", "replicasets", "statefulsets"])
    func `blocks drains whose forecast would stand on it`(what: String) {
        let found = BlockedDrains.findings(survey(missing: what), nodes: ["worker-1"], policy: DrainPolicy())
        #expect(found.map(\.code) == ["KS-D-unknown"])
        #expect(found.allSatisfy { $0.severity == .blocker && $0.why.contains("the server did not answer") })
    }

    @Test(arguments: [nil, "leases"]) func `blocks nothing that does not stand on it`(what: String?) {
        #expect(BlockedDrains.findings(survey(missing: what), nodes: ["worker-1"], policy: DrainPolicy()).isEmpty)
    }
}
