import Etcd
import KubernetesModel
import KubernetesVersions

/// Names, addresses and ports of a sandbox, decided before anything starts.
struct SandboxLayout: Sendable {
    let spec: SandboxSpec
    /// InternalIPs by node: they stand in objects only, real sockets are loopback's.
    let addresses: [String: String]
    let apiPorts: [String: Int]
    private let clientPorts: [String: Int]
    private let peerPorts: [String: Int]
    private let endpointPorts: [String: Int]
    private let order: [String: Int]

    /// - Throws: ``SandboxError/noEtcd(_:)`` where real members are wanted and there is no etcd.
    init(_ spec: SandboxSpec) throws(SandboxError) {
        self.spec = spec
        let names = spec.controlPlaneNames
        let ports = LoopbackPorts.free(names.count * 4)
        guard ports.count == names.count * 4 else {
            throw .didNotStart(name: spec.name, reason: "there are not enough free ports on 127.0.0.1", log: "none")
        }
        func share(_ part: Int) -> [String: Int] {
            Dictionary(uniqueKeysWithValues: names.enumerated().map { ($1, ports[part * names.count + $0]) })
        }
        apiPorts = share(0)
        clientPorts = share(1)
        peerPorts = share(2)
        endpointPorts = share(3)
        order = Dictionary(uniqueKeysWithValues: (names + spec.workerNames).enumerated().map { ($1, $0) })
        addresses = order.mapValues { "10.89.\($0 / 200).\(10 + $0 % 200)" }
    }

    private static let zones = ["a", "b", "c"]

    func facts(_ name: String) -> NodeFacts {
        let isControlPlane = apiPorts[name] != nil
        let position = order[name] ?? 0
        let number = isControlPlane ? position : position - apiPorts.count
        var labels = ["topology.kubernetes.io/zone": Self.zones[number % Self.zones.count]]
        var taints: [Taint] = []
        if isControlPlane {
            labels["node-role.kubernetes.io/control-plane"] = ""
            labels["node.kubernetes.io/exclude-from-external-load-balancers"] = ""
            taints = [Taint(key: "node-role.kubernetes.io/control-plane", effect: .noSchedule)]
        }
        return NodeFacts(
            name: name,
            internalIP: addresses[name] ?? "",
            labels: labels,
            taints: taints,
            podNetwork: "10.\(244 + position / 250).\(position % 250)"
        )
    }

    func machine(_ name: String, files: [String: [UInt8]], endpoint: String) -> MachineSpec {
        MachineSpec(
            name: name,
            address: addresses[name] ?? "",
            isControlPlane: apiPorts[name] != nil,
            version: spec.version,
            repository: spec.repository,
            endpoint: endpoint,
            controlPlanes: spec.controlPlaneNames.map { ($0, addresses[$0] ?? "") },
            files: files
        )
    }

    func controlPlanes(
        _ pki: SandboxPKI,
        folder: SandboxFolder,
        clock: SandboxClock,
        faults: () -> APIFaults,
        log: @escaping @Sendable (String) -> Void
    ) throws -> [ControlPlaneNode] {
        let memory = spec.storage == .memory ? MemoryStorage() : nil
        let binary = memory == nil ? try EtcdBinary.find() : nil
        return try spec.controlPlaneNames.map { name in
            var member: EtcdMember?
            var endpoint: EtcdProxy?
            if let binary, let certificates = EtcdMember.Certificates(pki, node: name) {
                let configuration = EtcdMember.Configuration(
                    name: name,
                    folder: folder.etcd(name),
                    clientPort: clientPorts[name] ?? 0,
                    peerPort: peerPorts[name] ?? 0,
                    advertisedClientURL: "https://127.0.0.1:\(endpointPorts[name] ?? 0)",
                    initialCluster: peerPorts.mapValues { "https://127.0.0.1:\($0)" }
                )
                let started = EtcdMember(configuration, certificates: certificates, binary: binary)
                let version = ReleaseCatalogue.etcdTag(spec.version).prefix { $0 != "-" }
                endpoint = try EtcdProxy(for: started, pki: pki, version: String(version), port: endpointPorts[name])
                member = started
            }
            guard let identity = pki.identity(of: name, "pki/apiserver") else {
                throw SandboxError.didNotStart(name: name, reason: "it has no API server certificate", log: folder.log)
            }
            return ControlPlaneNode(
                name: name,
                apiPort: apiPorts[name] ?? 0,
                faults: faults(),
                member: member,
                endpoint: endpoint,
                storage: memory.map { .memory($0) }
                    ?? .member(
                        .host("127.0.0.1", clientPorts[name] ?? 0),
                        member.map(\.tls) ?? EtcdTLS(ca: [], certificate: [], key: [])
                    ),
                tls: APIServerTLS(
                    certificatePEM: String(decoding: identity.certificate, as: UTF8.self),
                    privateKeyPEM: String(decoding: identity.key, as: UTF8.self),
                    clientCAPEM: String(decoding: pki.ca.identity.certificate, as: UTF8.self)
                ),
                clock: clock,
                log: log
            )
        }
    }

    /// The real members' client ports, past the endpoints: for those who observe from outside.
    var memberPorts: [String: Int] { spec.storage == .etcd ? clientPorts : [:] }
    var etcdEndpoints: [String: Int] { spec.storage == .etcd ? endpointPorts : [:] }
}
