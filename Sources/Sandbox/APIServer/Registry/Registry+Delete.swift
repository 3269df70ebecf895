import Foundation
package import KubernetesModel

/// What came of a DELETE.
package enum DeleteOutcome: Sendable {
    /// The object is gone; its last state.
    case removed(CachedObject)
    /// It stays until a kubelet or its finalizers are done.
    case terminating(CachedObject)
}

extension Registry {
    package func delete(
        _ served: ServedResource,
        _ key: ObjectKey,
        options: DeleteOptions = DeleteOptions()
    ) async throws(APIStatus) -> DeleteOutcome {
        for _ in 0..<Self.attempts {
            let current = try await get(served, key)
            let object = current.object
            try check(options, served, object)
            let marked = markedForDeletion(served, object, options)
            if options.isDryRun {
                return marked == nil ? .removed(current) : .terminating(current)
            }
            guard let marked else {
                if let last = try await remove(served, current) { return .removed(last) }
                continue
            }
            if marked == object { return .terminating(current) }
            if let written = try await store(served, marked, expected: current.revision) {
                return .terminating(written)
            }
        }
        throw .conflict(served.resource, key.name)
    }

    private func check(_ options: DeleteOptions, _ served: ServedResource, _ object: KubernetesObject) throws(APIStatus)
    {
        if let uid = options.uid, uid != object.uid {
            throw .conflict(
                served.resource,
                object.name,
                "the UID in the precondition (\(uid)) does not match the UID in record (\(object.uid)). "
                    + "The object might have been deleted and then recreated"
            )
        }
        if let revision = options.resourceVersion, revision != object.resourceVersion {
            throw .conflict(
                served.resource,
                object.name,
                "the ResourceVersion in the precondition (\(revision)) does not match the ResourceVersion in record "
                    + "(\(object.resourceVersion ?? "")). The object might have been modified"
            )
        }
    }

    /// The object as it stands while it waits for its end; nil when it may go at once.
    private func markedForDeletion(
        _ served: ServedResource,
        _ object: KubernetesObject,
        _ options: DeleteOptions
    ) -> KubernetesObject? {
        var marked = object
        var finalizers = Set(object.finalizers)
        switch options.propagation {
        case .foreground: finalizers.insert("foregroundDeletion")
        case .orphan: finalizers.insert("orphan")
        case .background: break
        }
        if !object.isTerminating, finalizers != Set(object.finalizers) {
            marked.finalizers = object.finalizers + finalizers.subtracting(object.finalizers).sorted()
        }
        let grace = served.resource == .pods ? Self.gracePeriod(of: object, asked: options.gracePeriodSeconds) : 0
        let left = object.isTerminating ? object["metadata", "deletionGracePeriodSeconds"]?.int : nil
        if let left, grace >= left, left > 0 { return object }  // a repeated delete may only shorten the wait

        let mustWait =
            grace > 0 || !marked.finalizers.isEmpty
            || (served.kind == "Namespace" && object["spec", "finalizers"]?.array?.isEmpty == false)
        guard mustWait else { return nil }
        if !object.isTerminating || (left ?? 0) > grace {
            marked["metadata", "deletionTimestamp"] =
                .string(Timestamp.string(from: now().addingTimeInterval(Double(grace))))
            marked["metadata", "deletionGracePeriodSeconds"] = .integer(Int64(grace))
            if Strategy.countsGenerations(served) { marked.generation += 1 }
        }
        if served.kind == "Namespace" { marked["status", "phase"] = "Terminating" }
        return marked
    }

    /// How long a pod may take to end: what was asked, else its own; none where no kubelet has it or it has ended.
    static func gracePeriod(of pod: KubernetesObject, asked: Int?) -> Int {
        let phase = pod["status", "phase"]?.string ?? ""
        if (pod["spec", "nodeName"]?.string ?? "").isEmpty || phase == "Succeeded" || phase == "Failed" { return 0 }
        let period = asked ?? pod["spec", "terminationGracePeriodSeconds"]?.int ?? 30
        return period < 0 ? 1 : period
    }
}
