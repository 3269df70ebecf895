import Foundation
package import KubernetesModel

extension Registry {
    /// POST: a new object, named, defaulted and checked.
    package func create(
        _ served: ServedResource,
        namespace: String?,
        _ given: KubernetesObject,
        options: WriteOptions = WriteOptions()
    ) async throws(APIStatus) -> CachedObject {
        let object = try await newObject(served, namespace: namespace, given)
        if options.isDryRun {
            if try await find(served, object.key) != nil { throw .alreadyExists(served.resource, object.name) }
            return CachedObject(key: object.key.description, revision: 0, object: object)
        }
        guard let written = try await store(served, object, expected: 0) else {
            throw .alreadyExists(served.resource, object.name)
        }
        return written
    }

    /// The object a POST would store.
    private func newObject(
        _ served: ServedResource,
        namespace: String?,
        _ given: KubernetesObject
    ) async throws(APIStatus) -> KubernetesObject {
        var object = given
        try checkType(served, object)
        object["apiVersion"] = .string(served.storedVersion.description)
        object["kind"] = .string(served.kind)
        if object.resourceVersion != nil {
            throw .badRequest("resourceVersion should not be set on objects to be created")
        }
        try await settle(namespace: namespace, of: &object, served)
        if object.name.isEmpty, let base = object["metadata", "generateName"]?.string, !base.isEmpty {
            object.name = Self.generatedName(base)
        }
        object.uid = UUID().uuidString.lowercased()
        object["metadata", "creationTimestamp"] = .string(timestamp)
        object["metadata", "deletionTimestamp"] = nil
        object["metadata", "deletionGracePeriodSeconds"] = nil
        object["metadata", "selfLink"] = nil
        object["metadata", "generation"] = nil
        if Strategy.countsGenerations(served) { object.generation = 1 }
        Defaults.apply(to: &object)
        Strategy.prepareForCreate(served, &object)
        if served.resource == .pods { try await admit(pod: &object) }
        if served.resource == .services { try await allocateAddress(&object) }
        try Validation.check(served, object)
        return object
    }

    private func checkType(_ served: ServedResource, _ object: KubernetesObject) throws(APIStatus) {
        let kind = object.kind
        let version = object.apiVersion
        guard kind.isEmpty || kind == served.kind,
            version.isEmpty || version == served.resource.groupVersion.description
        else {
            throw .badRequest(
                "the object provided is unrecognized (must be of type \(served.kind)): "
                    + "it is a \(kind) of \(version.isEmpty ? "no version" : version)"
            )
        }
    }

    /// Fills in the URL's namespace, and refuses one that is missing, going away or another.
    private func settle(
        namespace: String?,
        of object: inout KubernetesObject,
        _ served: ServedResource
    ) async throws(APIStatus) {
        guard served.isNamespaced else {
            object.namespace = nil
            return
        }
        let namespace = namespace ?? object.namespace ?? "default"
        if let own = object.namespace, own != namespace {
            throw .badRequest(
                "the namespace of the provided object does not match the namespace sent on the request"
            )
        }
        object.namespace = namespace
        guard let servedNamespaces = catalog.resource(.namespaces) else { return }
        let cached = cache.get(servedNamespaces.storagePath, namespace)
        let found: CachedObject?
        if let cached { found = cached } else { found = try await find(servedNamespaces, ObjectKey(name: namespace)) }
        guard let found else { throw .notFound(.namespaces, namespace) }
        // Events may still tell of the end; everything else is refused.
        if found.object.isTerminating, served.resource != .events {
            throw .forbidden(
                served.resource,
                name: object.name,
                "unable to create new content in namespace \(namespace) because it is being terminated",
                causes: [
                    [
                        "reason": "NamespaceTerminating",
                        "message": .string("namespace \(namespace) is being terminated"),
                        "field": "metadata.namespace",
                    ]
                ]
            )
        }
    }

    /// `web-` becomes `web-x7k2p`: five characters without vowels, so that no words come out.
    static func generatedName(_ base: String) -> String {
        let alphabet = Array("bcdfghjklmnpqrstvwxz2456789")
        let suffix = (0..<5).compactMap { _ in alphabet.randomElement() }
        return base.prefix(58) + String(suffix)
    }

    /// Priority and the tolerations that admission plug-ins give every pod.
    private func admit(pod: inout KubernetesObject) async throws(APIStatus) {
        try await admitPriority(&pod)
        guard pod.annotations["kubernetes.io/config.mirror"] == nil else { return }
        var tolerations = pod["spec", "tolerations"]?.array ?? []
        for key in ["node.kubernetes.io/not-ready", "node.kubernetes.io/unreachable"] {
            let isTolerated = tolerations.contains { toleration in
                let effect = toleration["effect"]?.string ?? ""
                let tolerated = toleration["key"]?.string ?? ""
                return (tolerated == key || tolerated.isEmpty) && (effect == "NoExecute" || effect.isEmpty)
            }
            if isTolerated { continue }
            tolerations.append([
                "key": .string(key), "operator": "Exists", "effect": "NoExecute", "tolerationSeconds": 300,
            ])
        }
        pod["spec", "tolerations"] = .array(tolerations)
        if pod["spec", "serviceAccountName"] == nil { pod["spec", "serviceAccountName"] = "default" }
        pod["spec", "serviceAccount"] = pod["spec", "serviceAccountName"]
    }

    private func admitPriority(_ pod: inout KubernetesObject) async throws(APIStatus) {
        guard let classes = catalog.resource(.priorityClasses) else { return }
        var priority: Int64 = 0
        var policy: JSONValue = "PreemptLowerPriority"
        if let name = pod["spec", "priorityClassName"]?.string, !name.isEmpty {
            guard let found = try await find(classes, ObjectKey(name: name)) else {
                throw .forbidden(.pods, name: pod.name, "no PriorityClass with name \(name) was found")
            }
            priority = found.object["value"]?.integer ?? 0
            policy = found.object["preemptionPolicy"] ?? policy
        } else if let standard = cache.list(classes.storagePath, namespace: nil).objects
            .first(where: { $0.object["globalDefault"]?.bool == true })
        {
            pod["spec", "priorityClassName"] = .string(standard.object.name)
            priority = standard.object["value"]?.integer ?? 0
            policy = standard.object["preemptionPolicy"] ?? policy
        }
        pod["spec", "priority"] = .integer(priority)
        pod["spec", "preemptionPolicy"] = policy
    }

    /// Gives a service an address of 10.96.0.0/16 that no other has.
    private func allocateAddress(_ service: inout KubernetesObject) async throws(APIStatus) {
        guard service["spec", "type"]?.string != "ExternalName", let services = catalog.resource(.services) else {
            return
        }
        if let address = service["spec", "clusterIP"]?.string, !address.isEmpty {
            service["spec", "clusterIPs"] = [.string(address)]
            return
        }
        let others = cache.list(services.storagePath, namespace: nil).objects
        let taken = Set(others.compactMap { $0.object["spec", "clusterIP"]?.string })
        for _ in 0..<1000 {
            let address = "10.96.\(Int.random(in: 1...255)).\(Int.random(in: 1...254))"
            guard !taken.contains(address) else { continue }
            service["spec", "clusterIP"] = .string(address)
            service["spec", "clusterIPs"] = [.string(address)]
            return
        }
        throw .internalError("failed to allocate a serviceIP: range is full")
    }
}
