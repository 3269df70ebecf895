import KubernetesModel

/// Fields that a built-in kind does not have, as strict field validation reports them.
enum UnknownFields {
    /// `unknown field "spec.foo"`, for what stands beside the fields every object has. (Deeper levels are not checked.)
    static func problems(in object: KubernetesObject) -> [String] {
        guard let known = topLevel[object.kind] else { return [] }
        let unknown = (object.value.object ?? [:]).keys.filter { !known.contains($0) && !common.contains($0) }
        return unknown.sorted().map { "unknown field \"\($0)\"" }
    }

    private static let common: Set<String> = ["apiVersion", "kind", "metadata"]
    private static let usual: Set<String> = ["spec", "status"]

    private static let topLevel: [String: Set<String>] = [
        "Pod": usual, "Node": usual, "Namespace": usual, "Service": usual, "Deployment": usual, "ReplicaSet": usual,
        "StatefulSet": usual, "DaemonSet": usual, "Job": usual, "CronJob": usual, "PodDisruptionBudget": usual,
        "Lease": ["spec"], "ConfigMap": ["data", "binaryData", "immutable"],
        "Secret": ["data", "stringData", "type", "immutable"],
        "PriorityClass": ["value", "globalDefault", "description", "preemptionPolicy"],
    ]
}
