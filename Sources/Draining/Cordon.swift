package import KubernetesClient
import KubernetesModel

/// Keeps new pods off a node, and lets them come again.
package enum Cordon {
    /// The annotation that holds the run which cordoned a node: only that run uncordons it.
    package static let annotation = "keelstep.dev/cordoned-by"
    private static let attempts = 5

    package enum Outcome: Sendable, Hashable {
        case cordoned
        case alreadyCordoned
        case uncordoned
        case alreadyUncordoned
        /// Cordoned by somebody else, and therefore left so.
        case notOurs(cordonedBy: String?)
    }

    /// Cordons the node and reads it again to be sure.
    ///
    /// On behalf of a run the node is marked with the run's id in the same write, unless it was cordoned before. The
    /// write is optimistic, so that of two who cordon at once only one takes it for its own.
    /// - Returns: ``Outcome/cordoned`` or ``Outcome/alreadyCordoned``; the former also when this very run had done it.
    package static func cordon(
        node: String,
        client: KubernetesClient,
        by run: String? = nil,
        dryRun: DrainPolicy.DryRun = .none
    ) async throws -> Outcome {
        var attempt = 0
        while true {
            attempt += 1
            let found = try await client.get(.nodes, ObjectKey(name: node))
            if Node(found).isUnschedulable {
                return run != nil && found.annotations[annotation] == run ? .cordoned : .alreadyCordoned
            }
            if dryRun == .client { return .cordoned }
            var patch: JSONValue = ["spec": ["unschedulable": true]]
            if let run {
                patch["metadata", "annotations"] = [annotation: .string(run)]
                patch["metadata", "resourceVersion"] = found.resourceVersion.map { .string($0) }
            }
            do {
                try await send(patch, to: node, client, dryRun)
            } catch let status as APIStatus where status.isConflict && attempt < attempts {
                continue
            }
            if dryRun == .server { return .cordoned }
            let now = try await client.get(.nodes, ObjectKey(name: node))
            guard Node(now).isUnschedulable else { throw DrainError.notCordoned(node: node) }
            return .cordoned
        }
    }

    /// Uncordons the node. On behalf of a run only if that run had cordoned it.
    package static func uncordon(
        node: String,
        client: KubernetesClient,
        by run: String? = nil,
        dryRun: DrainPolicy.DryRun = .none
    ) async throws -> Outcome {
        var attempt = 0
        while true {
            attempt += 1
            let found = try await client.get(.nodes, ObjectKey(name: node))
            let owner = found.annotations[annotation]
            guard Node(found).isUnschedulable || run != nil && owner == run else { return .alreadyUncordoned }
            if let run, owner != run { return .notOurs(cordonedBy: owner) }
            if dryRun == .client { return .uncordoned }
            var patch: JSONValue = ["spec": ["unschedulable": nil]]
            if owner != nil { patch["metadata", "annotations"] = [annotation: nil] }
            if run != nil { patch["metadata", "resourceVersion"] = found.resourceVersion.map { .string($0) } }
            do {
                try await send(patch, to: node, client, dryRun)
                return .uncordoned
            } catch let status as APIStatus where status.isConflict && attempt < attempts {
                continue
            }
        }
    }

    private static func send(
        _ patch: JSONValue,
        to node: String,
        _ client: KubernetesClient,
        _ dryRun: DrainPolicy.DryRun
    ) async throws {
        _ = try await client.patch(
            .nodes,
            ObjectKey(name: node),
            type: .strategicMerge,
            body: patch,
            dryRun: dryRun == .server
        )
    }
}

extension Cordon.Outcome {
    /// What kubectl says of it: `node/worker-1 cordoned`.
    package func text(node: String, _ dryRun: DrainPolicy.DryRun = .none) -> String {
        switch self {
        case .cordoned: "node/\(node) cordoned\(dryRun.suffix)"
        case .alreadyCordoned: "node/\(node) already cordoned\(dryRun.suffix)"
        case .uncordoned: "node/\(node) uncordoned\(dryRun.suffix)"
        case .alreadyUncordoned: "node/\(node) already uncordoned\(dryRun.suffix)"
        case .notOurs(let owner):
            "node/\(node) stays cordoned, as \(owner.map { "run \($0)" } ?? "somebody else") cordoned it"
        }
    }
}
