package import Checks
import Draining
package import KubernetesModel
package import KubernetesVersions
package import Survey

/// Survey, findings and plan of one upgrade: what is shown before anything is touched, and what a run begins with.
package struct PreparedUpgrade: Sendable {
    package var survey: ClusterSurvey
    package var input: PlanInput
    package var plan: UpgradePlan
    package var annex: PlanAnnex
    package var findings: [Finding]

    /// Reads the cluster, plans, and checks what the plan would meet. Nothing is changed.
    /// - Throws: ``PlanRefusal`` where no plan can be made; whatever kept the API from answering.
    package init(surveyor: Surveyor, target: KubernetesVersion, policy: PlanPolicy) async throws {
        survey = try await surveyor.survey(target: target)
        if let refusal = PlanRefusal(noWayIn: survey) { throw refusal }
        input = try PlanInput(survey: survey, target: target, policy: policy)
        plan = try Planner.plan(input)
        annex = PlanAnnex(of: plan, input: input)
        let drained = Set(plan.steps.filter { $0.action == .drain }.compactMap(\.node))
        let nodes = survey.nodes.map(\.name).filter(drained.contains)
        let forecast = BlockedDrains.findings(
            survey,
            nodes: nodes.filter { !policy.acceptOutage.contains($0) },
            policy: policy.drainPolicy
        )
        findings = (SickCluster.findings(survey, skipping: Set(plan.skipped.keys)) + forecast).sorted {
            $0.severity < $1.severity
        }
    }

    package var blockers: [Finding] { findings.filter { $0.severity == .blocker } }

    package var value: JSONValue {
        get throws {
            var value = try plan.value(annex: annex)
            value["findings"] = .array(findings.map(\.value))
            return value
        }
    }

    /// For people; informational findings are left to `-o json`.
    package func lines(isExplained: Bool) throws -> [String] {
        let digest = try plan.digest
        let text =
            isExplained
            ? PlanText.explained(plan, annex: annex, digest: digest)
            : PlanText.lines(plan, annex: annex, digest: digest)
        let told = findings.filter { $0.severity != .info }
        return text + (told.isEmpty ? [] : ["", "Findings:"] + told.flatMap(\.lines).map { "  \($0)" })
    }
}

extension PlanRefusal {
    /// That no node of the survey could be asked anything; nil where one could.
    init?(noWayIn survey: ClusterSurvey) {
        guard survey.nodes.allSatisfy({ $0.accessProblem != nil }),
            let first = survey.controlPlane.first ?? survey.nodes.first, let reason = first.accessProblem
        else { return nil }
        self = .noWayToNodes(first: first.name, reason: reason)
    }
}

extension PlanPolicy {
    /// How an upgrade drains: DaemonSet pods stay, data and unmanaged pods go only on request.
    var drainPolicy: DrainPolicy {
        var drain = DrainPolicy()
        drain.ignoreDaemonSets = true
        drain.deleteEmptyDirData = deleteEmptyDirData
        drain.force = force
        drain.timeout = .seconds(drainTimeoutSeconds)
        return drain
    }
}
