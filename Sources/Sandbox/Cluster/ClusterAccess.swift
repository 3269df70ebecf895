package import KubernetesModel

/// The API as the sandbox's own controllers, scheduler and kubelets use it: in process, through one emulated
/// API server or whichever of them serves. Semantics (409, 404, 410, defaults, finalizers) are those of the HTTP API.
///
/// Every call throws ``APIStatus``; an API server that is down or without quorum gives code 503 or 500.
package protocol ClusterAccess: Sendable {
    func get(_ resource: Resource, _ key: ObjectKey) async throws(APIStatus) -> KubernetesObject

    /// All objects of the resource (of one namespace, if given) and the resourceVersion they were read at.
    func list(
        _ resource: Resource,
        namespace: String?
    ) async throws(APIStatus)
        -> (items: [KubernetesObject], resourceVersion: Int64)

    /// Changes after `resourceVersion`, until cancelled; ends by throwing an ``APIStatus`` (410: list again).
    func watch(_ resource: Resource, after resourceVersion: Int64) -> AsyncThrowingStream<WatchEvent, any Error>

    func create(_ resource: Resource, _ object: KubernetesObject) async throws(APIStatus) -> KubernetesObject

    /// PUT of the whole object, or of a subresource (`status`, `scale`). With a resourceVersion it is optimistic.
    func update(
        _ resource: Resource,
        _ object: KubernetesObject,
        subresource: String?
    ) async throws(APIStatus)
        -> KubernetesObject

    /// DELETE with options; grace nil means the object's own. Returns nil once the object is gone from storage.
    func delete(
        _ resource: Resource,
        _ key: ObjectKey,
        gracePeriodSeconds: Int?,
        uid: String?
    ) async throws(APIStatus) -> KubernetesObject?

    /// POST pods/binding: puts an unscheduled pod on a node.
    func bind(pod: ObjectKey, uid: String, to node: String) async throws(APIStatus)
}
