import KubernetesModel

/// The values the API server fills in where an object leaves them open. Applying them twice changes nothing.
enum Defaults {
    static func apply(to object: inout KubernetesObject) {
        switch object.kind {
        case "Pod": if object["spec"] != nil { podSpec(&object.value["spec"]) }
        case "Deployment": deployment(&object)
        case "ReplicaSet", "ReplicationController":
            fill(&object, ["spec", "replicas"], 1)
            template(&object)
        case "StatefulSet": statefulSet(&object)
        case "DaemonSet": daemonSet(&object)
        case "Job": job(&object.value["spec"])
        case "CronJob": cronJob(&object)
        case "Service": service(&object)
        case "Secret": secret(&object)
        case "Namespace": fill(&object, ["metadata", "labels", "kubernetes.io/metadata.name"], .string(object.name))
        case "PriorityClass": fill(&object, ["preemptionPolicy"], "PreemptLowerPriority")
        case "StorageClass":
            fill(&object, ["reclaimPolicy"], "Delete")
            fill(&object, ["volumeBindingMode"], "Immediate")
        case "PersistentVolume":
            fill(&object, ["spec", "persistentVolumeReclaimPolicy"], "Retain")
            fill(&object, ["spec", "volumeMode"], "Filesystem")
        case "PersistentVolumeClaim": fill(&object, ["spec", "volumeMode"], "Filesystem")
        default: break
        }
    }

    private static func fill(_ object: inout KubernetesObject, _ path: [String], _ value: JSONValue) {
        fill(&object.value, path, value)
    }

    private static func fill(_ value: inout JSONValue, _ path: [String], _ standard: JSONValue) {
        if value[path: path] == nil || value[path: path]?.isNull == true { value[path: path] = standard }
    }

    // MARK: Workloads

    private static func deployment(_ object: inout KubernetesObject) {
        fill(&object, ["spec", "replicas"], 1)
        fill(&object, ["spec", "revisionHistoryLimit"], 10)
        fill(&object, ["spec", "progressDeadlineSeconds"], 600)
        fill(&object, ["spec", "strategy", "type"], "RollingUpdate")
        if object["spec", "strategy", "type"] == "RollingUpdate" {
            fill(&object, ["spec", "strategy", "rollingUpdate", "maxUnavailable"], "25%")
            fill(&object, ["spec", "strategy", "rollingUpdate", "maxSurge"], "25%")
        }
        template(&object)
    }

    private static func statefulSet(_ object: inout KubernetesObject) {
        fill(&object, ["spec", "replicas"], 1)
        fill(&object, ["spec", "revisionHistoryLimit"], 10)
        fill(&object, ["spec", "podManagementPolicy"], "OrderedReady")
        fill(&object, ["spec", "updateStrategy", "type"], "RollingUpdate")
        if object["spec", "updateStrategy", "type"] == "RollingUpdate" {
            fill(&object, ["spec", "updateStrategy", "rollingUpdate", "partition"], 0)
        }
        fill(&object, ["spec", "persistentVolumeClaimRetentionPolicy", "whenDeleted"], "Retain")
        fill(&object, ["spec", "persistentVolumeClaimRetentionPolicy", "whenScaled"], "Retain")
        template(&object)
    }

    private static func daemonSet(_ object: inout KubernetesObject) {
        fill(&object, ["spec", "revisionHistoryLimit"], 10)
        fill(&object, ["spec", "updateStrategy", "type"], "RollingUpdate")
        if object["spec", "updateStrategy", "type"] == "RollingUpdate" {
            fill(&object, ["spec", "updateStrategy", "rollingUpdate", "maxUnavailable"], 1)
            fill(&object, ["spec", "updateStrategy", "rollingUpdate", "maxSurge"], 0)
        }
        template(&object)
    }

    private static func job(_ spec: inout JSONValue?) {
        guard var job = spec else { return }
        spec = nil
        if job["completions"] == nil && job["parallelism"] == nil { job["completions"] = 1 }
        fill(&job, ["parallelism"], 1)
        fill(&job, ["backoffLimit"], 6)
        fill(&job, ["completionMode"], "NonIndexed")
        fill(&job, ["suspend"], false)
        fill(&job, ["podReplacementPolicy"], "TerminatingOrFailed")
        if job["template", "spec"] != nil {
            var template = job["template", "spec"]
            podSpec(&template)
            job["template", "spec"] = template
        }
        spec = job
    }

    private static func cronJob(_ object: inout KubernetesObject) {
        fill(&object, ["spec", "concurrencyPolicy"], "Allow")
        fill(&object, ["spec", "suspend"], false)
        fill(&object, ["spec", "successfulJobsHistoryLimit"], 3)
        fill(&object, ["spec", "failedJobsHistoryLimit"], 1)
    }

    private static func template(_ object: inout KubernetesObject) {
        guard var spec = object["spec", "template", "spec"] else { return }
        fill(&spec, ["restartPolicy"], "Always")
        var defaulted: JSONValue? = spec
        podSpec(&defaulted)
        if defaulted != object["spec", "template", "spec"] { object["spec", "template", "spec"] = defaulted }
    }

    // MARK: Pods

    private static func podSpec(_ optional: inout JSONValue?) {
        guard var spec = optional else { return }
        optional = nil
        fill(&spec, ["restartPolicy"], "Always")
        fill(&spec, ["terminationGracePeriodSeconds"], 30)
        fill(&spec, ["dnsPolicy"], "ClusterFirst")
        fill(&spec, ["schedulerName"], "default-scheduler")
        fill(&spec, ["securityContext"], [:])
        if let account = spec["serviceAccountName"] { spec["serviceAccount"] = account }
        for list in ["containers", "initContainers"] {
            guard let containers = spec[list]?.array else { continue }
            spec[list] = .array(containers.map { container($0, usesHostNetwork: spec["hostNetwork"]?.bool == true) })
        }
        if let volumes = spec["volumes"]?.array { spec["volumes"] = .array(volumes.map(volume)) }
        optional = spec
    }

    private static func container(_ given: JSONValue, usesHostNetwork: Bool) -> JSONValue {
        var container = given
        fill(&container, ["terminationMessagePath"], "/dev/termination-log")
        fill(&container, ["terminationMessagePolicy"], "File")
        fill(&container, ["resources"], [:])
        fill(&container, ["imagePullPolicy"], .string(pullPolicy(of: container["image"]?.string ?? "")))
        if let ports = container["ports"]?.array {
            container["ports"] = .array(
                ports.map { given in
                    var port = given
                    fill(&port, ["protocol"], "TCP")
                    if usesHostNetwork, let number = port["containerPort"] { fill(&port, ["hostPort"], number) }
                    return port
                }
            )
        }
        for probe in ["livenessProbe", "readinessProbe", "startupProbe"] where container[probe] != nil {
            fill(&container, [probe, "timeoutSeconds"], 1)
            fill(&container, [probe, "periodSeconds"], 10)
            fill(&container, [probe, "successThreshold"], 1)
            fill(&container, [probe, "failureThreshold"], 3)
            if container[probe, "httpGet"] != nil {
                fill(&container, [probe, "httpGet", "scheme"], "HTTP")
                fill(&container, [probe, "httpGet", "path"], "/")
            }
        }
        if let limits = container["resources", "limits"]?.object {
            for (name, limit) in limits { fill(&container, ["resources", "requests", name], limit) }
        }
        return container
    }

    private static func pullPolicy(of image: String) -> String {
        let last = image.split(separator: "/").last ?? ""
        let hasTag = last.contains(":") || last.contains("@")
        return !hasTag || last.hasSuffix(":latest") ? "Always" : "IfNotPresent"
    }

    private static func volume(_ given: JSONValue) -> JSONValue {
        var volume = given
        for kind in ["secret", "configMap", "projected", "downwardAPI"] where volume[kind] != nil {
            fill(&volume, [kind, "defaultMode"], 420)
        }
        if volume["hostPath"] != nil { fill(&volume, ["hostPath", "type"], "") }
        return volume
    }

    // MARK: Others

    private static func service(_ object: inout KubernetesObject) {
        fill(&object, ["spec", "type"], "ClusterIP")
        fill(&object, ["spec", "sessionAffinity"], "None")
        fill(&object, ["spec", "internalTrafficPolicy"], "Cluster")
        fill(&object, ["spec", "ipFamilyPolicy"], "SingleStack")
        fill(&object, ["spec", "ipFamilies"], ["IPv4"])
        guard let ports = object["spec", "ports"]?.array else { return }
        object["spec", "ports"] = .array(
            ports.map { given in
                var port = given
                fill(&port, ["protocol"], "TCP")
                if let number = port["port"] { fill(&port, ["targetPort"], number) }
                return port
            }
        )
    }

    private static func secret(_ object: inout KubernetesObject) {
        fill(&object, ["type"], "Opaque")
        guard let texts = object["stringData"]?.object else { return }
        for (name, text) in texts {
            object[path: ["data", name]] = .string(Base64.text((text.string ?? "").utf8))
        }
        object["stringData"] = nil
    }
}
