import Draining
import KubernetesClient
import KubernetesModel
import KubernetesVersions
import Runs

extension Taint {
    /// On nodes still to be upgraded in a hop, so that a pod is moved once.
    static let outdated = Taint(key: "keelstep.dev/outdated", effect: .preferNoSchedule)
}

extension Node {
    /// By this run or an earlier one of ours: only such a node is uncordoned.
    var isCordonedByKeelstep: Bool { object.annotations[Cordon.annotation] != nil }
    var isOutdated: Bool { taints.contains { $0.key == Taint.outdated.key } }

    /// The kubelet that runs; nil for a node that never said.
    var kubelet: KubernetesVersion? { try? KubernetesVersion(parsing: kubeletVersion) }

    func isKubelet(atLeast version: KubernetesVersion) -> Bool { kubelet.map { $0 >= version } ?? false }
}

extension KubernetesClient {
    func node(_ name: String) async throws -> Node { Node(try await get(.nodes, ObjectKey(name: name))) }

    /// Sets or lifts the taint of outdated nodes; an optimistic write, as the list of taints is replaced whole.
    func setOutdated(_ isOutdated: Bool, on name: String) async throws {
        var attempts = 0
        while true {
            attempts += 1
            let node = try await node(name)
            guard node.isOutdated != isOutdated else { return }
            var taints = node.object["spec", "taints"]?.array ?? []
            taints.removeAll { $0["key"]?.string == Taint.outdated.key }
            if isOutdated {
                taints.append([
                    "key": .string(Taint.outdated.key), "effect": .string(Taint.outdated.effect.rawValue),
                ])
            }
            let patch: JSONValue = [
                "metadata": ["resourceVersion": .string(node.object.resourceVersion ?? "")],
                "spec": ["taints": taints.isEmpty ? .null : .array(taints)],
            ]
            do {
                _ = try await patchNode(name, patch)
                return
            } catch let status as APIStatus where status.isConflict && attempts < 8 {
                continue
            }
        }
    }

    /// Lifts our taint and our cordon.
    /// - Returns: whether there was anything to lift.
    func giveBack(_ name: String) async throws -> Bool {
        let before = try await node(name)
        // First the taint, while nothing can be scheduled there, so that the node comes back as good as the others.
        try await setOutdated(false, on: name)
        if let owner = before.object.annotations[Cordon.annotation] {
            _ = try await Cordon.uncordon(node: name, client: self, by: owner)
        }
        return before.isOutdated || before.isCordonedByKeelstep
    }

    private func patchNode(_ name: String, _ patch: JSONValue) async throws -> KubernetesObject {
        try await self.patch(.nodes, ObjectKey(name: name), type: .merge, body: patch)
    }
}
