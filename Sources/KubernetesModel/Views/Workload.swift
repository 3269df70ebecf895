/// A controller of pods: Deployment, ReplicaSet, StatefulSet, DaemonSet, Job or ReplicationController.
package struct Workload: Sendable, Hashable {
    package var object: KubernetesObject

    package init(_ object: KubernetesObject) { self.object = object }

    package var kind: String { object.kind }
    package var key: ObjectKey { object.key }
    package var name: String { object.name }
    package var namespace: String { object.namespace ?? "default" }
    package var uid: String { object.uid }
    package var controller: OwnerReference? { object.controller }

    private var spec: JSONValue? { object.value["spec"] }
    private var status: JSONValue? { object.value["status"] }

    /// Replicas asked for; of a DaemonSet, nodes it should run on; of a Job, completions still to be run at once.
    package var desired: Int {
        switch kind {
        case "DaemonSet": status?["desiredNumberScheduled"]?.int ?? 0
        case "Job": spec?["parallelism"]?.int ?? 1
        default: spec?["replicas"]?.int ?? 1
        }
    }
    package var ready: Int {
        switch kind {
        case "DaemonSet": status?["numberReady"]?.int ?? 0
        case "Job": status?["ready"]?.int ?? 0
        default: status?["readyReplicas"]?.int ?? 0
        }
    }
    /// Ready for at least `minReadySeconds`.
    package var available: Int {
        switch kind {
        case "DaemonSet": status?["numberAvailable"]?.int ?? 0
        case "Job": status?["ready"]?.int ?? 0
        default: status?["availableReplicas"]?.int ?? 0
        }
    }
    package var updated: Int {
        status?[kind == "DaemonSet" ? "updatedNumberScheduled" : "updatedReplicas"]?.int ?? 0
    }
    package var observedGeneration: Int64 { status?["observedGeneration"]?.integer ?? 0 }

    /// A Job that has run to its end, well or not.
    package var isFinished: Bool {
        kind == "Job" && object.conditions.contains { ($0.type == "Complete" || $0.type == "Failed") && $0.isTrue }
    }
    /// Its controller has seen the present spec and as many pods are available as were asked for.
    package var isFullyAvailable: Bool {
        if kind == "Job" { return true }
        return observedGeneration >= object.generation && available >= desired
    }

    /// Chooses its pods; a ReplicationController's is a plain map of labels.
    package var selector: LabelSelector {
        if kind == "ReplicationController" { return LabelSelector(matching: spec?["selector"]?.stringMap ?? [:]) }
        return LabelSelector(spec?["selector"])
    }
    package var template: JSONValue { spec?["template"] ?? .object([:]) }
}
