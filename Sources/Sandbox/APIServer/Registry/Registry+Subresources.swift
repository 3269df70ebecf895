package import KubernetesModel

extension Registry {
    /// POST pods/binding: puts an unscheduled pod on a node.
    package func bind(
        _ served: ServedResource,
        _ key: ObjectKey,
        uid: String,
        to node: String,
        dryRun: Bool = false
    ) async throws(APIStatus) {
        let time = timestamp
        _ = try await change(served, key, dryRun: dryRun) { current throws(APIStatus) in
            if !uid.isEmpty, uid != current.uid {
                throw .conflict(
                    served.resource,
                    key.name,
                    "Precondition failed: UID in precondition: \(uid), UID in object meta: \(current.uid)"
                )
            }
            if current.isTerminating {
                throw .conflict(
                    served.resource,
                    key.name,
                    "pod \(key.name) is being deleted, cannot be assigned to a host"
                )
            }
            if let present = current["spec", "nodeName"]?.string, !present.isEmpty {
                throw .conflict(
                    served.resource,
                    key.name,
                    "pod \(key.name) is already assigned to node \"\(present)\""
                )
            }
            var pod = current
            pod["spec", "nodeName"] = .string(node)
            Conditions.set(
                [
                    "type": "PodScheduled", "status": "True", "lastProbeTime": .null,
                    "lastTransitionTime": .string(time),
                ],
                in: &pod
            )
            return pod
        }
    }

    /// The `Scale` of a workload.
    package func scale(of object: KubernetesObject) -> KubernetesObject {
        var metadata: [String: JSONValue] = [:]
        for field in ["name", "namespace", "uid", "resourceVersion", "creationTimestamp"] {
            metadata[field] = object["metadata", field]
        }
        var status: JSONValue = ["replicas": object["status", "replicas"] ?? 0]
        if let labels = object["spec", "selector", "matchLabels"]?.stringMap, !labels.isEmpty {
            let pairs = labels.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
            status["selector"] = .string(pairs.joined(separator: ","))
        }
        return KubernetesObject([
            "apiVersion": "autoscaling/v1", "kind": "Scale", "metadata": .object(metadata),
            "spec": ["replicas": object["spec", "replicas"] ?? 0], "status": status,
        ])
    }

    /// PUT of a workload's `Scale`: sets its replicas and nothing else.
    package func setScale(
        _ served: ServedResource,
        _ key: ObjectKey,
        _ scale: KubernetesObject,
        dryRun: Bool = false
    ) async throws(APIStatus) -> CachedObject {
        try await change(served, key, dryRun: dryRun) { current throws(APIStatus) in
            try scaled(served, current, by: scale)
        }
    }
}

/// `status.conditions`, which hold one entry a type.
enum Conditions {
    static func set(_ condition: JSONValue, in object: inout KubernetesObject) {
        var conditions = object["status", "conditions"]?.array ?? []
        if let index = conditions.firstIndex(where: { $0["type"] == condition["type"] }) {
            conditions[index] = condition
        } else {
            conditions.append(condition)
        }
        object["status", "conditions"] = .array(conditions)
    }
}
