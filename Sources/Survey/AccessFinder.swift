import Foundation
import Nodes
package import Settings

/// Finds out how each node of a cluster can be reached, and says it in as few words as settings need.
package enum AccessFinder {
    package struct Result: Sendable, Hashable {
        package var settings: NodeAccessSettings
        package var outcomes: [NodeVisits.Outcome]
    }

    /// The hosts tried for a node, in this order.
    package static let hosts = ["{internalIP}", "{name}"]

    /// Tries every node: as the machine we are on, then over SSH by its address, then by its name. What works for most
    /// becomes the default; the others are named. A node that cannot be reached is left to the default.
    ///
    /// `local` is the node that this program runs on, if any; `base` holds user, port and the like, for every node.
    package static func find(
        _ nodes: [NodeIdentity],
        local: String?,
        base: SSHAccess,
        sudoPassword: [UInt8]? = nil
    ) async throws -> Result {
        var found: [String: NodeAccess] = [:]
        var outcomes: [String: NodeVisits.Outcome] = [:]
        var waiting = nodes
        if let local, let node = nodes.first(where: { $0.name == local }) {
            try await visit([node], .local, sudoPassword) { outcomes[$0.node.name] = $0 }
            found[local] = .local
            waiting.removeAll { $0.name == local }
        }
        for host in hosts {
            var access = base
            access.host = host
            try await visit(waiting, .ssh(access), sudoPassword) { outcome in
                let name = outcome.node.name
                // What the first try says of a node that no try reaches is told: its address is what is usual.
                if outcome.problem == nil { found[name] = .ssh(access) }
                if outcome.problem == nil || outcomes[name] == nil { outcomes[name] = outcome }
            }
            waiting.removeAll { found[$0.name] != nil }
        }
        return Result(settings: shortened(found, base: base), outcomes: nodes.compactMap { outcomes[$0.name] })
    }

    private static func visit(
        _ nodes: [NodeIdentity],
        _ access: NodeAccess,
        _ sudoPassword: [UInt8]?,
        _ body: (NodeVisits.Outcome) -> Void
    ) async throws {
        guard !nodes.isEmpty else { return }
        let settings = NodeAccessSettings(fallback: access)
        let outcomes = try await Transports.with(settings, sudoPassword: sudoPassword) { transports in
            await NodeVisits.visit(nodes) { node throws(NoWayToNode) in try transports[node] }
        }
        outcomes.forEach(body)
    }

    /// The way most nodes take becomes the default; the first in ``hosts`` where none was reached.
    static func shortened(_ found: [String: NodeAccess], base: SSHAccess) -> NodeAccessSettings {
        var usual = base
        usual.host = hosts[0]
        var counts: [NodeAccess: Int] = [.ssh(usual): 0]
        for access in found.values where access != .local { counts[access, default: 0] += 1 }
        let most = counts.values.max() ?? 0
        let fallback = counts[.ssh(usual)] == most ? .ssh(usual) : counts.first { $0.value == most }?.key
        return NodeAccessSettings(fallback: fallback, named: found.filter { $0.value != fallback })
    }

    /// The node this machine is, by what no two machines share: the id of its boot.
    package static func local(_ bootIDs: [String: String]) -> String? {
        guard let own = try? String(contentsOfFile: "/proc/sys/kernel/random/boot_id", encoding: .utf8) else {
            return nil
        }
        let id = own.trimmingCharacters(in: .whitespacesAndNewlines)
        let names = bootIDs.filter { $0.value == id }.map(\.key)
        // Nodes that are containers of one machine share its boot: then none of them is this machine for sure.
        return names.count == 1 ? names.first : nil
    }
}
