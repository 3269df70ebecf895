import Backups
import Etcd
import KubernetesClient
import KubernetesModel
import Nodes
import Runs

/// How the members of a stacked etcd are; pure but for ``read(_:_:)``.
struct EtcdHealthReport: Sendable, Hashable {
    /// By node name; what is wrong, or nil.
    var members: [String: String?] = [:]

    var healthy: Int { members.values.count { $0 == nil } }
    var quorum: Int { members.count / 2 + 1 }

    /// Asks every control-plane node's member for a read that needs the quorum.
    static func read(_ nodes: [String], _ etcd: @Sendable (String) throws -> NodeEtcd) async throws -> Self {
        var report = Self()
        for name in nodes {
            do {
                let health = try await etcd(name).with { try await $0.health(within: .seconds(5)) }
                switch health {
                case .healthy: report.members.updateValue(nil, forKey: name)
                case .unhealthy(let reason): report.members[name] = reason
                }
            } catch {
                try Task.checkCancellation()
                guard case .transient(let cause) = TroubleSorter.upgrades(error) else { throw error }
                report.members[name] = cause
            }
        }
        return report
    }

    /// Why this member may not go down now; nil when it may.
    func objection(toRestarting node: String) -> String? {
        if members.count == 1 { return firstTrouble }
        let others = members.filter { $0.key != node && $0.value == nil }.count
        guard others < quorum else { return nil }
        let sick = members.filter { $0.key != node && $0.value != nil }.keys.sorted().joined(separator: ", ")
        return "with \(node) down, \(others) of \(members.count) etcd members would be left, \(quorum) are needed"
            + (sick.isEmpty ? "" : " (unhealthy: \(sick))")
    }

    var firstTrouble: String? {
        members.sorted { $0.key < $1.key }.compactMap { name, trouble in
            trouble.map { "etcd member \(name) is not healthy: \($0)" }
        }.first
    }
}

extension StepWork {
    /// The control-plane nodes that the plan upgrades.
    var controlPlaneNodes: [String] {
        let turns = environment.plan.hops.flatMap(\.stages).filter { $0.kind == .controlPlane }.flatMap(\.turns)
        return Set(turns.compactMap(\.node)).sorted()
    }

    /// Control-plane nodes whose etcd member this hop's plan is responsible for; none where etcd is external.
    ///
    /// While the API is away the nodes are asked themselves.
    func etcdNodes(_ context: StepContext) async throws -> [String] {
        do {
            let selector = "component=etcd,tier=control-plane"
            return try await client.list(.pods, namespace: "kube-system", labelSelector: selector).items
                .compactMap { $0["spec", "nodeName"]?.string }.sorted()
        } catch  where TroubleSorter.isAbsence(error) {
            var members: [String] = []
            for name in controlPlaneNodes {
                let images = try await StaticPodManifests(try node(name, context)).images()
                if images[.etcd] != nil { members.append(name) }
            }
            return members
        }
    }

    func etcdHealth(_ nodes: [String], _ context: StepContext) async throws -> EtcdHealthReport {
        try await EtcdHealthReport.read(nodes) { NodeEtcd(try self.node($0, context)) }
    }
}
