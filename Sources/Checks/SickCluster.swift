package import Survey

/// KS-N…, KS-E…: nodes that cannot be reached, packages half installed, etcd without a quorum to spare, certificates
/// that have run out.
package enum SickCluster {
    package static func findings(_ survey: ClusterSurvey, skipping skipped: Set<String>) -> [Finding] {
        let nodes = survey.nodes.filter { !skipped.contains($0.name) }
        return nodes.compactMap(unreachable) + nodes.flatMap(halfInstalled) + nodes.flatMap { expired($0, survey) }
            + etcd(survey)
    }

    private static func unreachable(_ node: NodeSurvey) -> Finding? {
        node.accessProblem.map {
            Finding(
                code: "KS-N-access",
                severity: .blocker,
                subject: "node \(node.name)",
                why: "it cannot be asked: \($0)",
                // Without a whole control plane there is no way to another minor.
                remedy: "make it reachable as keelstep.yaml says (`keelstep nodes ping \(node.name)`)"
                    + (node.isControlPlane ? "" : ", or leave it out with --skip-node \(node.name)")
            )
        }
    }

    private static func halfInstalled(_ node: NodeSurvey) -> [Finding] {
        node.packages.filter(\.isHalfDone).map {
            Finding(
                code: "KS-N-dpkg",
                severity: .blocker,
                subject: "node \(node.name)",
                why: "package \($0.name) is half installed",
                remedy: "run `dpkg --configure -a` on \(node.name)"
            )
        }
    }

    private static func expired(_ node: NodeSurvey, _ survey: ClusterSurvey) -> [Finding] {
        node.certificates.filter { $0.expires < survey.takenAt }.map {
            Finding(
                code: "KS-C-expired",
                severity: .blocker,
                subject: "node \(node.name)",
                why: "certificate \($0.name) has expired",
                remedy: "run `kubeadm certs renew \($0.name)` on \(node.name) and restart what uses it"
            )
        }
    }

    private static func etcd(_ survey: ClusterSurvey) -> [Finding] {
        let etcd = survey.etcd
        guard etcd.externalEndpoints == nil else { return [] }
        var findings = etcd.alarms.map {
            Finding(
                code: "KS-E-alarm",
                severity: .blocker,
                subject: "etcd",
                why: "the alarm \($0) is raised",
                remedy: "remove its cause, then `etcdctl alarm disarm`"
            )
        }
        for member in etcd.members where !member.isHealthy {
            findings.append(
                Finding(
                    code: "KS-E-member",
                    severity: .blocker,
                    subject: "etcd member \(member.name)",
                    why: member.wasAsked
                        ? member.problem ?? "it is not healthy" : "it could not be asked: \(member.problem ?? "")",
                    remedy: member.wasAsked
                        ? "bring it back first: each control-plane step takes one member away for a moment"
                        : "make its node reachable first: each control-plane step takes one member away for a moment"
                )
            )
        }
        return findings
    }
}
