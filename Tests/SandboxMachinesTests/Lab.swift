import Foundation
import KubernetesModel
import KubernetesVersions
import Nodes
import Sandbox
import Synchronization
import Testing

/// What somebody outside of a machine decides for it: whether etcd is healthy.
final class Outside: Sendable {
    private let trouble = Mutex<String?>(nil)

    var etcdTrouble: String? { trouble.withLock(\.self) }
    func setEtcdTrouble(_ text: String?) { trouble.withLock { $0 = text } }
}

/// Machines of a small cluster and its API, in memory and in a great hurry.
struct Lab: Sendable {
    let access: any ClusterAccess
    let machines: [String: Machine]
    let outside: Outside

    /// One control-plane node `cp-1`, more of them on demand, and one worker `w-1`.
    static func with(
        controlPlanes: Int = 1,
        version: KubernetesVersion = KubernetesVersion(1, 31, 4),
        repository: SandboxSpec.RepositoryStyle = .perMinor,
        _ body: @escaping @Sendable (Lab) async throws -> Void
    ) async throws {
        let core = APICore(storage: MemoryStorage(), version: version)
        let outside = Outside()
        let planes = (1...controlPlanes).map { (name: "cp-\($0)", address: "10.0.0.\($0)") }
        var machines: [String: Machine] = [:]
        for (name, address) in planes + [("w-1", "10.0.0.100")] {
            let isControlPlane = name.hasPrefix("cp")
            let secrets = isControlPlane ? ["/etc/kubernetes/admin.conf": Array("kind: Config\n".utf8)] : [:]
            machines[name] = Machine(
                MachineSpec(
                    name: name,
                    address: address,
                    isControlPlane: isControlPlane,
                    version: version,
                    repository: repository,
                    controlPlanes: planes,
                    files: secrets
                ),
                MachineSurroundings(
                    cluster: core.access,
                    clock: SandboxClock(speed: 100_000),
                    etcdTrouble: { outside.etcdTrouble }
                )
            )
        }
        let lab = Lab(access: core.access, machines: machines, outside: outside)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { await core.run() }
            try await eventually("the API is ready") {
                guard core.isReady else { return false }
                return (try? await core.access.get(.namespaces, ObjectKey(name: "kube-system"))) != nil
            }
            try await lab.plant(version)
            for machine in machines.values { group.addTask { try await StandInKubelet(machine, core.access).run() } }
            for machine in machines.values where machine.spec.isControlPlane {
                try await eventually("\(machine.name) has its static pods") {
                    try await lab.mirrorPods(of: machine.name).count == 4
                }
            }
            defer { group.cancelAll() }
            try await body(lab)
        }
    }

    private func plant(_ version: KubernetesVersion) async throws {
        let seeds = ClusterSeeds(
            version: version,
            server: "https://127.0.0.1:6443",
            certificateAuthority: "",
            coreDNSTag: ReleaseCatalogue.coreDNSTag(version)
        )
        for (resource, object) in seeds.objects { _ = try await access.create(resource, object) }
        for machine in machines.values {
            var node = KubernetesObject(.nodes, name: machine.name)
            if machine.spec.isControlPlane { node.labels = ["node-role.kubernetes.io/control-plane": ""] }
            _ = try await access.create(.nodes, node)
            try await setNode(machine.name, isReady: true, kubelet: version)
        }
    }

    func setNode(_ name: String, isReady: Bool, kubelet: KubernetesVersion) async throws {
        var node = try await access.get(.nodes, ObjectKey(name: name))
        node["status"] = [
            "conditions": [["type": "Ready", "status": isReady ? "True" : "False"]],
            "nodeInfo": ["kubeletVersion": .string(kubelet.description)],
        ]
        _ = try await access.update(.nodes, node, subresource: "status")
    }

    func mirrorPods(of node: String) async throws -> [KubernetesObject] {
        try await access.list(.pods, namespace: "kube-system").items.filter { $0.spec["nodeName"]?.string == node }
    }

    /// The version in kubeadm-config.
    func clusterVersion() async throws -> String? {
        let key = ObjectKey(namespace: "kube-system", name: "kubeadm-config")
        let text = try await access.get(.configMaps, key)["data", "ClusterConfiguration"]?.string ?? ""
        return try YAML.value(in: text)["kubernetesVersion"]?.string
    }

    func machine(_ name: String) throws -> Machine { try #require(machines[name]) }

    /// The machine as the product reaches it.
    func node(_ name: String) throws -> RemoteNode {
        RemoteNode(name: name, transport: DirectTransport(machine: try machine(name)))
    }

    func run(_ name: String, _ words: String...) async throws -> CommandResult {
        try #require(try await machine(name).run(Command(arguments: words)))
    }

    /// Puts a package on a machine behind apt's back.
    func setPackage(_ package: String, _ version: String, on name: String) async throws {
        try await machine(name).alter {
            $0.packages[package] = PackageStatus(name: package, version: version, state: .installed)
        }
    }
}

/// Reaches a machine without a socket.
struct DirectTransport: Transport {
    let machine: Machine

    func login() async throws(TransportError) -> NodeLogin { NodeLogin(user: "root", sudo: .root) }

    func run(_ command: Command) async throws(TransportError) -> CommandResult {
        guard let result = await machine.run(command) else {
            throw .connectionLost(node: machine.name, command: command, reason: "the client was killed")
        }
        return result
    }

    func withForwardedPort<Value: Sendable>(
        host: String,
        port: Int,
        _ body: @Sendable (String) async throws -> Value
    ) async throws -> Value { throw TransportError.unreachable(node: machine.name, reason: "it has no ports") }
}

/// Does of a kubelet what kubeadm waits for: mirror pods follow the manifests.
private struct StandInKubelet {
    let machine: Machine
    let access: any ClusterAccess

    init(_ machine: Machine, _ access: any ClusterAccess) {
        self.machine = machine
        self.access = access
    }

    func run() async throws {
        let changes = machine.changes
        try await mirror()
        for await _ in changes { try await mirror() }
    }

    private func mirror() async throws {
        guard await machine.kubeletState().runningVersion != nil else { return }
        for manifest in await machine.staticPods().values {
            let component = manifest.labels["component"] ?? manifest.name
            let key = ObjectKey(namespace: "kube-system", name: "\(component)-\(machine.name)")
            let hash = String(manifest.value.text.hashValue)
            if let present = try? await access.get(.pods, key) {
                if present.annotations["kubernetes.io/config.hash"] == hash { continue }
                _ = try await access.delete(.pods, key, gracePeriodSeconds: 0, uid: nil)
            }
            var pod = KubernetesObject(.pods, namespace: "kube-system", name: key.name)
            pod.labels = ["component": component, "tier": "control-plane"]
            pod.annotations = ["kubernetes.io/config.hash": hash]
            pod.spec = manifest.spec
            pod["spec", "nodeName"] = .string(machine.name)
            pod = try await access.create(.pods, pod)
            pod["status"] = ["phase": "Running"]
            _ = try await access.update(.pods, pod, subresource: "status")
        }
    }
}

/// Waits until `condition` holds, or fails after `limit`.
func eventually(
    within limit: Duration = .seconds(30),
    _ what: String,
    sourceLocation: SourceLocation = #_sourceLocation,
    _ condition: () async throws -> Bool
) async throws {
    let deadline = ContinuousClock.now + limit
    while try await !condition() {
        try #require(ContinuousClock.now < deadline, "not within \(limit): \(what)", sourceLocation: sourceLocation)
        try await Task.sleep(for: .milliseconds(5))
    }
}
