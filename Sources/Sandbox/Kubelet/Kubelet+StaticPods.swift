import KubernetesModel

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// One static pod of a node, as it runs.
struct StaticPod: Sendable {
    enum Stage: Sendable, Hashable {
        case creating
        case running
        /// It did not start; it is tried again at the instant.
        case crashed(retryAt: ContinuousClock.Instant, message: String)
    }

    /// The manifest with the name, namespace and annotations its mirror has.
    var pod: KubernetesObject
    var hash: String
    var stage: Stage
    var isReady = false
    var restarts = 0
    var acceptedAt: Date
    var startedAt: Date?
    /// Its processes were ended from outside.
    var isStale = false

    var key: ObjectKey { pod.key }
    var component: String { pod.staticComponent }
}

/// Static pods: whatever lies in the manifests folder runs, with or without an API.
extension Kubelet {
    var staticStates: [StaticPodState] {
        statics.values.map { pod in
            StaticPodState(
                component: pod.component,
                image: pod.pod.images.first ?? "",
                isRunning: pod.stage == .running,
                isReady: pod.isReady,
                restarts: pod.restarts
            )
        }.sorted { $0.component < $1.component }
    }

    /// Starts, stops or restarts the pod of one manifest file, or looks whether it is ready.
    func sync(static file: String) async throws -> Duration? {
        let manifest = await machine.staticPods()[file]
        let hash = manifest.map { String(PodStatus.digest($0.value.text).prefix(32)) }
        if let present = statics[file], present.hash != hash || present.isStale {
            try await stop(file, present)
        }
        guard let manifest, let hash else { return nil }
        if statics[file] == nil {
            let pod = identified(manifest, hash)
            statics[file] = StaticPod(pod: pod, hash: hash, stage: .creating, acceptedAt: now())
            mirrorQueue.add(pod.key.description)
            let timings = PodTimings(pod)
            if !images.isSuperset(of: pod.images) { try await clock.sleep(timings.pull) }
            images.formUnion(pod.images)
            try await clock.sleep(timings.start)
        }
        switch statics[file]?.stage {
        case .creating, nil: await start(file)
        case .crashed(let retryAt, _):
            guard retryAt <= .now else { return ContinuousClock.now.duration(to: retryAt) }
            await start(file)
        case .running: break
        }
        return await probe(file)
    }

    private func start(_ file: String) async {
        guard let present = statics[file] else { return }
        let runtime = runtime
        // The container's start goes on when the kubelet is stopped meanwhile.
        let failure = await Task { () -> String? in
            do { try await runtime.start(pod: present.pod) } catch { return "\(error)" }
            return nil
        }.value
        if let failure {
            let delay = clock.scaled(.seconds(10) * (1 << min(present.restarts, 4)))
            statics[file]?.stage = .crashed(retryAt: .now + max(delay, .milliseconds(200)), message: failure)
            statics[file]?.restarts += 1
            log("kubelet \(node.name): \(present.key) did not start: \(failure)")
            events.warning(present.pod, "BackOff", "Back-off restarting failed container in pod \(present.key.name)")
        } else {
            statics[file]?.stage = .running
            statics[file]?.startedAt = now()
            events.normal(present.pod, "Started", "Started container \(present.component)")
        }
        changed(file)
    }

    private func stop(_ file: String, _ present: StaticPod) async throws {
        events.normal(present.pod, "Killing", "Stopping container \(present.component)")
        if statics[file]?.isReady == true {
            statics[file]?.isReady = false
            changed(file)
        }
        if present.stage == .running, !present.isStale { try await clock.sleep(PodTimings(present.pod).terminate) }
        let runtime = runtime
        await Task { await runtime.stop(component: present.component) }.value
        statics[file] = nil
        mirrorQueue.add(present.key.description)
        tellWatchers()
    }

    private func probe(_ file: String) async -> Duration? {
        guard let present = statics[file] else { return nil }
        guard present.stage == .running else {
            if case .crashed(let retryAt, _) = present.stage {
                return max(ContinuousClock.now.duration(to: retryAt), .milliseconds(10))
            }
            return .milliseconds(100)
        }
        let isReady = await runtime.isReady(component: present.component)
        if statics[file]?.hash == present.hash, statics[file]?.isReady != isReady {
            statics[file]?.isReady = isReady
            changed(file)
        }
        return isReady ? .seconds(1) : .milliseconds(150)
    }

    private func changed(_ file: String) {
        if let key = statics[file]?.key { mirrorQueue.add(key.description) }
        tellWatchers()
    }

    /// The manifest as the pod it stands for: named after the node, and bound to it.
    private func identified(_ manifest: KubernetesObject, _ hash: String) -> KubernetesObject {
        var pod = manifest
        pod["apiVersion"] = "v1"
        pod["kind"] = "Pod"
        pod.name = "\(manifest.name)-\(node.name)"
        pod.namespace = manifest.namespace ?? "default"
        pod.annotations = manifest.annotations.merging([
            "kubernetes.io/config.hash": hash, "kubernetes.io/config.mirror": hash,
            "kubernetes.io/config.seen": Timestamp.microString(from: now()),
            "kubernetes.io/config.source": "file",
        ]) { $1 }
        pod["metadata", "uid"] = nil
        pod["metadata", "creationTimestamp"] = nil
        pod["status"] = nil
        pod["spec", "nodeName"] = .string(node.name)
        let tolerations = pod.spec["tolerations"]?.array ?? []
        let always: JSONValue = ["operator": "Exists", "effect": "NoExecute"]
        if !tolerations.contains(always) { pod["spec", "tolerations"] = .array(tolerations + [always]) }
        return pod
    }

    // MARK: Mirrors

    /// Keeps the API's picture of one static pod (by the mirror's `namespace/name`) like the pod.
    func sync(mirror name: String) async throws -> Duration? {
        guard isConnected else { return nil }
        let parts = name.split(separator: "/").map(String.init)
        guard parts.count == 2 else { return nil }
        let key = ObjectKey(namespace: parts[0], name: parts[1])
        let wanted = statics.values.first { $0.key == key }
        var mirror = feed.pods.synced.isOpen ? feed.pods[key] : nil
        if let present = mirror {
            guard present.annotations["kubernetes.io/config.mirror"] != nil else { return nil }
            let isCurrent = present.annotations["kubernetes.io/config.mirror"] == wanted?.hash
            if !isCurrent || present.isTerminating {
                try await deleteMirror(present)
                mirror = nil
            }
        }
        guard let wanted else { return nil }
        let present: KubernetesObject
        if let mirror { present = mirror } else { present = try await createMirror(wanted) }
        try await report(present, status(of: wanted))
        return nil
    }

    private func deleteMirror(_ mirror: KubernetesObject) async throws {
        do throws(APIStatus) {
            _ = try await feed.access.delete(.pods, mirror.key, gracePeriodSeconds: 0, uid: mirror.uid)
        } catch { guard error.isNotFound || error.isConflict else { throw error } }
        feed.pods.forget(mirror.key, uid: mirror.uid)
    }

    private func createMirror(_ wanted: StaticPod) async throws -> KubernetesObject {
        var pod = wanted.pod
        let node = try await feed.access.get(.nodes, ObjectKey(name: node.name))
        var owner = OwnerReference(controller: node).value
        owner["apiVersion"] = "v1"
        owner["kind"] = "Node"
        owner["blockOwnerDeletion"] = nil
        pod["metadata", "ownerReferences"] = [owner]
        let created: KubernetesObject
        do throws(APIStatus) { created = try await feed.access.create(.pods, pod) } catch {
            guard error.isAlreadyExists else { throw error }
            let present = try await feed.access.get(.pods, pod.key)
            feed.pods.store(present)
            throw error
        }
        feed.pods.store(created)
        return created
    }

    private func status(of present: StaticPod) -> PodStatus {
        let phase: String
        let state: PodStatus.ContainerState
        switch present.stage {
        case .creating:
            phase = "Pending"
            state = .waiting(reason: "ContainerCreating")
        case .running:
            phase = "Running"
            state = .running(since: present.startedAt ?? present.acceptedAt)
        case .crashed(_, let message):
            phase = "Running"
            state = .waiting(reason: "CrashLoopBackOff", message: message)
        }
        return PodStatus(
            phase: phase,
            isReady: present.isReady && present.stage == .running,
            isInitialized: phase == "Running",
            hostIP: node.internalIP,
            podIP: node.internalIP,
            startTime: present.acceptedAt,
            state: state,
            lastState: nil,
            restarts: present.restarts
        )
    }
}
