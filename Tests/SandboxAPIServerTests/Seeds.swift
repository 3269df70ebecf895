import KubernetesModel
import Sandbox

/// A small cluster as it would stand: two nodes, pods of a Deployment with a budget, a DaemonSet's pod, a lone pod.
enum Seeds {
    static let time = "2026-01-01T00:00:00Z"

    static func plant(_ access: any ClusterAccess) async throws {
        for name in ["n1", "n2"] { try await access.add(.nodes, node(name)) }
        _ = try await access.create(.namespaces, KubernetesObject(.namespaces, name: "shop"))
        let web = try await access.create(.deployments, deployment("web", replicas: 2))
        var done = deployment("done", replicas: 2)
        done["status"] = [
            "observedGeneration": 1, "replicas": 2, "updatedReplicas": 2, "readyReplicas": 2, "availableReplicas": 2,
        ]
        try await access.add(.deployments, done)
        let set = try await access.create(.replicaSets, replicaSet("web-5d9", of: web))
        let agent = try await access.create(.daemonSets, daemonSet("agent"))
        try await access.add(.pods, pod("web-5d9-a", on: "n1", labels: ["app": "web"], owner: set))
        try await access.add(.pods, pod("web-5d9-b", on: "n2", labels: ["app": "web"], owner: set))
        try await access.add(.pods, pod("agent-1", on: "n1", labels: ["app": "agent"], owner: agent))
        var budget = KubernetesObject(.podDisruptionBudgets, namespace: "shop", name: "web")
        budget["spec"] = ["minAvailable": 1, "selector": ["matchLabels": ["app": "web"]]]
        budget["status"] = [
            "observedGeneration": 1, "disruptionsAllowed": 1, "currentHealthy": 2, "desiredHealthy": 1,
            "expectedPods": 2,
        ]
        try await access.add(.podDisruptionBudgets, budget)
    }

    static func node(_ name: String) -> KubernetesObject {
        var node = KubernetesObject(.nodes, name: name)
        node.labels = ["kubernetes.io/hostname": name]
        if name == "n1" { node.labels["node-role.kubernetes.io/control-plane"] = "" }
        node["status"] = [
            "conditions": [
                [
                    "type": "Ready", "status": "True", "reason": "KubeletReady",
                    "message": "kubelet is posting ready status",
                    "lastHeartbeatTime": .string(time), "lastTransitionTime": .string(time),
                ]
            ],
            "addresses": [["type": "InternalIP", "address": .string("10.89.0.\(name == "n1" ? 1 : 2)")]],
            "allocatable": ["cpu": "4", "memory": "8Gi", "pods": "110"],
            "capacity": ["cpu": "4", "memory": "8Gi", "pods": "110"],
            "nodeInfo": [
                "kubeletVersion": "v1.31.4", "osImage": "Debian GNU/Linux 12 (bookworm)",
                "kernelVersion": "6.1.0-18-amd64",
                "containerRuntimeVersion": "containerd://1.7.24", "architecture": "amd64", "operatingSystem": "linux",
                "machineID": "", "systemUUID": "", "bootID": "b", "kubeProxyVersion": "",
            ],
        ]
        return node
    }

    private static func template(_ app: String) -> JSONValue {
        [
            "metadata": ["labels": ["app": .string(app)]],
            "spec": ["containers": [["name": "main", "image": .string("registry.example/\(app):1")]]],
        ]
    }

    static func deployment(_ name: String, replicas: Int) -> KubernetesObject {
        var object = KubernetesObject(.deployments, namespace: "shop", name: name)
        object["spec"] = [
            "replicas": .integer(Int64(replicas)), "selector": ["matchLabels": ["app": .string(name)]],
            "template": template(name),
        ]
        return object
    }

    private static func replicaSet(_ name: String, of owner: KubernetesObject) -> KubernetesObject {
        var object = KubernetesObject(.replicaSets, namespace: "shop", name: name)
        object["metadata", "ownerReferences"] = [OwnerReference(controller: owner).value]
        object["spec"] = [
            "replicas": 2, "selector": ["matchLabels": ["app": "web"]], "template": template("web"),
        ]
        return object
    }

    private static func daemonSet(_ name: String) -> KubernetesObject {
        var object = KubernetesObject(.daemonSets, namespace: "shop", name: name)
        object["spec"] = ["selector": ["matchLabels": ["app": .string(name)]], "template": template(name)]
        return object
    }

    static func pod(
        _ name: String,
        on node: String?,
        labels: [String: String] = [:],
        owner: KubernetesObject? = nil,
        phase: String = "Running",
        isReady: Bool = true
    ) -> KubernetesObject {
        var pod = KubernetesObject(.pods, namespace: "shop", name: name)
        pod.labels = labels
        if let owner { pod["metadata", "ownerReferences"] = [OwnerReference(controller: owner).value] }
        pod["spec"] = ["containers": [["name": "main", "image": "registry.example/app:1"]]]
        pod["spec", "nodeName"] = node.map { .string($0) }
        pod["status"] = [
            "phase": .string(phase), "podIP": "10.244.0.9", "startTime": .string(time),
            "conditions": [
                ["type": "Ready", "status": .string(isReady ? "True" : "False"), "lastTransitionTime": .string(time)]
            ],
            "containerStatuses": [
                [
                    "name": "main", "image": "registry.example/app:1", "imageID": "", "ready": .bool(isReady),
                    "restartCount": 0, "started": true, "state": ["running": ["startedAt": .string(time)]],
                ]
            ],
        ]
        return pod
    }
}

extension ClusterAccess {
    /// Creates an object and then sets the status it comes with.
    @discardableResult
    func add(_ resource: Resource, _ object: KubernetesObject) async throws(APIStatus) -> KubernetesObject {
        var created = try await create(resource, object)
        guard let status = object["status"] else { return created }
        created["status"] = status
        return try await update(resource, created, subresource: "status")
    }

    /// Ends pods that are being deleted, as their kubelets would, until cancelled.
    func endTerminatingPods() async throws {
        while true {
            let (pods, revision) = try await list(.pods, namespace: nil)
            for pod in pods where pod.isTerminating { try await end(pod) }
            do {
                for try await event in watch(.pods, after: revision) {
                    guard case .modified(let pod) = event, pod.isTerminating else { continue }
                    try await end(pod)
                }
                return
            } catch let failure as APIStatus where failure.isExpired { continue }
        }
    }

    private func end(_ pod: KubernetesObject) async throws(APIStatus) {
        do { _ = try await delete(.pods, pod.key, gracePeriodSeconds: 0, uid: pod.uid) } catch {
            if !error.isNotFound { throw error }
        }
    }
}
