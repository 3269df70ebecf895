package import KubernetesModel
import Synchronization

/// A cluster just real enough to be drained: objects, lists, watches, and evictions that follow a script.
package final class FakeCluster: Sendable {
    /// How one eviction is answered.
    package enum Eviction: Sendable {
        case accept
        /// Marked for deletion, and there it stays.
        case acceptButStay
        case refuse(StubAnswer)
        /// The pod is replaced by one of the same name on another node, and the answer is a 429.
        case move(to: String)
    }

    private struct Watcher {
        let id: Int
        let resource: Resource
        let fields: FieldSelector
        let labels: LabelSelector
        let outlet: AsyncStream<JSONValue>.Continuation
    }

    private struct State {
        var version = 100
        var objects: [Resource: [ObjectKey: KubernetesObject]] = [:]
        var watchers: [Watcher] = []
        var scripts: [ObjectKey: [Eviction]] = [:]
        var evictions: [ObjectKey] = []
        var nextWatcher = 0
    }

    private let state = Mutex(State())

    package init() {}

    /// Pods for which an eviction or deletion was accepted, in order.
    package var evicted: [ObjectKey] { state.withLock { $0.evictions } }

    package func object(_ resource: Resource, _ key: ObjectKey) -> KubernetesObject? {
        state.withLock { $0.objects[resource]?[key] }
    }

    package func script(_ pod: ObjectKey, _ answers: Eviction...) { state.withLock { $0.scripts[pod] = answers } }

    package func put(_ resource: Resource, _ object: KubernetesObject) {
        state.withLock { Self.put(resource, object, in: &$0) }
    }

    package func remove(_ resource: Resource, _ key: ObjectKey) {
        state.withLock { Self.remove(resource, key, in: &$0) }
    }

    private static func put(_ resource: Resource, _ object: KubernetesObject, in state: inout State) {
        var object = object
        state.version += 1
        object.resourceVersion = String(state.version)
        if object.uid.isEmpty { object.uid = "uid-\(object.name)-\(state.version)" }
        let isNew = state.objects[resource]?[object.key] == nil
        state.objects[resource, default: [:]][object.key] = object
        tell(isNew ? "ADDED" : "MODIFIED", resource, object, state)
    }

    private static func remove(_ resource: Resource, _ key: ObjectKey, in state: inout State) {
        guard var object = state.objects[resource]?.removeValue(forKey: key) else { return }
        state.version += 1
        object.resourceVersion = String(state.version)
        tell("DELETED", resource, object, state)
    }

    private static func tell(_ type: String, _ resource: Resource, _ object: KubernetesObject, _ state: State) {
        for watcher in state.watchers where watcher.resource == resource {
            guard watcher.fields.matches(object), watcher.labels.matches(object) else { continue }
            watcher.outlet.yield(["type": .string(type), "object": object.value])
        }
    }

    /// Answers as the API would, as far as a drain asks.
    package func answer(_ request: StubRequest) async -> StubAnswer {
        let parts = request.path.split(separator: "/").map(String.init)
        switch (request.method, request.path) {
        case ("GET", "/api/v1"):
            return .json([
                "resources": [
                    ["name": "pods/eviction", "kind": "Eviction", "group": "policy", "version": "v1"]
                ]
            ])
        case ("GET", "/apis/policy/v1"): return .json(["kind": "APIResourceList"])
        default: break
        }
        let known: [Resource] = [.pods, .nodes, .podDisruptionBudgets, .daemonSets]
        guard let resource = known.first(where: { parts.contains($0.plural) }),
            let place = parts.firstIndex(of: resource.plural)
        else { return .status(404, "NotFound", "the server could not find the requested resource") }
        let namespace = parts.firstIndex(of: "namespaces").map { parts[$0 + 1] }
        let rest = parts[(place + 1)...]
        guard let name = rest.first else { return collection(resource, namespace, request) }
        let key = ObjectKey(namespace: namespace, name: name)
        if rest.last == "eviction" { return evict(key, request) }
        switch request.method {
        case "GET": return object(resource, key).map { .json($0.value) } ?? missing(resource, key)
        case "PATCH": return patch(resource, key, request)
        case "DELETE": return evict(key, request)
        default: return .status(405, "MethodNotAllowed", "not here")
        }
    }

    private func missing(_ resource: Resource, _ key: ObjectKey) -> StubAnswer {
        .status(404, "NotFound", "\(resource.plural) \"\(key.name)\" not found")
    }

    private func collection(_ resource: Resource, _ namespace: String?, _ request: StubRequest) -> StubAnswer {
        guard let fields = try? FieldSelector(parsing: request.query["fieldSelector"] ?? ""),
            let labels = try? LabelSelector(parsing: request.query["labelSelector"] ?? "")
        else { return .status(400, "BadRequest", "bad selector") }
        if request.isWatch { return watch(resource, fields, labels, after: request.query["resourceVersion"] ?? "") }
        return state.withLock { state in
            let items = (state.objects[resource] ?? [:]).values
                .filter { namespace == nil || $0.namespace == namespace }
                .filter { fields.matches($0) && labels.matches($0) }
                .sorted { $0.key < $1.key }
            return .json([
                "metadata": ["resourceVersion": .string(String(state.version))],
                "items": .array(items.map(\.value)),
            ])
        }
    }

    /// Changes from now on; whatever changed since the list is told by its present state.
    private func watch(
        _ resource: Resource,
        _ fields: FieldSelector,
        _ labels: LabelSelector,
        after version: String
    ) -> StubAnswer {
        let (stream, outlet) = AsyncStream.makeStream(of: JSONValue.self)
        state.withLock { state in
            if let version = Int(version), version < state.version {
                // This fake keeps no history: a client that comes late must list again.
                let status = APIStatus(code: 410, reason: "Expired", message: "too old resource version")
                outlet.yield(["type": "ERROR", "object": status.value])
                outlet.finish()
                return
            }
            state.nextWatcher += 1
            state.watchers.append(
                Watcher(id: state.nextWatcher, resource: resource, fields: fields, labels: labels, outlet: outlet)
            )
        }
        return .lines(stream)
    }

    private func patch(_ resource: Resource, _ key: ObjectKey, _ request: StubRequest) -> StubAnswer {
        state.withLock { state in
            guard var object = state.objects[resource]?[key] else { return missing(resource, key) }
            guard let patch = request.json else { return .status(400, "BadRequest", "no JSON") }
            if let version = patch["metadata", "resourceVersion"]?.string, version != object.resourceVersion {
                return .status(409, "Conflict", "the object has been modified")
            }
            object.value = Self.merged(object.value, patch)
            if request.query["dryRun"] == nil { Self.put(resource, object, in: &state) }
            return .json(object.value)
        }
    }

    private static func merged(_ value: JSONValue, _ patch: JSONValue) -> JSONValue {
        guard let members = patch.object else { return patch }
        var result = value.object == nil ? .object([:]) : value
        for (key, member) in members {
            result[key] = member.isNull ? JSONValue?.none : merged(result[key] ?? .null, member)
        }
        return result
    }

    private func evict(_ key: ObjectKey, _ request: StubRequest) -> StubAnswer {
        state.withLock { state in
            guard var pod = state.objects[.pods]?[key] else { return missing(.pods, key) }
            let options = request.method == "DELETE" ? request.json : request.json?["deleteOptions"]
            if let uid = options?["preconditions", "uid"]?.string, uid != pod.uid {
                return .status(409, "Conflict", "the UID in the precondition is not the UID of the record")
            }
            var script = state.scripts[key] ?? []
            let next = script.isEmpty ? .accept : script.removeFirst()
            state.scripts[key] = script
            switch next {
            case .refuse(let answer): return answer
            case .move(let node):
                Self.remove(.pods, key, in: &state)
                pod.uid = pod.uid + "-moved"
                pod["spec", "nodeName"] = .string(node)
                Self.put(.pods, pod, in: &state)
                return .status(429, "TooManyRequests", "Cannot evict pod as it would violate the pod's budget.")
            case .accept, .acceptButStay:
                let isDryRun = request.query["dryRun"] != nil
                if isDryRun { return .json(["kind": "Status", "status": "Success"], code: 201) }
                state.evictions.append(key)
                pod["metadata", "deletionTimestamp"] = "2026-01-01T00:00:30Z"
                Self.put(.pods, pod, in: &state)
                if case .accept = next { Self.remove(.pods, key, in: &state) }
                return .json(["kind": "Status", "status": "Success"], code: 201)
            }
        }
    }
}
