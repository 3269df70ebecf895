import KubernetesClient
import KubernetesModel
import Synchronization

/// The cluster's budgets, read when the first eviction is refused and kept up to date from then on.
final class BudgetWatch: Sendable {
    private struct State {
        var budgets: [ObjectKey: PodDisruptionBudget] = [:]
        var list: (resource: Resource, list: ObjectList)?
        var isFollowed = false
        /// What was last said about a budget's pods, by its status then.
        var unready: [ObjectKey: (budget: PodDisruptionBudget, pods: [UnreadyPod])] = [:]
    }

    private let state = Mutex(State())

    /// Budgets are known, and nobody keeps them up to date yet.
    var isWanted: Bool { state.withLock { $0.list != nil && !$0.isFollowed } }

    /// The list to follow from, for the first who asks.
    func claim() -> (Resource, ObjectList)? {
        state.withLock { state in
            guard !state.isFollowed, let list = state.list else { return nil }
            state.isFollowed = true
            return list
        }
    }

    func update(_ budget: PodDisruptionBudget) { state.withLock { $0.budgets[budget.key] = budget } }

    func remove(_ key: ObjectKey) { state.withLock { $0.budgets[key] = nil } }

    /// The budgets that cover the pod, each with the pods that are not ready.
    func covering(_ pod: Pod, from client: KubernetesClient) async throws -> [BudgetState] {
        if state.withLock({ $0.list == nil }) {
            let resource = try await client.budgetResource()
            let list = try await client.list(resource)
            state.withLock { state in
                guard state.list == nil else { return }
                state.list = (resource, list)
                for item in list.items { state.budgets[item.key] = PodDisruptionBudget(item) }
            }
        }
        let covering = state.withLock { state in
            state.budgets.values.filter { $0.matches(pod) }.sorted { $0.key < $1.key }
        }
        var result: [BudgetState] = []
        for budget in covering {
            result.append(BudgetState(budget, unready: try await unready(budget, from: client)))
        }
        return result
    }

    /// Lists the budget's pods once for each of its statuses, however many pods it holds back.
    private func unready(_ budget: PodDisruptionBudget, from client: KubernetesClient) async throws -> [UnreadyPod] {
        if let known = state.withLock({ $0.unready[budget.key] }), known.budget == budget { return known.pods }
        let pods = try await client.list(
            .pods,
            namespace: budget.namespace,
            labelSelector: budget.selector.description
        ).items.map(Pod.init)
        let unready = pods.filter { budget.matches($0) && !$0.isReady && !$0.isFinished }.map(UnreadyPod.init)
            .sorted { $0.key < $1.key }
        state.withLock { $0.unready[budget.key] = (budget, unready) }
        return unready
    }
}
