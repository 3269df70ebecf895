import KubernetesClient
import KubernetesModel

extension NodeSelection {
    /// The selected nodes' names, in the order given (or of the API), each once.
    func names(_ client: KubernetesClient) async throws -> [String] {
        if let selector {
            return try await client.list(.nodes, Selection(labelSelector: selector)).items.map(\.name)
        }
        var names: [String] = []
        for node in nodes {
            let name = node.hasPrefix("node/") ? String(node.dropFirst(5)) : node
            if !names.contains(name) { names.append(name) }
        }
        return names
    }
}
