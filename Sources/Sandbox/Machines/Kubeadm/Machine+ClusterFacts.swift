import Foundation
import KubernetesModel
import KubernetesVersions
import Nodes

/// What kubeadm learns from the API, and changes there.
extension Machine {
    static let longestAPIWait = Duration.seconds(60)

    /// An API call, tried again while the server is away: kubeadm's clients have patience, too.
    func api<Value: Sendable>(
        _ body: @Sendable (any ClusterAccess) async throws(APIStatus) -> Value
    ) async throws -> Value {
        var waited = Duration.zero
        while true {
            if state.isPartitioned {
                throw KubeadmStop("Get \"https://\(spec.endpoint)/api/v1\": dial tcp \(spec.endpoint): i/o timeout")
            }
            do { return try await body(surroundings.cluster) } catch {
                guard error.code >= 500 || error.code == 429 || error.code == 0 else { throw error }
                guard waited < max(Self.longestAPIWait, .seconds(10) * surroundings.clock.speed) else {
                    throw KubeadmStop("Get \"https://\(spec.endpoint)/api/v1\": \(error.message)")
                }
                waited += .seconds(1)
                try await spend(.seconds(1))
            }
        }
    }

    /// Reads an object, changes it and writes it back, again on a conflict; nothing is written when nothing changes.
    func change(
        _ resource: Resource,
        _ key: ObjectKey,
        _ body: @Sendable (inout KubernetesObject) -> Void
    ) async throws {
        while true {
            let present = try await api { cluster throws(APIStatus) in try await cluster.get(resource, key) }
            var wanted = present
            body(&wanted)
            if wanted == present { return }
            let written = wanted
            do {
                _ = try await api { cluster throws(APIStatus) in
                    try await cluster.update(resource, written, subresource: nil)
                }
                return
            } catch let status as APIStatus where status.isConflict {
                continue
            }
        }
    }

    static let kubeadmConfig = ObjectKey(namespace: "kube-system", name: "kubeadm-config")
    static let kubeletConfig = ObjectKey(namespace: "kube-system", name: "kubelet-config")

    /// The ClusterConfiguration in the cluster.
    func clusterConfiguration(
        _ version: KubernetesVersion,
        _ transcript: inout Transcript
    ) async throws -> (value: JSONValue, version: KubernetesVersion) {
        transcript.print(
            "[upgrade/config] Reading configuration from the \"kubeadm-config\" ConfigMap in namespace \"kube-system\"..."
        )
        transcript.print(
            "[upgrade/config] Use 'kubeadm init phase upload-config kubeadm --config your-config-file' to re-upload it."
        )
        let object: KubernetesObject
        do {
            object = try await api { cluster throws(APIStatus) in try await cluster.get(.configMaps, Self.kubeadmConfig)
            }
        } catch let status as APIStatus {
            throw KubeadmStop("[upgrade/init config] FATAL: failed to get config map: \(status.message)")
        }
        guard let text = object["data", "ClusterConfiguration"]?.string, let value = try? YAML.value(in: text),
            let written = value["kubernetesVersion"]?.string, let current = try? KubernetesVersion(parsing: written)
        else {
            throw KubeadmStop("[upgrade/init config] FATAL: unexpected error when reading kubeadm-config ConfigMap")
        }
        let lowest = KubernetesVersion(version.major, version.minor - 1, 0)
        guard current >= lowest else {
            throw KubeadmStop(
                "[upgrade/init config] FATAL: this version of kubeadm only supports deploying clusters with the control "
                    + "plane version >= \(lowest.withoutPrefix). Current version: \(current)"
            )
        }
        return (value, current)
    }

    /// Control-plane nodes, as their label says.
    func controlPlaneNodes() async throws -> [KubernetesObject] {
        try await api { cluster throws(APIStatus) in try await cluster.list(.nodes, namespace: nil).items }
            .filter { $0.labels["node-role.kubernetes.io/control-plane"] != nil }
    }

    func componentPods(_ component: String) async throws -> [KubernetesObject] {
        try await api { cluster throws(APIStatus) in try await cluster.list(.pods, namespace: "kube-system").items }
            .filter { $0.labels["component"] == component && $0.labels["tier"] == "control-plane" }
    }

    static func image(_ pod: KubernetesObject) -> String {
        pod.spec["containers"]?[0]?["image"]?.string ?? ""
    }

    /// The cluster's version for the version policy: that of its oldest API server.
    func oldestAPIServer(_ fallback: KubernetesVersion) async throws -> KubernetesVersion {
        try await componentPods("kube-apiserver").compactMap { StaticPodManifests.version(ofImage: Self.image($0)) }
            .min() ?? fallback
    }

    /// - Throws: ``KubeadmStop`` with the lines of every failed check that is not ignored.
    func report(
        _ checks: [(name: String, message: String)],
        ignoring ignored: Set<String>,
        _ transcript: inout Transcript
    ) throws(KubeadmStop) {
        var lines: [String] = []
        for check in checks {
            if ignored.contains("all") || ignored.contains(check.name.lowercased()) {
                transcript.warn("\t[WARNING \(check.name)]: \(check.message)")
            } else {
                lines.append("\t[ERROR \(check.name)]: \(check.message)")
            }
        }
        guard !lines.isEmpty else { return }
        throw KubeadmStop(
            "error execution phase preflight: [preflight] Some fatal errors occurred:\n"
                + lines.joined(separator: "\n")
                + "\n[preflight] If you know what you are doing, you can make a check non-fatal with "
                + "`--ignore-preflight-errors=...`"
        )
    }

    /// The health checks of `plan` and `apply`.
    func healthChecks() async throws -> [(name: String, message: String)] {
        var checks: [(name: String, message: String)] = []
        let notReady = try await controlPlaneNodes().filter { !Node($0).isReady }.map(\.name)
        if !notReady.isEmpty {
            checks.append(
                (
                    "ControlPlaneNodesReady",
                    "there are NotReady control-planes in the cluster: [\(notReady.sorted().joined(separator: " "))]"
                )
            )
        }
        let missing = StaticPodTemplate.components.dropFirst()
            .filter { !state.files.exists("\(StaticPodManifests.folder)/\($0).yaml") }
        if !missing.isEmpty {
            checks.append(
                (
                    "StaticPodManifest",
                    "the control plane manifest files [\(missing.joined(separator: " "))] are missing"
                )
            )
        }
        return checks
    }

    /// - Throws: ``KubeadmStop`` where the node has no admin.conf, as on a worker.
    func requireAdmin() throws(KubeadmStop) {
        let path = "/etc/kubernetes/admin.conf"
        guard state.files.exists(path) else {
            throw KubeadmStop(
                "error execution phase preflight: couldn't create a Kubernetes client from file \"\(path)\": failed to "
                    + "load admin kubeconfig: open \(path): no such file or directory"
            )
        }
    }
}
