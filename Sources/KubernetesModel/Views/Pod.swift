/// A Pod, as the product reasons about it. What is absent reads as the API's default.
package struct Pod: Sendable, Hashable {
    package var object: KubernetesObject

    package init(_ object: KubernetesObject) { self.object = object }

    package var key: ObjectKey { object.key }
    package var name: String { object.name }
    package var namespace: String { object.namespace ?? "default" }
    package var uid: String { object.uid }
    package var labels: [String: String] { object.labels }
    package var controller: OwnerReference? { object.controller }

    private var spec: JSONValue? { object.value["spec"] }
    private var status: JSONValue? { object.value["status"] }

    /// Nil until the pod is put on a node.
    package var nodeName: String? { spec?["nodeName"]?.string.flatMap { $0.isEmpty ? nil : $0 } }
    /// `Pending`, `Running`, `Succeeded`, `Failed` or `Unknown`.
    package var phase: String { status?["phase"]?.string ?? "Pending" }
    package var isReady: Bool { object.condition("Ready")?.isTrue ?? false }
    /// Succeeded or Failed: its containers will not run again.
    package var isFinished: Bool { phase == "Succeeded" || phase == "Failed" }
    package var isTerminating: Bool { object.isTerminating }
    /// Stands for a static pod, which only its node can stop.
    package var isMirror: Bool { object["metadata", "annotations", "kubernetes.io/config.mirror"] != nil }
    /// Made by a controller of that kind and API group.
    package func isControlled(by kind: String, group: String = "apps") -> Bool {
        guard let controller else { return false }
        return controller.kind == kind && GroupVersion(apiVersion: controller.apiVersion).group == group
    }
    package var isDaemonSetPod: Bool { isControlled(by: "DaemonSet") }

    package var containers: [Container] { (spec?["containers"]?.array ?? []).map(Container.init) }
    package var initContainers: [Container] { (spec?["initContainers"]?.array ?? []).map(Container.init) }
    package var hostPorts: [HostPort] {
        let containers = (spec?["containers"]?.array ?? []) + (spec?["initContainers"]?.array ?? [])
        return containers.flatMap { container in (container["ports"]?.array ?? []).compactMap(HostPort.init) }
    }

    package var volumes: [JSONValue] { spec?["volumes"]?.array ?? [] }
    /// Data that a drain loses.
    package var hasEmptyDir: Bool { volumes.contains { $0["emptyDir"].map { !$0.isNull } ?? false } }
    package var claimNames: [String] { volumes.compactMap { $0["persistentVolumeClaim"]?["claimName"]?.string } }

    package var priorityClassName: String { spec?["priorityClassName"]?.string ?? "" }
    package var priority: Int64 { spec?["priority"]?.integer ?? 0 }
    /// Of one of the two system classes, which a drain takes last.
    package var isCritical: Bool {
        priorityClassName == "system-cluster-critical" || priorityClassName == "system-node-critical"
            || priority >= 2_000_000_000
    }
    package var terminationGracePeriodSeconds: Int64 { spec?["terminationGracePeriodSeconds"]?.integer ?? 30 }
    package var schedulerName: String { spec?["schedulerName"]?.string ?? "default-scheduler" }
    package var schedulingGates: [String] {
        (spec?["schedulingGates"]?.array ?? []).compactMap { $0["name"]?.string }
    }

    /// Containers ready and containers in all, as `READY 1/2` counts them (sidecars included).
    package var readyContainers: (ready: Int, total: Int) {
        let statuses =
            (status?["containerStatuses"]?.array ?? [])
            + (status?["initContainerStatuses"]?.array ?? []).filter { entry in
                initContainers.contains { $0.isSidecar && $0.name == entry["name"]?.string }
            }
        let ready = statuses.count { $0["ready"]?.bool ?? false }
        return (ready, containers.count + initContainers.count(where: \.isSidecar))
    }
    package var restartCount: Int64 {
        (status?["containerStatuses"]?.array ?? []).reduce(0) { $0 + ($1["restartCount"]?.integer ?? 0) }
    }
    /// Why a container waits (`CrashLoopBackOff`, `ImagePullBackOff`), if one does.
    package var waitingReason: String? {
        (status?["containerStatuses"]?.array ?? []).lazy
            .compactMap { $0["state"]?["waiting"]?["reason"]?.string }.first
    }

    /// What the scheduler reserves: the larger of what runs together and what each init container needs beside the
    /// sidecars started before it; the pod's own requests where it states them; and its overhead.
    package var requests: ResourceList {
        var running = containers.reduce(into: ResourceList()) { $0 += $1.requests }
        var sidecars = ResourceList()
        var starting = ResourceList()
        for container in initContainers {
            if container.isSidecar {
                sidecars += container.requests
                starting = starting.largest(with: sidecars)
            } else {
                starting = starting.largest(with: sidecars + container.requests)
            }
        }
        running += sidecars
        var requests = running.largest(with: starting)
        for (name, amount) in ResourceList(spec?["resources"]?["requests"]).amounts { requests[name] = amount }
        return requests + ResourceList(spec?["overhead"])
    }
}
