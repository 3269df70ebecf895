package import KubernetesModel

/// Whether a pod fits a node, and if not, why.
package struct Verdict: Sendable, Hashable {
    /// Empty when the pod fits.
    package var reasons: [Reason]

    package init(reasons: [Reason] = []) { self.reasons = reasons }

    package var fits: Bool { reasons.isEmpty }

    /// Why not, in the words of kube-scheduler's events.
    package enum Reason: Sendable, Hashable {
        case unknownNode
        case unschedulable
        case untolerated(Taint)
        case nodeAffinity
        case hostPorts
        case tooManyPods
        case insufficient(resource: String)
        case volumeElsewhere
        case spread
        case spreadLabelMissing
        case affinity
        case antiAffinity
        case antiAffinityOfOthers
    }
}

extension Verdict.Reason: CustomStringConvertible {
    package var description: String {
        switch self {
        case .unknownNode: "node(s) are not known"
        case .unschedulable: "node(s) were unschedulable"
        case .untolerated(let taint): "node(s) had untolerated taint {\(taint.key): \(taint.value)}"
        case .nodeAffinity: "node(s) didn't match Pod's node affinity/selector"
        case .hostPorts: "node(s) didn't have free ports for the requested pod ports"
        case .tooManyPods: "Too many pods"
        case .insufficient(let resource): "Insufficient \(resource)"
        case .volumeElsewhere: "node(s) had volume node affinity conflict"
        case .spread: "node(s) didn't match pod topology spread constraints"
        case .spreadLabelMissing: "node(s) didn't match pod topology spread constraints (missing required label)"
        case .affinity: "node(s) didn't match pod affinity rules"
        case .antiAffinity: "node(s) didn't match pod anti-affinity rules"
        case .antiAffinityOfOthers: "node(s) didn't satisfy existing pods anti-affinity rules"
        }
    }
}

/// What choosing a node for a pod came to.
package enum Choice: Sendable, Hashable {
    case node(String)
    /// No node will do: how many are refused for each reason.
    case none([Verdict.Reason: Int], nodes: Int)

    package var nodeName: String? { if case .node(let name) = self { name } else { nil } }
}

extension Choice: CustomStringConvertible {
    /// `0/5 nodes are available: 1 Insufficient cpu, 4 node(s) were unschedulable.`: a FailedScheduling event's text.
    package var description: String {
        switch self {
        case .node(let name): return name
        case .none(let reasons, let nodes):
            let texts = reasons.map { "\($0.value) \($0.key)" }.sorted()
            let why = texts.isEmpty ? "." : ": " + texts.joined(separator: ", ") + "."
            return "0/\(nodes) nodes are available\(why)"
        }
    }
}
