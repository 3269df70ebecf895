import KubernetesClient
import KubernetesModel
import Placement
import StubAPI

@testable import Draining

/// A running, ready pod of a ReplicaSet on worker-1, changed as the test needs it.
func pod(_ name: String, in namespace: String = "shop", _ changes: (inout KubernetesObject) -> Void = { _ in }) -> Pod {
    var object = KubernetesObject(.pods, namespace: namespace, name: name)
    object.uid = "uid-\(name)"
    object.labels = ["app": "web"]
    object["metadata", "ownerReferences"] = [
        ["apiVersion": "apps/v1", "kind": "ReplicaSet", "name": "web", "uid": "rs", "controller": true]
    ]
    object["spec", "nodeName"] = "worker-1"
    object["status", "phase"] = "Running"
    object["status", "conditions"] = [["type": "Ready", "status": "True"]]
    changes(&object)
    return Pod(object)
}

func owned(by kind: String, _ name: String, uid: String = "owner") -> (inout KubernetesObject) -> Void {
    {
        $0["metadata", "ownerReferences"] = [
            [
                "apiVersion": .string(kind == "Job" ? "batch/v1" : "apps/v1"), "kind": .string(kind),
                "name": .string(name), "uid": .string(uid), "controller": true,
            ]
        ]
    }
}

func unmanaged(_ object: inout KubernetesObject) { object["metadata", "ownerReferences"] = nil }
func withEmptyDir(_ object: inout KubernetesObject) { object["spec", "volumes"] = [["name": "v", "emptyDir": [:]]] }
func finished(_ object: inout KubernetesObject) { object["status", "phase"] = "Succeeded" }
func unready(_ object: inout KubernetesObject) {
    object["status", "conditions"] = [["type": "Ready", "status": "False"]]
}

func budget(
    _ name: String,
    minAvailable: JSONValue,
    allowed: Int = 0,
    healthy: Int = 2,
    desired: Int = 2
) -> PodDisruptionBudget {
    var object = KubernetesObject(.podDisruptionBudgets, namespace: "shop", name: name)
    object.uid = "uid-\(name)"
    object["spec", "minAvailable"] = minAvailable
    object["spec", "selector"] = ["matchLabels": ["app": "web"]]
    object["status", "disruptionsAllowed"] = .integer(Int64(allowed))
    object["status", "currentHealthy"] = .integer(Int64(healthy))
    object["status", "desiredHealthy"] = .integer(Int64(desired))
    return PodDisruptionBudget(object)
}

func node(_ name: String, isReady: Bool = true, cpu: String = "4") -> Node {
    var object = KubernetesObject(.nodes, name: name)
    object.uid = "uid-\(name)"
    object.labels = ["kubernetes.io/hostname": name]
    object["status", "conditions"] = [["type": "Ready", "status": isReady ? "True" : "Unknown"]]
    object["status", "allocatable"] = ["cpu": .string(cpu), "memory": "8Gi", "pods": "110"]
    return Node(object)
}

func workload(_ resource: Resource, _ name: String, uid: String, replicas: Int) -> Workload {
    var object = KubernetesObject(resource, namespace: "shop", name: name)
    object.uid = uid
    object["spec", "replicas"] = .integer(Int64(replicas))
    return Workload(object)
}
