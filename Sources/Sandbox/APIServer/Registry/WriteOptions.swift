import KubernetesModel

/// What a create, an update or a patch may be asked for besides its object.
package struct WriteOptions: Sendable {
    /// Do everything but the change itself.
    package var isDryRun = false
    package var fieldManager: String?
    package var fieldValidation = FieldValidation.ignore
    /// Server-side apply: take over fields that others manage.
    package var force = false

    package enum FieldValidation: String, Sendable {
        case ignore = "Ignore"
        case warn = "Warn"
        case strict = "Strict"
    }

    package init() {}
}

/// The `DeleteOptions` of meta/v1.
package struct DeleteOptions: Sendable {
    package var gracePeriodSeconds: Int?
    /// The object must still be this one.
    package var uid: String?
    package var resourceVersion: String?
    package var propagation = Propagation.background
    package var isDryRun = false

    package enum Propagation: String, Sendable {
        case orphan = "Orphan"
        case background = "Background"
        case foreground = "Foreground"
    }

    package init(gracePeriodSeconds: Int? = nil, uid: String? = nil) {
        self.gracePeriodSeconds = gracePeriodSeconds
        self.uid = uid
    }

    /// The body of a DELETE, or the `deleteOptions` of an Eviction; nothing given means the usual.
    init(_ value: JSONValue?) throws(APIStatus) {
        guard let value else { return }
        gracePeriodSeconds = value["gracePeriodSeconds"]?.int
        uid = value["preconditions", "uid"]?.string
        resourceVersion = value["preconditions", "resourceVersion"]?.string
        if value["orphanDependents"]?.bool == true { propagation = .orphan }
        if let name = value["propagationPolicy"]?.string {
            guard let known = Propagation(rawValue: name) else {
                throw .badRequest("invalid propagationPolicy: \(name)")
            }
            propagation = known
        }
        isDryRun = value["dryRun"]?.strings.contains("All") ?? false
    }
}
