import KubernetesModel
import KubernetesVersions

/// Words the table below is written in.
extension ServedResource {
    fileprivate static func inNamespaces(
        _ version: String,
        _ plural: String,
        _ kind: String,
        _ short: String...
    ) -> Self {
        ServedResource(
            resource: Resource(version, plural, kind: kind),
            shortNames: short,
            categories: [],
            storagePath: plural,
            storedVersion: GroupVersion(apiVersion: version),
            subresources: [],
            fields: []
        )
    }

    fileprivate static func inCluster(_ version: String, _ plural: String, _ kind: String, _ short: String...) -> Self {
        var served = inNamespaces(version, plural, kind)
        served.resource.isNamespaced = false
        served.shortNames = short
        return served
    }

    fileprivate static func review(_ version: String, _ plural: String, _ kind: String) -> Self {
        inCluster(version, plural, kind).stored("")
    }

    fileprivate func with(_ subresources: Subresource...) -> Self {
        var served = self
        served.subresources = subresources
        return served
    }

    /// Is among those that `kubectl get all` shows.
    fileprivate var inAll: Self {
        var served = self
        served.categories = ["all"]
        return served
    }

    fileprivate func stored(_ path: String) -> Self {
        var served = self
        served.storagePath = path
        return served
    }

    fileprivate func selected(by fields: String...) -> Self {
        var served = self
        served.fields = Set(fields)
        return served
    }

    fileprivate func since(_ minor: Int) -> Self {
        var served = self
        served.introduced = MinorVersion(1, minor)
        return served
    }

    /// An old version of what is stored as `version`, served until `minor`.
    fileprivate func old(version: String, deprecated: Int, gone minor: Int) -> Self {
        var served = self
        served.storedVersion = GroupVersion(apiVersion: version)
        served.removed = MinorVersion(1, minor)
        served.deprecation =
            "\(resource.groupVersion) \(kind) is deprecated in v1.\(deprecated)+, unavailable in v1.\(minor)+; "
            + "use \(version) \(kind)"
        return served
    }
}

extension ServedResource {
    /// Every built-in resource the sandbox knows, of all versions, in the order of discovery.
    package static let builtIn: [ServedResource] = core + workloads + policies + access + extensions

    private static let core: [ServedResource] = [
        inNamespaces("v1", "bindings", "Binding").stored(""),
        inNamespaces("v1", "configmaps", "ConfigMap", "cm"),
        inNamespaces("v1", "endpoints", "Endpoints", "ep").stored("services/endpoints"),
        inNamespaces("v1", "events", "Event", "ev")
            .selected(
                by: "involvedObject.kind",
                "involvedObject.namespace",
                "involvedObject.name",
                "involvedObject.uid",
                "involvedObject.apiVersion",
                "involvedObject.resourceVersion",
                "involvedObject.fieldPath",
                "reason",
                "reportingComponent",
                "source",
                "type"
            ),
        inNamespaces("v1", "limitranges", "LimitRange", "limits"),
        inCluster("v1", "namespaces", "Namespace", "ns").with(.status, .finalize).selected(by: "status.phase"),
        inCluster("v1", "nodes", "Node", "no").stored("minions").with(.status, .proxy)
            .selected(by: "spec.unschedulable"),
        inNamespaces("v1", "persistentvolumeclaims", "PersistentVolumeClaim", "pvc").with(.status),
        inCluster("v1", "persistentvolumes", "PersistentVolume", "pv").with(.status),
        inNamespaces("v1", "pods", "Pod", "po").inAll
            .with(.status, .eviction, .binding, .log, .ephemeralContainers, .resize, .exec, .attach, .portForward)
            .selected(
                by: "spec.nodeName",
                "spec.restartPolicy",
                "spec.schedulerName",
                "spec.serviceAccountName",
                "spec.hostNetwork",
                "status.phase",
                "status.podIP",
                "status.podIPs",
                "status.nominatedNodeName"
            ),
        inNamespaces("v1", "podtemplates", "PodTemplate"),
        inNamespaces("v1", "replicationcontrollers", "ReplicationController", "rc").inAll.stored("controllers")
            .with(.status, .scale).selected(by: "status.replicas"),
        inNamespaces("v1", "resourcequotas", "ResourceQuota", "quota").with(.status),
        inNamespaces("v1", "secrets", "Secret").selected(by: "type"),
        inNamespaces("v1", "serviceaccounts", "ServiceAccount", "sa").with(.token),
        inNamespaces("v1", "services", "Service", "svc").inAll.stored("services/specs").with(.status)
            .selected(by: "spec.clusterIP", "spec.type"),
    ]

    private static let workloads: [ServedResource] = [
        inNamespaces("apps/v1", "controllerrevisions", "ControllerRevision"),
        inNamespaces("apps/v1", "daemonsets", "DaemonSet", "ds").inAll.with(.status),
        inNamespaces("apps/v1", "deployments", "Deployment", "deploy").inAll.with(.status, .scale),
        inNamespaces("apps/v1", "replicasets", "ReplicaSet", "rs").inAll.with(.status, .scale),
        inNamespaces("apps/v1", "statefulsets", "StatefulSet", "sts").inAll.with(.status, .scale),
        inNamespaces("batch/v1", "cronjobs", "CronJob", "cj").inAll.with(.status),
        inNamespaces("batch/v1", "jobs", "Job").inAll.with(.status).selected(by: "status.successful"),
        inNamespaces("batch/v1beta1", "cronjobs", "CronJob", "cj").inAll.with(.status)
            .old(version: "batch/v1", deprecated: 21, gone: 25),
        inNamespaces("autoscaling/v2", "horizontalpodautoscalers", "HorizontalPodAutoscaler", "hpa").inAll
            .with(.status).since(23),
    ]

    private static let policies: [ServedResource] = [
        inNamespaces("policy/v1", "poddisruptionbudgets", "PodDisruptionBudget", "pdb").with(.status),
        inNamespaces("policy/v1beta1", "poddisruptionbudgets", "PodDisruptionBudget", "pdb").with(.status)
            .old(version: "policy/v1", deprecated: 21, gone: 25),
        inNamespaces("coordination.k8s.io/v1", "leases", "Lease"),
        inCluster("scheduling.k8s.io/v1", "priorityclasses", "PriorityClass", "pc"),
        inNamespaces("discovery.k8s.io/v1", "endpointslices", "EndpointSlice"),
        inNamespaces("networking.k8s.io/v1", "ingresses", "Ingress", "ing").stored("ingress").with(.status),
        inCluster("networking.k8s.io/v1", "ingressclasses", "IngressClass"),
        inNamespaces("networking.k8s.io/v1", "networkpolicies", "NetworkPolicy", "netpol"),
    ]

    private static let access: [ServedResource] = [
        review("authentication.k8s.io/v1", "selfsubjectreviews", "SelfSubjectReview").since(28),
        review("authentication.k8s.io/v1", "tokenreviews", "TokenReview"),
        review("authorization.k8s.io/v1", "selfsubjectaccessreviews", "SelfSubjectAccessReview"),
        review("authorization.k8s.io/v1", "selfsubjectrulesreviews", "SelfSubjectRulesReview"),
        inCluster("rbac.authorization.k8s.io/v1", "clusterrolebindings", "ClusterRoleBinding"),
        inCluster("rbac.authorization.k8s.io/v1", "clusterroles", "ClusterRole"),
        inNamespaces("rbac.authorization.k8s.io/v1", "rolebindings", "RoleBinding"),
        inNamespaces("rbac.authorization.k8s.io/v1", "roles", "Role"),
        inCluster("certificates.k8s.io/v1", "certificatesigningrequests", "CertificateSigningRequest", "csr")
            .with(.status, .approval).selected(by: "spec.signerName"),
    ]

    private static let extensions: [ServedResource] = [
        inCluster("admissionregistration.k8s.io/v1", "mutatingwebhookconfigurations", "MutatingWebhookConfiguration"),
        inCluster(
            "admissionregistration.k8s.io/v1",
            "validatingwebhookconfigurations",
            "ValidatingWebhookConfiguration"
        ),
        inCluster("apiextensions.k8s.io/v1", "customresourcedefinitions", "CustomResourceDefinition", "crd", "crds")
            .stored("apiextensions.k8s.io/customresourcedefinitions").with(.status),
        inCluster("apiregistration.k8s.io/v1", "apiservices", "APIService")
            .stored("apiregistration.k8s.io/apiservices").with(.status),
        inCluster("node.k8s.io/v1", "runtimeclasses", "RuntimeClass"),
        inCluster("storage.k8s.io/v1", "csidrivers", "CSIDriver"),
        inCluster("storage.k8s.io/v1", "csinodes", "CSINode"),
        inCluster("storage.k8s.io/v1", "storageclasses", "StorageClass", "sc"),
        inCluster("storage.k8s.io/v1", "volumeattachments", "VolumeAttachment").with(.status),
    ]
}
