package import KubernetesModel

/// Keeps a StatefulSet's numbered pods: the same name with a new uid, once the old pod object is gone.
package struct StatefulSetController: Controller {
    let cluster: CachedCluster

    package init(cluster: CachedCluster) { self.cluster = cluster }

    package func keys(affectedBy change: ObjectChange) -> [ObjectKey] {
        switch change.resource {
        case .statefulSets: [change.object.key]
        case .pods: change.controllerKeys(of: "StatefulSet")
        default: []
        }
    }

    package func reconcile(_ key: ObjectKey) async throws -> Duration? {
        guard let set = cluster[.statefulSets][key], !set.isTerminating else { return nil }
        let pods = try await cluster.adoptedPods(of: set, selector: LabelSelector(set.spec["selector"]))
        let revisions = Revisions(cluster: cluster, owner: set)
        let update = try await revisions.current()
        let currentName = set.status["currentRevision"]?.string ?? ""
        let current = revisions.named(currentName) ?? update
        let pass = Pass(cluster: cluster, set: set, pods: pods, current: current, update: update)
        try await pass.run()
        try await report(key, current: current.name, update: update.name)
        try await revisions.prune(inUse: [current.name, update.name])
        let minimum = pass.minimum
        let waits =
            minimum > .zero
            && pods.contains { pod in
                pod.isPodReady && !pod.isPodAvailable(after: minimum, now: cluster.now())
            }
        return waits ? max(minimum / 4, .milliseconds(50)) : nil
    }

    private func report(_ key: ObjectKey, current: String, update: String) async throws {
        guard var set = cluster[.statefulSets][key] else { return }
        let pods = cluster.pods.owned(by: set.uid).filter { $0.controller?.uid == set.uid }
        let minimum = cluster.clock.scaled(.seconds(set.spec["minReadySeconds"]?.integer ?? 0))
        let (currentHash, updateHash) = (current, update)
        let live = pods.filter(\.isPodActive)
        let ready = pods.filter { $0.podPhase == "Running" && $0.isPodReady }
        let available = ready.filter { $0.isPodAvailable(after: minimum, now: cluster.now()) }
        let ofUpdate = live.filter { $0.labels[Revisions.label] == updateHash }.count
        let ofCurrent = live.filter { $0.labels[Revisions.label] == currentHash }.count
        let desired = set.spec["replicas"]?.int ?? 1
        var status = set.status
        status["observedGeneration"] = .integer(set.generation)
        status["replicas"] = .integer(Int64(pods.count))
        status["readyReplicas"] = ready.isEmpty ? nil : .integer(Int64(ready.count))
        status["availableReplicas"] = .integer(Int64(available.count))
        status["currentReplicas"] = ofCurrent == 0 ? nil : .integer(Int64(ofCurrent))
        status["updatedReplicas"] = ofUpdate == 0 ? nil : .integer(Int64(ofUpdate))
        status["currentRevision"] = .string(current)
        status["updateRevision"] = .string(update)
        if status["collisionCount"] == nil { status["collisionCount"] = 0 }
        let isOnDelete = set["spec", "updateStrategy", "type"]?.string == "OnDelete"
        if !isOnDelete, ofUpdate == desired, ready.count == desired, pods.count == desired {
            status["currentRevision"] = .string(update)
            status["currentReplicas"] = status["updatedReplicas"]
        }
        guard status != set.status else { return }
        set.status = status
        try await cluster.updateStatus(.statefulSets, set)
    }
}

/// One pass over a StatefulSet: at most one pod at a time, unless its policy is Parallel.
private struct Pass: Sendable {
    let cluster: CachedCluster
    let set: KubernetesObject
    let pods: [KubernetesObject]
    let current: KubernetesObject
    let update: KubernetesObject

    var minimum: Duration { cluster.clock.scaled(.seconds(self.set.spec["minReadySeconds"]?.integer ?? 0)) }
    private var isParallel: Bool { self.set.spec["podManagementPolicy"]?.string == "Parallel" }
    private var desired: Int { max(0, self.set.spec["replicas"]?.int ?? 1) }
    private var start: Int { self.set["spec", "ordinals", "start"]?.int ?? 0 }
    private var partition: Int { self.set["spec", "updateStrategy", "rollingUpdate", "partition"]?.int ?? 0 }

    func run() async throws {
        var byOrdinal: [Int: KubernetesObject] = [:]
        for pod in pods { if let ordinal = ordinal(of: pod) { byOrdinal[ordinal] = pod } }
        for ordinal in start..<(start + desired) {
            if try await keep(ordinal, byOrdinal[ordinal]) == .wait, !isParallel { return }
        }
        let condemned = byOrdinal.filter { $0.key < start || $0.key >= start + desired }.sorted { $0.key > $1.key }
        for (_, pod) in condemned {
            if !pod.isTerminating { try await delete(pod) }
            if !isParallel { return }
        }
        guard condemned.isEmpty, set["spec", "updateStrategy", "type"]?.string != "OnDelete" else { return }
        try await roll(byOrdinal)
    }

    private enum Progress { case next, wait }

    private func keep(_ ordinal: Int, _ pod: KubernetesObject?) async throws -> Progress {
        guard let pod else {
            try await create(ordinal)
            return .wait
        }
        if pod.isTerminating { return .wait }
        if pod.isPodFinished {
            try await delete(pod)
            return .wait
        }
        return isHealthy(pod) ? .next : .wait
    }

    /// Deletes the highest pod of an old revision once every pod above it is healthy.
    private func roll(_ byOrdinal: [Int: KubernetesObject]) async throws {
        guard desired > 0 else { return }
        for ordinal in (max(start, partition)..<max(start + desired, partition)).reversed() {
            guard let pod = byOrdinal[ordinal], !pod.isTerminating else { return }
            if pod.labels[Revisions.label] != update.name {
                try await delete(pod)
                return
            }
            if !isHealthy(pod) { return }
        }
    }

    private func isHealthy(_ pod: KubernetesObject) -> Bool {
        pod.podPhase == "Running" && pod.isPodActive && pod.isPodAvailable(after: minimum, now: cluster.now())
    }

    private func ordinal(of pod: KubernetesObject) -> Int? {
        guard pod.name.hasPrefix(set.name + "-") else { return nil }
        return Int(pod.name.dropFirst(set.name.count + 1))
    }

    private func delete(_ pod: KubernetesObject) async throws {
        try await cluster.delete(.pods, pod)
        cluster.events.normal(
            set,
            "SuccessfulDelete",
            "delete Pod \(pod.name) in StatefulSet \(set.name) successful"
        )
    }

    private func create(_ ordinal: Int) async throws {
        let name = "\(set.name)-\(ordinal)"
        let isOld = ordinal < partition || ordinal < start + (set.status["currentReplicas"]?.int ?? 0)
        let revision = isOld ? current : update
        var pod = PodTemplate.pod(
            Revisions.template(of: revision),
            ownedBy: set,
            prefix: name,
            labels: [
                Revisions.label: revision.name, "statefulset.kubernetes.io/pod-name": name,
                "apps.kubernetes.io/pod-index": "\(ordinal)",
            ]
        )
        pod["metadata", "generateName"] = .string(set.name + "-")
        pod.name = name
        pod["spec", "hostname"] = .string(name)
        if let service = set.spec["serviceName"]?.string, !service.isEmpty {
            pod["spec", "subdomain"] = .string(service)
        }
        try await addClaims(to: &pod, name)
        do throws(APIStatus) {
            try await cluster.create(.pods, pod)
        } catch {
            // The old pod's object may still be there; its end brings this back.
            guard error.isAlreadyExists else { throw error }
            return
        }
        cluster.events.normal(set, "SuccessfulCreate", "create Pod \(name) in StatefulSet \(set.name) successful")
    }

    /// Claims of `volumeClaimTemplates` outlive the pod: made once, found again.
    private func addClaims(to pod: inout KubernetesObject, _ name: String) async throws {
        let templates = set.spec["volumeClaimTemplates"]?.array ?? []
        guard !templates.isEmpty else { return }
        var volumes = pod.spec["volumes"]?.array ?? []
        for template in templates {
            let volume = template["metadata", "name"]?.string ?? ""
            let claimName = "\(volume)-\(name)"
            var claim = KubernetesObject(.persistentVolumeClaims, namespace: set.namespace, name: claimName)
            claim.labels = (template["metadata", "labels"]?.stringMap ?? [:])
                .merging(LabelSelector.matchLabels(set.spec["selector"])) { first, _ in first }
            claim["spec"] = template["spec"]
            if cluster[.persistentVolumeClaims][claim.key] == nil {
                do throws(APIStatus) {
                    try await cluster.create(.persistentVolumeClaims, claim)
                } catch { guard error.isAlreadyExists else { throw error } }
            }
            volumes.removeAll { $0["name"]?.string == volume }
            volumes.append([
                "name": .string(volume), "persistentVolumeClaim": ["claimName": .string(claimName)],
            ])
        }
        pod["spec", "volumes"] = .array(volumes)
    }
}

extension LabelSelector {
    fileprivate static func matchLabels(_ selector: JSONValue?) -> [String: String] {
        selector?["matchLabels"]?.stringMap ?? [:]
    }
}
