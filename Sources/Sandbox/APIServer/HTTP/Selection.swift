import KubernetesModel

/// Which objects of a resource a list or a watch is about.
struct Selection: Sendable {
    var labels = LabelSelector.everything
    var fields = FieldSelector()

    init(_ info: RequestInfo, _ served: ServedResource) throws(APIStatus) {
        if let text = info.query["labelSelector"], !text.isEmpty {
            do { labels = try LabelSelector(parsing: text) } catch {
                throw .badRequest("unable to parse requirement: \(error)")
            }
        }
        if let text = info.query["fieldSelector"], !text.isEmpty {
            do { fields = try FieldSelector(parsing: text) } catch { throw .badRequest("\(error)") }
        }
        for requirement in fields.requirements {
            let path = requirement.path
            if path == "metadata.name" || path == "metadata.namespace" || served.fields.contains(path) { continue }
            throw .badRequest(
                served.fields.isEmpty
                    ? "\"\(path)\" is not a known field selector: only \"metadata.name\", \"metadata.namespace\""
                    : "field label not supported: \(path)"
            )
        }
    }

    var selectsAll: Bool { labels.matchesEverything && fields.requirements.isEmpty }

    func matches(_ object: KubernetesObject) -> Bool { fields.matches(object) && labels.matches(object) }

    /// The one name a field selector asks for.
    var name: String? {
        fields.requirements.first { $0.path == "metadata.name" && $0.op == .equals }?.value
    }
}
