import Foundation
import KubernetesModel
import KubernetesVersions
import Nodes

/// The control plane's manifests, replaced one component at a time.
extension Machine {
    /// How long kubeadm waits for the kubelet to pick up a manifest.
    static let manifestTimeout = Duration.seconds(300)

    /// `2024-11-23-22-18-01`, for backup folders.
    var stamp: String {
        Timestamp.string(from: now()).replacing("T", with: "-").replacing(":", with: "-").replacing("Z", with: "")
    }

    /// Changes files; a failure there is kubeadm's failure.
    func files(_ body: (inout FileTree, Date) throws(FileError) -> Void) throws(KubeadmStop) {
        do throws(FileError) { try body(&state.files, now()) } catch { throw KubeadmStop("\(error.rawValue)") }
    }

    func upgradeStaticPods(
        _ target: KubernetesVersion,
        _ configuration: JSONValue,
        _ arguments: KubeadmArguments,
        _ transcript: inout Transcript
    ) async throws {
        let folder = "/etc/kubernetes/tmp/kubeadm-upgraded-manifests\(UInt32.random(in: 100_000_000...4_000_000_000))"
        let backup = "/etc/kubernetes/tmp/kubeadm-backup-manifests-\(stamp)"
        let manifests = StaticPodTemplate(spec, version: target, configuration: configuration).manifests
        transcript.print("[upgrade/staticpods] Writing new Static Pod manifests to \"\(folder)\"")
        try files { files, now throws(FileError) in
            try files.makeFolder(folder, mode: 0o700, withParents: true, now: now)
            try files.makeFolder(backup, mode: 0o700, withParents: true, now: now)
            for (component, text) in manifests {
                try files.write("\(folder)/\(component).yaml", Array(text.utf8), mode: 0o600, now: now)
            }
        }
        let upgradesEtcd = try arguments.isSet("etcd-upgrade", default: true)
        let renews = try arguments.isSet("certificate-renewal", default: true)
        var moved: [String] = []
        for component in StaticPodTemplate.components where manifests[component] != nil {
            if component == "etcd" {
                guard upgradesEtcd else { continue }
                try await prepareEtcd(target, configuration, &transcript)
            }
            do {
                let isNew = try await replace(
                    component,
                    from: folder,
                    backup: backup,
                    renews: renews,
                    &moved,
                    &transcript
                )
                if isNew, component == "etcd" {
                    transcript.print("[upgrade/etcd] Waiting for etcd to become available")
                    try await waitForEtcd()
                }
            } catch let stop as KubeadmStop {
                try rollBack(moved, from: backup)
                throw KubeadmStop(
                    "error execution phase control-plane: couldn't upgrade control plane. kubeadm has tried to recover "
                        + "everything into the earlier state. Errors faced: \(stop.message)"
                )
            }
        }
        if renews { try await renew(with: "") }
        try files { files, _ throws(FileError) in try files.remove(folder) }
    }

    /// etcd has to have its quorum, and its data are copied first (a plain copy while it runs, kept for ever).
    private func prepareEtcd(
        _ target: KubernetesVersion,
        _ configuration: JSONValue,
        _ transcript: inout Transcript
    ) async throws {
        if let trouble = await surroundings.etcdTrouble() {
            throw KubeadmStop(
                "error execution phase control-plane: couldn't upgrade control plane. kubeadm has tried to recover "
                    + "everything into the earlier state. Errors faced: fatal error when trying to upgrade the etcd cluster: "
                    + "etcd cluster is not healthy: \(trouble)"
            )
        }
        let copy = "/etc/kubernetes/tmp/kubeadm-backup-etcd-\(stamp)"
        try files { files, now throws(FileError) in
            try files.makeFolder("\(copy)/etcd/member/snap", mode: 0o700, withParents: true, now: now)
            let data = files.entry("/var/lib/etcd/member/snap/db")?.bytes ?? []
            try files.write("\(copy)/etcd/member/snap/db", data, mode: 0o600, now: now)
        }
    }

    private func waitForEtcd() async throws {
        for _ in 0..<10 {
            if await surroundings.etcdTrouble() == nil { return }
            try await spend(.seconds(15))
        }
        throw KubeadmStop("etcd cluster is not healthy: timeout waiting for etcd cluster to be available")
    }

    /// - Returns: false when the component's manifest is as it should be already.
    private func replace(
        _ component: String,
        from folder: String,
        backup: String,
        renews: Bool,
        _ moved: inout [String],
        _ transcript: inout Transcript
    ) async throws -> Bool {
        transcript.print("[upgrade/staticpods] Preparing for \"\(component)\" upgrade")
        let path = "\(StaticPodManifests.folder)/\(component).yaml"
        let new = "\(folder)/\(component).yaml"
        if component == "etcd", isOlder(new, than: path) {
            transcript.print(
                "[upgrade/etcd] Skipping etcd upgrade: the desired etcd version is older than the present one"
            )
            return false
        }
        guard state.files.entry(path)?.bytes != state.files.entry(new)?.bytes else {
            transcript.print(
                "[upgrade/staticpods] Current and new manifests of \(component) are equal, skipping upgrade"
            )
            return false
        }
        if renews { try await renew(with: component) }
        let before = try await mirrorHash(component)
        transcript.print(
            "[upgrade/staticpods] Moving new manifest to \"\(path)\" and backing up old manifest to \"\(backup)/\(component).yaml\""
        )
        moved.append(component)
        try files { files, now throws(FileError) in
            if files.exists(path) { try files.rename(path, to: "\(backup)/\(component).yaml") }
            try files.rename(new, to: path)
        }
        settle()
        transcript.print("[upgrade/staticpods] Waiting for the kubelet to restart the component")
        transcript.print("[upgrade/staticpods] This can take up to 5m0s")
        try await waitForRestart(component, before)
        transcript.print("[upgrade/staticpods] Component \"\(component)\" upgraded successfully!")
        return true
    }

    private func isOlder(_ new: String, than old: String) -> Bool {
        func tag(_ path: String) -> KubernetesVersion? {
            guard let pod = state.files.text(path).flatMap({ try? YAML.objects(in: $0).first }) else { return nil }
            let tag = Self.image(pod).split(separator: ":").last ?? ""
            return try? KubernetesVersion(parsing: String(tag.prefix { $0 != "-" }))
        }
        guard let next = tag(new), let present = tag(old) else { return false }
        return next < present
    }

    private func mirrorHash(_ component: String) async throws -> String? {
        let key = ObjectKey(namespace: "kube-system", name: "\(component)-\(name)")
        do {
            let pod = try await api { cluster throws(APIStatus) in try await cluster.get(.pods, key) }
            return pod.annotations["kubernetes.io/config.hash"]
        } catch let status as APIStatus where status.isNotFound { return nil }
    }

    /// Waits until the mirror pod has another hash, and then until every pod of the component runs. The API server may
    /// be away meanwhile: it may be the very one that restarts.
    private func waitForRestart(_ component: String, _ before: String?) async throws {
        // Liveness of nodes is not scaled, so a fast sandbox still waits a while.
        let limit = max(surroundings.clock.scaled(Self.manifestTimeout), .seconds(45))
        let deadline = ContinuousClock.now + limit
        var isNew = false
        while true {
            if let hash = try? await peek(component), hash != before { isNew = true }
            if isNew, let phases = try? await peekPhases(component), !phases.isEmpty,
                phases.allSatisfy({ $0 == "Running" })
            {
                return
            }
            guard ContinuousClock.now < deadline else {
                throw KubeadmStop(
                    isNew
                        ? "timed out waiting for the condition: Pods of component=\(component) are not Running"
                        : "static Pod hash for component \(component) on Node \(name) did not change after 5m0s: timed out "
                            + "waiting for the condition"
                )
            }
            try await surroundings.clock.clock.sleep(
                for: max(surroundings.clock.scaled(.seconds(1)), .milliseconds(50))
            )
        }
    }

    private func peek(_ component: String) async throws -> String? {
        if state.isPartitioned { return nil }
        let key = ObjectKey(namespace: "kube-system", name: "\(component)-\(name)")
        return try await surroundings.cluster.get(.pods, key).annotations["kubernetes.io/config.hash"]
    }

    private func peekPhases(_ component: String) async throws -> [String] {
        if state.isPartitioned { return [] }
        return try await surroundings.cluster.list(.pods, namespace: "kube-system").items
            .filter { $0.labels["component"] == component }.map { $0.status["phase"]?.string ?? "" }
    }

    /// Only files that are there are renewed: what an external authority signs has no key here.
    private func renew(with component: String) async throws {
        let wanted = Set(KubeadmCertificates.renewed(with: component)).filter { state.files.exists($0) }
        guard !wanted.isEmpty else { return }
        let renewed: [String: [UInt8]]
        do { renewed = try await surroundings.renewedFiles() } catch {
            throw KubeadmStop("failed to renew certificates for component \"\(component)\": \(error)")
        }
        try files { files, now throws(FileError) in
            for (path, bytes) in renewed where wanted.contains(path) { try files.write(path, bytes, now: now) }
        }
    }

    private func rollBack(_ moved: [String], from backup: String) throws(KubeadmStop) {
        try files { files, now throws(FileError) in
            for component in moved.reversed() {
                let old = "\(backup)/\(component).yaml"
                guard let bytes = files.entry(old)?.bytes else { continue }
                try files.write("\(StaticPodManifests.folder)/\(component).yaml", bytes, mode: 0o600, now: now)
                try files.remove(old)
            }
        }
        settle()
    }
}
