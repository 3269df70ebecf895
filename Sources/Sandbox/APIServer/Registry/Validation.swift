import KubernetesModel

/// The checks of the API server that people and tools run into, in its words (422).
enum Validation {
    private typealias Problem = (field: String, message: String, reason: String)

    static func check(_ served: ServedResource, _ object: KubernetesObject) throws(APIStatus) {
        var problems: [Problem] = []
        checkName(served, object, &problems)
        switch served.kind {
        case "Pod": checkPod(object["spec"] ?? [:], at: "spec", &problems)
        case "Deployment", "ReplicaSet", "StatefulSet", "DaemonSet": checkWorkload(object, &problems)
        case "Job":
            checkPod(object["spec", "template", "spec"] ?? [:], at: "spec.template.spec", &problems)
            let policy = object["spec", "template", "spec", "restartPolicy"]?.string ?? ""
            if policy != "OnFailure" && policy != "Never" {
                problems.append(
                    (
                        "spec.template.spec.restartPolicy",
                        "Required value: valid values: \"OnFailure\", \"Never\"", "FieldValueRequired"
                    )
                )
            }
        case "PodDisruptionBudget":
            if object["spec", "minAvailable"] != nil && object["spec", "maxUnavailable"] != nil {
                problems.append(
                    (
                        "spec", "Invalid value: minAvailable and maxUnavailable cannot be both set", "FieldValueInvalid"
                    )
                )
            }
        default: break
        }
        if let replicas = object["spec", "replicas"]?.integer, replicas < 0 {
            problems.append(
                (
                    "spec.replicas", "Invalid value: \(replicas): must be greater than or equal to 0",
                    "FieldValueInvalid"
                )
            )
        }
        try refuse(served, object, problems)
    }

    static func checkUpdate(
        _ served: ServedResource,
        _ object: KubernetesObject,
        from current: KubernetesObject,
        subresource: Subresource?
    ) throws(APIStatus) {
        var problems: [Problem] = []
        switch served.kind {
        case "Pod" where subresource == nil:
            if mutable(object["spec"]) != mutable(current["spec"]) {
                problems.append(
                    (
                        "spec",
                        "Forbidden: pod updates may not change fields other than `spec.containers[*].image`,"
                            + "`spec.initContainers[*].image`,`spec.activeDeadlineSeconds`,`spec.tolerations` "
                            + "(only additions to existing tolerations),`spec.terminationGracePeriodSeconds` "
                            + "(allow it to be set to 1 if it was previously negative)",
                        "FieldValueForbidden"
                    )
                )
            }
        case "Deployment", "ReplicaSet", "StatefulSet", "DaemonSet":
            if object["spec", "selector"] != current["spec", "selector"] {
                problems.append(("spec.selector", "Invalid value: field is immutable", "FieldValueInvalid"))
            }
        case "ConfigMap", "Secret":
            if current["immutable"]?.bool == true, object["data"] != current["data"] {
                problems.append(
                    ("data", "Forbidden: field is immutable when `immutable` is set", "FieldValueForbidden")
                )
            }
        default: break
        }
        try refuse(served, object, problems)
    }

    private static func refuse(
        _ served: ServedResource,
        _ object: KubernetesObject,
        _ problems: [Problem]
    ) throws(APIStatus) {
        guard !problems.isEmpty else { return }
        throw .invalid(GroupVersionKind(served.resource.groupVersion, served.kind), name: object.name, problems)
    }

    /// A pod's spec without what may still change once it exists.
    private static func mutable(_ spec: JSONValue?) -> JSONValue {
        var spec = spec ?? [:]
        for field in ["activeDeadlineSeconds", "tolerations", "terminationGracePeriodSeconds", "schedulingGates"] {
            spec[field] = nil
        }
        for list in ["containers", "initContainers"] {
            guard let containers = spec[list]?.array else { continue }
            spec[list] = .array(
                containers.map { given in
                    var container = given
                    container["image"] = nil
                    return container
                }
            )
        }
        return spec
    }

    // MARK: Parts

    private static func checkName(
        _ served: ServedResource,
        _ object: KubernetesObject,
        _ problems: inout [Problem]
    ) {
        let name = object.name
        if name.isEmpty {
            problems.append(
                ("metadata.name", "Required value: name or generateName is required", "FieldValueRequired")
            )
            return
        }
        let isPath = served.resource.groupVersion.group == "rbac.authorization.k8s.io"
        if isPath ? name.contains("/") || name.contains("%") : !isSubdomain(name) {
            problems.append(
                (
                    "metadata.name",
                    "Invalid value: \"\(name)\": a lowercase RFC 1123 subdomain must consist of lower case "
                        + "alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character "
                        + "(e.g. 'example.com', regex used for validation is "
                        + "'[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')",
                    "FieldValueInvalid"
                )
            )
        }
    }

    /// RFC 1123: dot-separated labels of lower-case letters, digits and inner hyphens, 253 characters at most.
    static func isSubdomain(_ name: String) -> Bool {
        guard name.utf8.count <= 253 else { return false }
        var previous = UInt8(ascii: ".")
        for byte in name.utf8 {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"): break
            case UInt8(ascii: "-"): if previous == UInt8(ascii: ".") { return false }
            case UInt8(ascii: "."):
                if previous == UInt8(ascii: ".") || previous == UInt8(ascii: "-") { return false }
            default: return false
            }
            previous = byte
        }
        return previous != UInt8(ascii: ".") && previous != UInt8(ascii: "-")
    }

    private static func checkPod(_ spec: JSONValue, at path: String, _ problems: inout [Problem]) {
        let containers = spec["containers"]?.array ?? []
        if containers.isEmpty { problems.append(("\(path).containers", "Required value", "FieldValueRequired")) }
        var names: Set<String> = []
        for (index, container) in containers.enumerated() {
            let name = container["name"]?.string ?? ""
            if name.isEmpty {
                problems.append(("\(path).containers[\(index)].name", "Required value", "FieldValueRequired"))
            } else if !names.insert(name).inserted {
                problems.append(
                    ("\(path).containers[\(index)].name", "Duplicate value: \"\(name)\"", "FieldValueDuplicate")
                )
            }
            if (container["image"]?.string ?? "").isEmpty {
                problems.append(("\(path).containers[\(index)].image", "Required value", "FieldValueRequired"))
            }
        }
    }

    private static func checkWorkload(_ object: KubernetesObject, _ problems: inout [Problem]) {
        checkPod(object["spec", "template", "spec"] ?? [:], at: "spec.template.spec", &problems)
        guard let selector = object["spec", "selector"] else {
            problems.append(("spec.selector", "Required value", "FieldValueRequired"))
            return
        }
        let labels = object["spec", "template", "metadata", "labels"] ?? [:]
        if !LabelSelector(selector).matches(labels.stringMap) {
            problems.append(
                (
                    "spec.template.metadata.labels",
                    "Invalid value: \(labels.text): `selector` does not match template `labels`", "FieldValueInvalid"
                )
            )
        }
    }
}
