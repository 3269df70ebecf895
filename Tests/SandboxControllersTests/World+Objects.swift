import KubernetesModel
import Sandbox

/// Objects as a person would write them.
extension World {
    /// Creates what `yaml` says, in the namespace default where it says none.
    @discardableResult
    func apply(_ yaml: String) async throws -> [KubernetesObject] {
        var created: [KubernetesObject] = []
        for var object in try YAML.objects(in: yaml) {
            let resource = try resource(of: object)
            if resource.isNamespaced, object.namespace == nil { object.namespace = "default" }
            created.append(try await access.create(resource, object))
        }
        return created
    }

    private func resource(of object: KubernetesObject) throws -> Resource {
        let known = Self.watched + [.services, .priorityClasses]
        guard let found = known.first(where: { $0.kind == object.kind }) else {
            throw NeverHappened(description: "no resource for kind \(object.kind)")
        }
        return found
    }

    /// Changes an object, again where somebody else was faster.
    @discardableResult
    func change(
        _ resource: Resource,
        _ name: String,
        namespace: String? = "default",
        subresource: String? = nil,
        _ body: (inout KubernetesObject) -> Void
    ) async throws -> KubernetesObject {
        let key = ObjectKey(namespace: resource.isNamespaced ? namespace : nil, name: name)
        while true {
            var object = try await access.get(resource, key)
            body(&object)
            do throws(APIStatus) { return try await access.update(resource, object, subresource: subresource) } catch {
                guard error.isConflict else { throw error }
            }
        }
    }

    func delete(_ resource: Resource, _ name: String, namespace: String? = "default", grace: Int? = nil) async throws {
        let key = ObjectKey(namespace: resource.isNamespaced ? namespace : nil, name: name)
        _ = try await access.delete(resource, key, gracePeriodSeconds: grace, uid: nil)
    }

    func cordon(_ node: String, _ isCordoned: Bool = true) async throws {
        try await change(.nodes, node) { $0["spec", "unschedulable"] = isCordoned ? true : nil }
    }
}

/// Manifests that differ in little.
enum Manifest {
    /// `extra` is put into the pod's spec, as flow YAML.
    static func template(_ app: String, image: String = "r.example/app:1", _ extra: String = "") -> String {
        let more = extra.isEmpty ? "" : ", \(extra)"
        return """
            {metadata: {labels: {app: \(app)}}, spec: {containers: [{name: main, image: "\(image)"}]\(more)}}
            """
    }

    static func pod(_ name: String, cpu: String = "100m", labels: String = "{}", _ extra: String = "") -> String {
        let more = extra.isEmpty ? "" : ", \(extra)"
        return """
            apiVersion: v1
            kind: Pod
            metadata: {name: \(name), labels: \(labels)}
            spec: {containers: [{name: main, image: "r.example/app:1", resources: {requests: {cpu: \(cpu)}}}]\(more)}
            """
    }

    /// `settings` is put into the workload's spec, as flow YAML.
    static func workload(
        _ kind: String,
        _ name: String,
        replicas: Int? = nil,
        image: String = "r.example/app:1",
        settings: String = "",
        pod extra: String = ""
    ) -> String {
        let count = replicas.map { ", replicas: \($0)" } ?? ""
        let more = settings.isEmpty ? "" : ", \(settings)"
        return """
            apiVersion: apps/v1
            kind: \(kind)
            metadata: {name: \(name)}
            spec: {selector: {matchLabels: {app: \(name)}}\(count)\(more), template: \(template(name, image: image, extra))}
            """
    }

    static func budget(_ name: String, _ rule: String, app: String) -> String {
        """
        apiVersion: policy/v1
        kind: PodDisruptionBudget
        metadata: {name: \(name)}
        spec: {\(rule), selector: {matchLabels: {app: \(app)}}}
        """
    }
}
