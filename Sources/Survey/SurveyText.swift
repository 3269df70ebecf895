import Foundation
import KubernetesVersions
import Nodes

/// A survey as people read it.
package enum SurveyText {
    package static func lines(_ survey: ClusterSurvey) -> [String] {
        var lines = [
            "Cluster \(survey.clusterUID) at \(survey.server), \(survey.serverVersion)",
            "kubeadm-config: "
                + (survey.kubeadm.map { "\($0.kubernetesVersion?.description ?? "no version") (\($0.apiVersion))" }
                    ?? "not readable"),
        ]
        lines += [""] + nodes(survey)
        if !survey.controlPlane.isEmpty { lines += [""] + controlPlane(survey) }
        lines += [""] + etcd(survey.etcd)
        if !survey.offers.isEmpty { lines += [""] + offers(survey) }
        lines += section("Workloads", workloads(survey.workloads))
        lines += section("Budgets", budgets(survey.budgets))
        lines += section("Not known", unknown(survey))
        return lines
    }

    private static func section(_ title: String, _ lines: [String]) -> [String] {
        lines.isEmpty ? [] : ["", title] + lines
    }

    private static func nodes(_ survey: ClusterSurvey) -> [String] {
        TextColumns.lines(
            header: ["NODE", "ROLE", "STATUS", "KUBELET", "INSTALLED", "KUBEADM", "HELD", "ZONE", "PODS", "RUNTIME"],
            rows: survey.nodes.map { node in
                [
                    node.name, node.isControlPlane ? "control-plane" : "worker", status(node),
                    text(node.kubelet), text(node.kubeletBinary), text(node.kubeadmBinary), held(node),
                    node.zone.isEmpty ? "-" : node.zone, String(node.podCount),
                    node.containerRuntime.isEmpty ? "-" : node.containerRuntime,
                ]
            }
        )
    }

    private static func status(_ node: NodeSurvey) -> String {
        (node.isReady ? "Ready" : "NotReady") + (node.isCordoned ? ",SchedulingDisabled" : "")
    }

    private static func held(_ node: NodeSurvey) -> String {
        if node.packages.isEmpty { return "-" }
        let held = node.packages.filter(\.isHeld).count
        return held == 0 ? "no" : held == node.packages.count ? "yes" : "some"
    }

    private static func controlPlane(_ survey: ClusterSurvey) -> [String] {
        TextColumns.lines(
            header: ["CONTROL PLANE", "API SERVER", "CONTROLLER MANAGER", "SCHEDULER", "ETCD", "CERTIFICATES UNTIL"],
            rows: survey.controlPlane.map { node in
                [node.name] + [.apiServer, .controllerManager, .scheduler, .etcd].map { component($0, of: node) }
                    + [certificates(node)]
            }
        )
            + survey.leaders.map { leader in
                "\(leader.component) is led by \(leader.holder.isEmpty ? "nobody" : leader.holder)"
            }
    }

    private static func component(_ component: StaticPodManifests.Component, of node: NodeSurvey) -> String {
        node.component(component).map { found in
            // etcd's tags are no versions of Kubernetes, and some look like one (3.4.13-0).
            component == .etcd ? found.tag : found.version?.description ?? found.tag
        } ?? "-"
    }

    private static func certificates(_ node: NodeSurvey) -> String {
        guard let first = node.certificates.filter({ !$0.isAuthority }).min(by: { $0.expires < $1.expires })
        else { return "-" }
        return "\(day(first.expires)) (\(first.name))"
    }

    private static func day(_ date: Date) -> String { String(date.ISO8601Format().prefix(10)) }

    private static func etcd(_ etcd: EtcdSurvey) -> [String] {
        let rows = etcd.members.map { member in
            [
                member.name, member.version.isEmpty ? "-" : member.version,
                member.isHealthy ? "healthy" : member.wasAsked ? "unhealthy" : "not asked",
                member.isLeader ? "leader" : member.isLearner ? "learner" : member.id.isEmpty ? "-" : "follower",
                member.id.isEmpty ? "-" : size(member.dbSize), member.id.isEmpty ? "-" : size(member.dbSizeInUse),
            ]
        }
        return TextColumns.lines(
            header: [
                etcd.externalEndpoints == nil ? "ETCD MEMBER" : "EXTERNAL ETCD", "VERSION", "HEALTH", "ROLE", "SIZE",
                "IN USE",
            ],
            rows: rows
        ) + etcd.alarms.map { "alarm \($0)" }
    }

    /// `1.2 MB`, in powers of ten as etcdctl has them.
    package static func size(_ bytes: Int64) -> String {
        let units = ["B", "kB", "MB", "GB", "TB"]
        var value = Double(max(0, bytes))
        var unit = 0
        while value >= 1000, unit < units.count - 1 {
            value /= 1000
            unit += 1
        }
        if unit == 0 { return "\(max(0, bytes)) B" }
        let tenths = Int((value * 10).rounded())
        return tenths >= 100 ? "\((tenths + 5) / 10) \(units[unit])" : "\(tenths / 10).\(tenths % 10) \(units[unit])"
    }

    private static func offers(_ survey: ClusterSurvey) -> [String] {
        TextColumns.lines(
            header: ["REPOSITORY", "NEWEST", "VERSIONS", "READ ON"],
            rows: survey.offers.sorted { $0.key < $1.key }.map { minor, offer in
                [
                    "v\(minor)", offer.versions?.max()?.description ?? "-",
                    offer.versions.map { String($0.count) } ?? offer.problem ?? "-",
                    offer.node.isEmpty ? "-" : offer.node,
                ]
            }
        )
    }

    /// All where there are few, otherwise those that lack something.
    private static func workloads(_ workloads: [WorkloadSurvey]) -> [String] {
        let shown = workloads.count <= 40 ? workloads : workloads.filter { $0.available < $0.desired }
        var lines = TextColumns.lines(
            header: ["NAMESPACE", "WORKLOAD", "DESIRED", "READY", "AVAILABLE"],
            rows: shown.prefix(40).map {
                [$0.namespace, "\($0.kind)/\($0.name)", String($0.desired), String($0.ready), String($0.available)]
            },
            indent: "  "
        )
        if workloads.isEmpty { return [] }
        let hidden = workloads.count - min(shown.count, 40)
        if hidden > 0 { lines.append("  and \(hidden) more (-o json has them all)") }
        return lines
    }

    private static func budgets(_ budgets: [BudgetSurvey]) -> [String] {
        if budgets.isEmpty { return [] }
        var lines = TextColumns.lines(
            header: ["NAMESPACE", "BUDGET", "RULE", "HEALTHY", "NEEDED", "MAY GO NOW"],
            rows: budgets.prefix(40).map {
                [
                    $0.namespace, $0.name, $0.rule, String($0.currentHealthy), String($0.desiredHealthy),
                    String($0.disruptionsAllowed),
                ]
            },
            indent: "  "
        )
        if budgets.count > 40 { lines.append("  and \(budgets.count - 40) more (-o json has them all)") }
        return lines
    }

    private static func unknown(_ survey: ClusterSurvey) -> [String] {
        var lines = survey.gaps.map { "  \($0.what): \($0.reason)" }
        for node in survey.nodes {
            if let problem = node.accessProblem { lines.append("  node \(node.name): \(problem)") }
            if let reason = node.notReadyReason { lines.append("  node \(node.name) is not Ready: \(reason)") }
            if node.accessProblem == nil, let problem = node.repositoryProblem {
                lines.append("  repository: \(problem)")
            }
            lines += node.problems.map { "  \($0)" }
        }
        lines += survey.etcd.members.compactMap { member in
            member.problem.map { "  etcd \(member.name): \(member.wasAsked ? "" : "not asked: ")\($0)" }
        }
        if lines.count > 60 { lines = lines.prefix(60) + ["  and \(lines.count - 60) more (-o json has them all)"] }
        return lines
    }

    private static func text(_ version: KubernetesVersion?) -> String { version?.description ?? "-" }
}
