import KubernetesClient
import KubernetesModel
import KubernetesVersions
import Nodes
import Runs

/// A node's control plane is at the version and works, held for the stable period: manifests, mirror pods, its own API
/// server, its etcd member, and the leases of controller manager and scheduler.
struct VerifyControlPlaneStep: UpgradeStep {
    let work: StepWork
    let nodeName: String

    private static let leases = ["kube-controller-manager", "kube-scheduler"]

    func probe(_ context: StepContext) async throws -> Probe {
        guard context.wasPerformed else { return .notStarted }
        return try await lack(context).map { .halfDone($0) } ?? .done
    }

    func perform(_ context: StepContext) async throws {
        let before = try? await renewals()
        let pods = Watched(
            resource: .pods,
            selection: Selection(namespace: "kube-system", fieldSelector: "spec.nodeName=\(nodeName)")
        )
        try await context.hold(for: work.environment.stable, watching: [pods], work.client) {
            if let lack = try await lack(context) { return lack }
            // Compared with what they were, and not with our clock, which may differ from theirs.
            let now = try await renewals()
            let silent = Self.leases.filter { now[$0] == nil || now[$0] == before?[$0] }
            return silent.isEmpty ? nil : "\(silent.joined(separator: " and ")) did not renew yet"
        }
    }

    private func renewals() async throws -> [String: String] {
        var renewals: [String: String] = [:]
        for name in Self.leases {
            let lease = try await work.client.find(.leases, ObjectKey(namespace: "kube-system", name: name))
            renewals[name] = lease?["spec", "renewTime"]?.string
        }
        return renewals
    }

    private func lack(_ context: StepContext) async throws -> String? {
        let node = try work.node(nodeName, context)
        let manifests = try await ControlPlaneManifests.read(node)
        if let behind = manifests.behind(work.hop.to).first { return "the manifest of \(behind.rawValue) is behind" }
        for (component, image) in manifests.images.sorted(by: { $0.key.rawValue < $1.key.rawValue }) {
            let key = ObjectKey(namespace: "kube-system", name: "\(component.rawValue)-\(nodeName)")
            guard let found = try await work.client.find(.pods, key) else { return "there is no mirror pod \(key) yet" }
            let pod = Pod(found)
            if let lack = Self.lack(of: pod, image: image) { return lack }
        }
        let isMember = manifests.images[.etcd] != nil
        if isMember, let trouble = try await work.etcdHealth([nodeName], context).firstTrouble { return trouble }
        return try await localServerLack(node)
    }

    static func lack(of pod: Pod, image: String) -> String? {
        if pod.isTerminating { return "\(pod.name) still terminates" }
        guard pod.containers.first?.image == image else { return "\(pod.name) does not have the manifest's image yet" }
        let annotations = pod.object.annotations
        guard annotations["kubernetes.io/config.hash"] == annotations["kubernetes.io/config.mirror"] else {
            return "the kubelet has not taken up the manifest of \(pod.name) yet"
        }
        return pod.isReady ? nil : "\(pod.name) is not Ready"
    }

    /// The API server of this very node, not whichever the cluster's address leads to.
    private func localServerLack(_ node: RemoteNode) async throws -> String? {
        let configuration = work.client.configuration
        let options = work.client.options
        let target = work.hop.to
        let name = nodeName
        return try await node.transport.withForwardedPort(host: "127.0.0.1", port: 6443) { socket in
            try await KubernetesClient.with(configuration, socket: socket, options: options) { local in
                let version = try await local.version().gitVersion
                guard let running = try? KubernetesVersion(parsing: version), running >= target else {
                    return "the API server of \(name) still says \(version)"
                }
                let answer = try await local.raw("/readyz")
                return answer.status == 200 ? nil : "the API server of \(name) is not ready"
            }
        }
    }
}
