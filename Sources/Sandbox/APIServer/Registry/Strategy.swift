import KubernetesModel

/// What the server itself does to objects of a kind before it stores them: who may set the status, what counts as a
/// change of intent.
enum Strategy {
    /// Kinds whose `metadata.generation` counts the changes of what is wanted.
    private static let counted: Set<String> = [
        "Deployment", "ReplicaSet", "StatefulSet", "DaemonSet", "Job", "CronJob", "PodDisruptionBudget", "Pod",
        "ReplicationController", "Ingress", "NetworkPolicy", "HorizontalPodAutoscaler", "CustomResourceDefinition",
        "PriorityClass", "EndpointSlice", "ValidatingWebhookConfiguration", "MutatingWebhookConfiguration",
    ]

    static func countsGenerations(_ served: ServedResource) -> Bool { counted.contains(served.kind) }

    /// Whether anything but metadata and status is different.
    static func differsInIntent(_ one: KubernetesObject, _ other: KubernetesObject) -> Bool {
        if let spec = one["spec"] { return spec != other["spec"] }
        func intent(_ object: KubernetesObject) -> JSONValue {
            var value = object.value
            value["metadata"] = nil
            value["status"] = nil
            return value
        }
        return intent(one) != intent(other)
    }

    static func prepareForCreate(_ served: ServedResource, _ object: inout KubernetesObject) {
        switch served.kind {
        case "Node": break  // a kubelet registers its node with the status it has
        case "Pod":
            object["status"] = ["phase": "Pending", "qosClass": .string(qualityOfService(of: object))]
        case "Namespace":
            object["status"] = ["phase": "Active"]
            if object["spec", "finalizers"] == nil { object["spec", "finalizers"] = ["kubernetes"] }
        case "PersistentVolume", "PersistentVolumeClaim": object["status"] = ["phase": "Pending"]
        case "PodDisruptionBudget":
            object["status"] = [
                "disruptionsAllowed": 0, "currentHealthy": 0, "desiredHealthy": 0, "expectedPods": 0,
            ]
        case "Service": object["status"] = ["loadBalancer": [:]]
        case "Job":
            object["status"] = [:]
            labelJob(&object)
        default: if served.hasStatus { object["status"] = .object([:]) }
        }
    }

    static func prepareForUpdate(
        _ served: ServedResource,
        _ object: inout KubernetesObject,
        from current: KubernetesObject,
        subresource: Subresource?
    ) {
        switch subresource {
        case .status?:
            let status = object["status"]
            var metadata = object["metadata"]
            // Pods and nodes let their kubelet set labels and annotations along with the status.
            if served.kind != "Pod" && served.kind != "Node" { metadata = current["metadata"] }
            let managed = object["metadata", "managedFields"]
            object = current
            object["metadata"] = metadata
            object["metadata", "managedFields"] = managed
            object["metadata", "ownerReferences"] = current["metadata", "ownerReferences"]
            object["status"] = status
        case .finalize?:
            let finalizers = object["spec", "finalizers"]
            object = current
            object["spec", "finalizers"] = finalizers ?? []
        case .approval?:
            let status = object["status"]
            object = current
            object["status"] = status
        default:
            if served.hasStatus { object["status"] = current["status"] }
            if served.kind == "Namespace" { object["spec"] = current["spec"] }
            if served.kind == "Service", object["spec", "clusterIP"] == nil {
                object["spec", "clusterIP"] = current["spec", "clusterIP"]
                object["spec", "clusterIPs"] = current["spec", "clusterIPs"]
            }
        }
    }

    /// A Job finds its pods by the UID of the job, unless it brings a selector of its own.
    private static func labelJob(_ job: inout KubernetesObject) {
        guard job["spec", "manualSelector"]?.bool != true, job["spec", "selector"] == nil else { return }
        job["spec", "selector"] = ["matchLabels": ["batch.kubernetes.io/controller-uid": .string(job.uid)]]
        var labels = job["spec", "template", "metadata", "labels"]?.stringMap ?? [:]
        labels["batch.kubernetes.io/controller-uid"] = job.uid
        labels["batch.kubernetes.io/job-name"] = job.name
        labels["controller-uid"] = job.uid
        labels["job-name"] = job.name
        job["spec", "template", "metadata", "labels"] = JSONValue(labels)
    }

    /// `Guaranteed` when every container has limits of CPU and memory that its requests equal, `BestEffort` when none
    /// asks for anything.
    static func qualityOfService(of pod: KubernetesObject) -> String {
        let containers =
            (pod["spec", "containers"]?.array ?? []) + (pod["spec", "initContainers"]?.array ?? [])
        var asksForAnything = false
        var isGuaranteed = true
        for container in containers {
            let requests = container["resources", "requests"]?.object ?? [:]
            let limits = container["resources", "limits"]?.object ?? [:]
            for resource in ["cpu", "memory"] {
                if requests[resource] != nil || limits[resource] != nil { asksForAnything = true }
                let request = requests[resource] ?? limits[resource]
                if limits[resource] == nil || request != limits[resource] { isGuaranteed = false }
            }
        }
        return !asksForAnything ? "BestEffort" : isGuaranteed ? "Guaranteed" : "Burstable"
    }
}
