package import Foundation
package import KubernetesClient
import KubernetesModel
package import KubernetesVersions
package import Nodes

/// Reads a cluster into a ``ClusterSurvey``: the API, each node, each etcd member, and the package repositories.
/// Nothing is changed anywhere.
package struct Surveyor: Sendable {
    package struct Options: Sendable {
        /// Nodes asked at the same time.
        package var concurrency = 16
        /// How long one node, or one etcd member, may take to answer all that it is asked.
        package var patience: Duration = .seconds(60)
        /// How long the repositories may take.
        package var offerPatience: Duration = .seconds(180)
        package var clock: any Clock<Duration> = .continuous
        package var now: @Sendable () -> Date = { Date() }

        package init() {}
    }

    let client: KubernetesClient
    let transport: @Sendable (String) throws(NoWayToNode) -> any Transport
    let options: Options

    /// - Parameters:
    ///   - client: the API.
    ///   - transport: the way to the node of that name.
    ///   - options: how long and how much at a time.
    package init(
        client: KubernetesClient,
        transport: @escaping @Sendable (String) throws(NoWayToNode) -> any Transport,
        options: Options = Options()
    ) {
        self.client = client
        self.transport = transport
        self.options = options
    }

    /// Surveys the cluster; without a `target`, the repositories of the present minor and of the next are read.
    /// - Throws: what kept the API from answering the first questions. All else is told in the survey.
    package func survey(target: KubernetesVersion? = nil) async throws -> ClusterSurvey {
        var reading = try await APIReading.read(client)
        let kubeadm = reading.kubeadm
        let dataFolder = kubeadm?.etcdDataFolder ?? "/var/lib/etcd"
        let nodes = await concurrentMap(reading.nodes, limit: options.concurrency) { node in
            await self.read(node, etcdDataFolder: dataFolder)
        }
        async let etcd = readEtcd(kubeadm, nodes)
        async let offers = readOffers(nodes, target: target)
        let survey = ClusterSurvey(
            takenAt: options.now(),
            server: client.configuration.server,
            serverVersion: reading.serverVersion,
            clusterUID: reading.clusterUID,
            kubeadm: kubeadm,
            nodes: nodes,
            etcd: await etcd,
            offers: await offers,
            leaders: reading.leaders,
            workloads: reading.workloads,
            budgets: reading.budgets,
            gaps: reading.gaps,
            objects: reading.takeObjects()
        )
        return survey
    }

    private func read(_ node: NodeSurvey, etcdDataFolder: String) async -> NodeSurvey {
        var silent = node
        let transport: any Transport
        do { transport = try self.transport(node.name) } catch {
            silent.accessProblem = "\(error)"
            return silent
        }
        let remote = RemoteNode(name: node.name, transport: transport)
        let answer = await withinLimit(options.patience, clock: options.clock) {
            await NodeReader(remote, etcdDataFolder: etcdDataFolder).read(into: node)
        }
        if let answer { return answer }
        silent.accessProblem = "it did not answer within \(options.patience)"
        return silent
    }

    private func readEtcd(_ kubeadm: KubeadmConfiguration?, _ nodes: [NodeSurvey]) async -> EtcdSurvey {
        let reachable = nodes.filter { $0.isControlPlane && $0.accessProblem == nil }
        if let external = kubeadm?.externalEtcd {
            return await EtcdReader.external(external, through: reachable.map(\.name), self)
        }
        return await EtcdReader.stacked(on: nodes.filter(\.isControlPlane), self)
    }

    /// Reads the offers through the first control-plane node that answers, or else through any node that does.
    private func readOffers(
        _ nodes: [NodeSurvey],
        target: KubernetesVersion?
    ) async -> [MinorVersion: OfferSurvey] {
        let versions = nodes.compactMap(\.kubelet) + nodes.compactMap(\.controlPlaneVersion)
        guard let lowest = versions.min()?.minorVersion, let highest = versions.max()?.minorVersion else { return [:] }
        let last = max(target?.minorVersion ?? highest.next, lowest)
        guard last.major == lowest.major, last.minor - lowest.minor <= 30 else { return [:] }
        let minors = (lowest.minor...last.minor).map { MinorVersion(lowest.major, $0) }
        let candidates = nodes.filter { $0.accessProblem == nil }
        guard let node = candidates.first(where: \.isControlPlane) ?? candidates.first,
            let transport = try? self.transport(node.name)
        else {
            let cause = nodes.first { $0.accessProblem != nil }.map { "; \($0.name): \($0.accessProblem ?? "")" } ?? ""
            let problem = OfferSurvey(
                node: "",
                versions: nil,
                problem: "no node can be reached to read its repository" + cause
            )
            return Dictionary(minors.map { ($0, problem) }, uniquingKeysWith: { $1 })
        }
        let remote = RemoteNode(name: node.name, transport: transport)
        let limit = options.offerPatience
        let clock = options.clock
        let offers = await concurrentMap(minors, limit: 4) { minor in
            await withinLimit(limit, clock: clock) { await Self.offers(in: minor, on: remote) }
                ?? OfferSurvey(node: remote.name, versions: nil, problem: "no answer within \(limit)")
        }
        return Dictionary(zip(minors, offers), uniquingKeysWith: { $1 })
    }

    private static func offers(in minor: MinorVersion, on node: RemoteNode) async -> OfferSurvey {
        do {
            let versions = try await APT(node).offers(of: "kubeadm", in: minor)
            return OfferSurvey(node: node.name, versions: versions)
        } catch {
            return OfferSurvey(node: node.name, versions: nil, problem: "\(error)")
        }
    }
}
