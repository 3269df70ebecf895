import KubernetesModel
import KubernetesVersions

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// The Node object and its heartbeat.
extension Kubelet {
    /// Registers the node, and renews its Lease and status until cancelled; at once when something about it changed.
    nonisolated func reportNode(_ access: any ClusterAccess) async {
        var told: KubeletState?
        var renewed: ContinuousClock.Instant?
        let step = min(heartbeat, .milliseconds(250))
        while !Task.isCancelled {
            let state = await self.state
            let isDue = renewed.map { .now - $0 >= heartbeat } ?? true
            if state.runningVersion != nil, !state.isPartitioned, isDue || told != state {
                do throws(APIStatus) {
                    try await updateNode(access, state)
                    try await renewLease(access)
                    told = state
                    renewed = .now
                } catch {
                    // The API is away, or another writer was quicker: soon again.
                }
            } else if state.isPartitioned {
                told = nil
            }
            try? await Task.sleep(for: step)
        }
    }

    private nonisolated func updateNode(_ access: any ClusterAccess, _ state: KubeletState) async throws(APIStatus) {
        var object: KubernetesObject
        do throws(APIStatus) { object = try await access.get(.nodes, ObjectKey(name: node.name)) } catch {
            guard error.isNotFound else { throw error }
            var registration = node.registration
            registration.status = await status(.object([:]), state)
            object = try await access.create(.nodes, registration)
            events.normal(object, "Starting", "Starting kubelet.")
        }
        let status = await status(object.status, state)
        guard status != object.status else { return }
        let wasReady = object.status.isTrue("Ready")
        object.status = status
        object = try await access.update(.nodes, object, subresource: "status")
        if !wasReady { events.normal(object, "NodeReady", "Node \(node.name) status is now: NodeReady") }
    }

    /// `present` with all that the kubelet reports; equal to it when there is no news and the last report is recent.
    private func status(_ present: JSONValue, _ state: KubeletState) -> JSONValue {
        var status = present
        let version = state.runningVersion?.description ?? ""
        var info: JSONValue = [
            "kubeletVersion": .string(version), "containerRuntimeVersion": .string(state.containerRuntimeVersion),
            "osImage": .string(state.osImage), "kernelVersion": .string(state.kernelVersion),
            "operatingSystem": "linux", "architecture": "amd64", "bootID": .string(state.bootID),
            "machineID": .string(String(PodStatus.digest(node.name).prefix(32))),
            "systemUUID": .string(String(PodStatus.digest("uuid " + node.name).prefix(32))),
        ]
        // Removed from the API with v1.33; older ones write the kubelet's version here.
        info["kubeProxyVersion"] =
            state.runningVersion.map { $0.minorVersion < MinorVersion(1, 33) } ?? true ? .string(version) : ""
        status["nodeInfo"] = info
        status["capacity"] = node.capacity
        status["allocatable"] = node.capacity
        status["addresses"] = node.addresses
        status["daemonEndpoints"] = ["kubeletEndpoint": ["Port": 10250]]
        status["images"] = .array(
            images.sorted().prefix(50).map { ["names": [.string($0)], "sizeBytes": 50_000_000] }
        )
        let healthy: [(String, String, String)] = [
            ("MemoryPressure", "KubeletHasSufficientMemory", "kubelet has sufficient memory available"),
            ("DiskPressure", "KubeletHasNoDiskPressure", "kubelet has no disk pressure"),
            ("PIDPressure", "KubeletHasSufficientPID", "kubelet has sufficient PID available"),
        ]
        let date = now()
        for (type, reason, message) in healthy {
            status.setCondition(type, "False", reason: reason, message: message, now: date)
        }
        status.setCondition(
            "Ready",
            "True",
            reason: "KubeletReady",
            message: "kubelet is posting ready status",
            now: date
        )
        let last = Timestamp.date(from: present.condition("Ready")?["lastHeartbeatTime"])
        let isStale = last.map { date.timeIntervalSince($0) >= 300 } ?? true
        guard status != present || isStale else { return present }
        for condition in status["conditions"]?.array ?? [] {
            guard let type = condition["type"]?.string, type == "Ready" || type.hasSuffix("Pressure") else { continue }
            status.setCondition(
                type,
                condition["status"]?.string ?? "",
                reason: condition["reason"]?.string,
                message: condition["message"]?.string,
                now: date,
                extra: ["lastHeartbeatTime": .string(Timestamp.string(from: date))]
            )
        }
        return status
    }

    private func renewLease(_ access: any ClusterAccess) async throws(APIStatus) {
        let key = ObjectKey(namespace: "kube-node-lease", name: node.name)
        let time = JSONValue.string(Timestamp.microString(from: now()))
        do throws(APIStatus) {
            var lease: KubernetesObject
            if let held = heldLease { lease = held } else { lease = try await access.get(.leases, key) }
            lease["spec", "renewTime"] = time
            lease["spec", "holderIdentity"] = .string(node.name)
            heldLease = try await access.update(.leases, lease, subresource: nil)
        } catch {
            heldLease = nil
            guard error.isNotFound else { throw error }
            var lease = KubernetesObject(.leases, namespace: key.namespace, name: key.name)
            let owner = try await access.get(.nodes, ObjectKey(name: node.name))
            lease["metadata", "ownerReferences"] = [
                ["apiVersion": "v1", "kind": "Node", "name": .string(node.name), "uid": .string(owner.uid)]
            ]
            lease.spec = [
                "holderIdentity": .string(node.name), "leaseDurationSeconds": 40, "renewTime": time,
            ]
            heldLease = try await access.create(.leases, lease)
        }
    }
}
