import Foundation
package import KubernetesModel

/// Why the server does not let a pod go for now.
package struct DrainBlock: Sendable, Hashable {
    package enum Reason: Sendable, Hashable {
        case budget
        /// More than one budget covers the pod, which evictions do not support: they fail whatever the budgets allow.
        case overlappingBudgets
        case namespaceTerminating
        /// An admission webhook or policy said no; such often change their mind.
        case denied
        case serverTrouble
        case noAnswer
    }

    package var reason: Reason
    /// What the server said, its causes included.
    package var message: String
    /// The budgets that cover the pod, where they could be read.
    package var budgets: [BudgetState]

    package init(reason: Reason, message: String, budgets: [BudgetState] = []) {
        self.reason = reason
        self.message = message
        self.budgets = budgets
    }
}

/// A budget as it stands, with the pods that use it up.
package struct BudgetState: Sendable, Hashable {
    package var key: ObjectKey
    /// `minAvailable 2`.
    package var rule: String
    package var disruptionsAllowed: Int
    package var currentHealthy: Int
    package var desiredHealthy: Int
    /// Pods it covers that are not ready, on any node, with what they are instead.
    package var unready: [UnreadyPod]

    package init(_ budget: PodDisruptionBudget, unready: [UnreadyPod] = []) {
        key = budget.key
        rule = budget.rule
        disruptionsAllowed = budget.disruptionsAllowed
        currentHealthy = budget.currentHealthy
        desiredHealthy = budget.desiredHealthy
        self.unready = unready
    }
}

/// A pod that is not ready, and why not in a word.
package struct UnreadyPod: Sendable, Hashable, CustomStringConvertible {
    package var key: ObjectKey
    package var node: String?
    package var state: String

    package init(_ pod: Pod) {
        key = pod.key
        node = pod.nodeName
        state =
            pod.isTerminating ? "Terminating" : pod.waitingReason ?? (pod.phase == "Running" ? "not ready" : pod.phase)
    }

    package var description: String { "\(key) (\(state)\(node.map { " on \($0)" } ?? ""))" }
}

extension BudgetState: CustomStringConvertible {
    package var description: String {
        var text = "budget \(key) (\(rule)): \(currentHealthy) healthy, \(desiredHealthy) needed"
        if !unready.isEmpty { text += "; not ready: \(unready.map(\.description).joined(separator: ", "))" }
        return text
    }
}

extension DrainBlock: CustomStringConvertible {
    package var description: String {
        let named = budgets.map(\.description).joined(separator: "; ")
        switch reason {
        case .overlappingBudgets:
            let names = budgets.map(\.key.description).joined(separator: " and ")
            return "more than one budget covers it" + (names.isEmpty ? "" : ": \(names)")
        case .budget: return named.isEmpty ? message : named
        case .namespaceTerminating: return "its namespace is being deleted"
        case .denied, .serverTrouble, .noAnswer: return message
        }
    }

    /// What somebody could do about it.
    package var remedy: String {
        switch reason {
        case .overlappingBudgets: "delete or narrow all but one of these budgets"
        case .budget:
            budgets.contains { !$0.unready.isEmpty }
                ? "make the unready pods ready, or relax the budget" : "add replicas, or relax the budget"
        case .namespaceTerminating: "wait for the namespace to go, or remove what holds it"
        case .denied: "see what the webhook waits for"
        case .serverTrouble, .noAnswer: "see to the API server"
        }
    }
}

/// How the server answered one eviction, reduced to what a drain does next; pure.
enum EvictionAnswer: Sendable, Hashable {
    case accepted
    /// That very pod is gone.
    case gone
    case blocked(DrainBlock, retryAfter: Duration?)
    case failed(String)

    init(classifying error: any Error) {
        switch error {
        case let status as APIStatus: self.init(classifying: status)
        default: self = .blocked(DrainBlock(reason: .noAnswer, message: "\(error)"), retryAfter: nil)
        }
    }

    init(classifying status: APIStatus) {
        let retryAfter = status.retryAfterSeconds.map { Duration.seconds($0) }
        let causes = status.causes.map(\.message).filter { !$0.isEmpty }
        let message = ([status.description] + causes).joined(separator: " ")
        func blocked(_ reason: DrainBlock.Reason) -> EvictionAnswer {
            .blocked(DrainBlock(reason: reason, message: message), retryAfter: retryAfter)
        }
        let isDenied = message.contains("admission webhook") || message.contains("ValidatingAdmissionPolicy")
        switch status.code {
        case 404: self = .gone
        case 429:
            let isBudget = status.causes.contains { $0.reason == "DisruptionBudget" } || message.contains("budget")
            self = blocked(isBudget ? .budget : .serverTrouble)
        case 500 where message.contains("more than one PodDisruptionBudget"): self = blocked(.overlappingBudgets)
        case 500...599: self = blocked(isDenied ? .denied : .serverTrouble)
        case 409: self = blocked(.serverTrouble)
        case 403 where status.causes.contains { $0.reason == "NamespaceTerminating" }:
            self = blocked(.namespaceTerminating)
        case 400...499 where isDenied: self = blocked(.denied)
        default: self = .failed(message)
        }
    }
}
