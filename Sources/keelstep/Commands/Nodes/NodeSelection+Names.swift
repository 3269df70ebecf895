import KubernetesClient
import KubernetesModel

extension NodeSelection {
    /// The selected nodes' names, in the order given (or of the API), each once.
    /// - Throws: ``UnknownNodes`` before anything is touched, where the cluster has no node of a name.
    func names(_ client: KubernetesClient) async throws -> [String] {
        if let selector {
            let names = try await client.list(.nodes, Selection(labelSelector: selector)).items.map(\.name)
            if names.isEmpty { Terminal.standard.note("no node has the labels \(selector)") }
            return names
        }
        var names: [String] = []
        var unknown: [String] = []
        for node in nodes {
            let name = node.hasPrefix("node/") ? String(node.dropFirst(5)) : node
            guard !names.contains(name), !unknown.contains(name) else { continue }
            if try await client.find(.nodes, ObjectKey(name: name)) == nil {
                unknown.append(name)
            } else {
                names.append(name)
            }
        }
        guard unknown.isEmpty else { throw UnknownNodes(names: unknown) }
        return names
    }
}

struct UnknownNodes: Error, CustomStringConvertible {
    var names: [String]
    var description: String {
        "the cluster has no node \(names.joined(separator: ", ")), and nothing was done; compare with `kubectl get nodes`"
    }
}
