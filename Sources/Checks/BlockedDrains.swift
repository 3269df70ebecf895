package import Draining
import KubernetesModel
package import Survey

/// KS-D…: drains that would be blocked, or cost more than a restart, found before any node is touched.
package enum BlockedDrains {
    /// What a forecast stands on; where any of it could not be read, there is none.
    private static let foundations: Set<String> = [
        "pods", "namespaces", "poddisruptionbudgets", "deployments", "replicasets", "statefulsets", "daemonsets",
        "jobs",
    ]

    /// Looks at each node by itself, with the others in service.
    package static func findings(_ survey: ClusterSurvey, nodes: [String], policy: DrainPolicy) -> [Finding] {
        let unread = survey.gaps.filter { foundations.contains($0.what) }
        guard unread.isEmpty || nodes.isEmpty else {
            return unread.map { gap in
                Finding(
                    code: "KS-D-unknown",
                    severity: .blocker,
                    subject: "drains",
                    why: "what would block them is not known: \(gap.what) could not be read: \(gap.reason)",
                    remedy: "try again once the API server answers, and see that you may list \(gap.what)"
                )
            }
        }
        let cluster = ForecastCluster(
            nodes: survey.objects.nodes,
            pods: survey.objects.pods,
            budgets: survey.objects.budgets,
            workloads: survey.objects.workloads,
            namespaces: survey.objects.namespaces,
            now: survey.takenAt
        )
        return DrainForecast.forecast(nodes, in: cluster, policy: policy).flatMap { forecast in
            forecast.obstacles.map { obstacle in
                Finding(
                    code: "KS-D-\(obstacle.kind.code)",
                    severity: severity(obstacle),
                    subject: "drain of \(forecast.node)",
                    pods: obstacle.pods.map(\.description),
                    why: obstacle.why,
                    remedy: obstacle.remedy
                )
            }
        }
    }

    private static func severity(_ obstacle: DrainObstacle) -> Finding.Severity {
        switch obstacle.certainty {
        case .blocks: .blocker
        case .mayBlock: .warning
        case .warns: .info
        }
    }
}
