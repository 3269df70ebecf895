import KubernetesVersions

@testable import Upgrades

/// A story about a cluster, told in lines, and the plans made of it.
///
///     # A comment.
///     cluster v1.31.4                  what kubeadm-config says; or `cluster unknown`
///     node cp-1 control-plane v1.31.4  a node; repeated, it replaces the node of that name
///     node w-1 worker v1.31.4 zone=a not-ready cordoned ours kubelet=v1.30.2
///     node w-1 gone
///     etcd external https://a:2379 [unreachable]
///     offers 1.32: v1.32.1 v1.32.6     what a repository offers; `offers 1.32 unreadable: reason`
///     plan --to v1.33.2 --via v1.32.1 --canary w-1 …
///     ----
///     the expected plan, up to the next empty line
struct PlanStory {
    /// One `plan` line with all lines before it, and what follows `----`.
    struct Chapter {
        var lines: [String]
        var expected: [String]
    }

    enum Mistake: Error {
        case line(String)
    }

    var chapters: [Chapter] = []
    var rest: [String] = []

    init(_ text: String) {
        var lines: [String] = []
        var expected: [String]?
        for line in text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init) {
            if line == "----" {
                expected = []
            } else if let answer = expected {
                if line.isEmpty {
                    chapters.append(Chapter(lines: lines, expected: answer))
                    (lines, expected) = ([line], nil)
                } else {
                    expected = answer + [line]
                }
            } else {
                lines.append(line)
            }
        }
        if let expected { chapters.append(Chapter(lines: lines, expected: expected)) } else { rest = lines }
    }

    /// The story with the plans as they come out now.
    func retold() throws -> String {
        var teller = Teller()
        var lines: [String] = []
        for chapter in chapters {
            lines += chapter.lines + ["----"] + (try teller.tell(chapter.lines))
        }
        if chapters.isEmpty || !rest.isEmpty { lines += rest }
        return lines.joined(separator: "\n") + (lines.last == "" ? "" : "\n")
    }
}

/// Keeps the cluster that the lines speak of.
private struct Teller {
    private var nodes: [String: PlanNode] = [:]
    private var input = PlanInput(
        clusterUID: "2b7c9e1a-0000-4000-8000-000000000001",
        target: KubernetesVersion(0, 0, 0),
        clusterVersion: nil,
        nodes: [],
        etcd: .stacked(members: []),
        offers: [:],
        policy: PlanPolicy()
    )

    mutating func tell(_ lines: [String]) throws -> [String] {
        var answer: [String] = []
        for line in lines where !line.isEmpty && !line.hasPrefix("#") {
            var words = line.split(separator: " ").map(String.init)
            switch words.removeFirst() {
            case "cluster": input.clusterVersion = try? KubernetesVersion(parsing: words.joined())
            case "node": try node(words, line)
            case "etcd":
                let isReachable = words.last != "unreachable"
                input.etcd = .external(endpoints: Array(words.dropFirst().prefix(1)), isReachable: isReachable)
            case "offers": try offers(line)
            case "plan": answer += try plan(words, line)
            default: throw PlanStory.Mistake.line(line)
            }
        }
        return answer
    }

    private mutating func node(_ words: [String], _ line: String) throws {
        guard words.count >= 2 else { throw PlanStory.Mistake.line(line) }
        if words[1] == "gone" {
            nodes[words[0]] = nil
            return
        }
        guard words.count >= 3, let role = NodeRole(rawValue: words[1]) else { throw PlanStory.Mistake.line(line) }
        let version = try KubernetesVersion(parsing: words[2])
        var node = PlanNode(
            name: words[0],
            uid: "uid-\(words[0])",
            role: role,
            kubeadm: version,
            controlPlane: role == .controlPlane ? version : nil,
            kubelet: version
        )
        for word in words.dropFirst(3) {
            let parts = word.split(separator: "=").map(String.init)
            switch parts[0] {
            case "zone": node.zone = parts[1]
            case "kubelet": node.kubelet = try KubernetesVersion(parsing: parts[1])
            case "not-ready": node.isReady = false
            case "cordoned": node.isCordoned = true
            case "ours": node.isCordonedByUs = true
            case "silent": node.controlPlane = nil
            default: throw PlanStory.Mistake.line(line)
            }
        }
        nodes[node.name] = node
    }

    private mutating func offers(_ line: String) throws {
        let halves = line.split(separator: ":", maxSplits: 1).map(String.init)
        let minor = String(halves[0].split(separator: " ")[1])
        if halves[0].hasSuffix("unreadable") {
            input.offers[minor] = nil
            input.unreadable[minor] = halves.count > 1 ? String(halves[1].dropFirst()) : "no reason given"
        } else {
            input.offers[minor] = try halves.dropFirst().joined().split(separator: " ").map {
                try KubernetesVersion(parsing: String($0))
            }
        }
    }

    private mutating func plan(_ words: [String], _ line: String) throws -> [String] {
        var policy = PlanPolicy()
        var words = words[...]
        while let option = words.popFirst() {
            func value() throws -> String {
                guard let value = words.popFirst() else { throw PlanStory.Mistake.line(line) }
                return value
            }
            switch option {
            case "--to": input.target = try KubernetesVersion(parsing: try value())
            case "--via":
                let version = try KubernetesVersion(parsing: try value())
                policy.via[version.minorVersion.description] = version
            case "--max-unavailable": policy.maxUnavailable = try value()
            case "--canary":
                let text = try value()
                if let count = Int(text) { policy.canaryCount = count } else { policy.canary.append(text) }
            case "--soak": policy.soakSeconds = Int(try value()) ?? -1
            case "--skip-node": policy.skipNodes.append(try value())
            case "--accept-outage": policy.acceptOutage.append(try value())
            case "--only":
                let text = try value()
                let names = text.split(separator: ",").map(String.init)
                policy.only = text == "control-plane" ? .controlPlane : .nodes(names)
            default: throw PlanStory.Mistake.line(line)
            }
        }
        input.policy = policy
        input.nodes = nodes.values.sorted { $0.uid > $1.uid }
        do { return PlanTrace.lines(try Planner.plan(input)) } catch {
            return ["refused (\(error.code)): \(error.reason)", "        remedy: \(error.remedy)"]
        }
    }
}

/// A plan as a story shows it: one line for the turns that do the same. The four usual turns go by a name.
enum PlanTrace {
    private static let usual: [(name: String, actions: [StepAction])] = [
        (
            "APPLY",
            [
                .backUpNode, .checkQuorum, .switchRepository, .installKubeadm, .kubeadmPlan, .kubeadmApply,
                .verifyControlPlane,
            ]
        ),
        (
            "UPGRADE-NODE",
            [
                .backUpNode, .checkQuorum, .switchRepository, .installKubeadm, .kubeadmUpgradeNode,
                .verifyControlPlane,
            ]
        ),
        ("KUBELET", [.drain, .installKubelet, .restartKubelet, .verifyNode, .uncordon]),
        (
            "WORKER",
            [
                .drain, .switchRepository, .installKubeadm, .kubeadmUpgradeNode, .installKubelet, .restartKubelet,
                .verifyNode, .uncordon,
            ]
        ),
    ]

    private static func turn(_ steps: [PlannedStep]) -> String {
        let actions = steps.map(\.action)
        return usual.first { $0.actions == actions }?.name ?? actions.map(\.rawValue).joined(separator: ", ")
    }

    static func lines(_ plan: UpgradePlan) -> [String] {
        var lines: [String] = []
        for hop in plan.hops {
            lines.append("hop \(hop.number): \(hop.from) -> \(hop.to)")
            for stage in hop.stages {
                let together = stage.concurrency > 1 ? ", \(stage.concurrency) at once" : ""
                var groups: [(actions: String, nodes: [String])] = []
                for each in stage.turns {
                    let actions = turn(each.steps)
                    if groups.last?.actions != actions { groups.append((actions, [])) }
                    groups[groups.count - 1].nodes += each.node.map { [$0] } ?? []
                }
                let turns = groups.map { group in
                    group.nodes.isEmpty
                        ? group.actions : "\(group.nodes.joined(separator: ", ")) \(group.actions)"
                }
                lines.append("  \(stage.title)\(together): \(turns.joined(separator: "; "))")
            }
        }
        for (node, reason) in plan.skipped.sorted(by: { $0.key < $1.key }) { lines.append("skip \(node): \(reason)") }
        return lines
    }
}
