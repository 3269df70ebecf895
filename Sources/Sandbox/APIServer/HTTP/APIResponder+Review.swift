import HTTPTypes
import Hummingbird
import KubernetesModel

/// Questions about oneself: `kubectl auth can-i`, `kubectl auth whoami`. Nothing is stored.
extension APIResponder {
    func review(_ call: APICall, _ served: ServedResource, _ user: UserInfo) async throws -> Response {
        var review = try RequestBody.object(contentType: call.contentType, try await call.body())
        review["apiVersion"] = .string(served.resource.groupVersion.description)
        review["kind"] = .string(served.kind)
        review["metadata", "creationTimestamp"] = .null
        switch served.kind {
        case "SelfSubjectAccessReview":
            review["status"] = ["allowed": .bool(user.mayDoEverything)]
        case "SelfSubjectReview":
            review["status"] = [
                "userInfo": ["username": .string(user.name), "groups": JSONValue(user.groups)]
            ]
        case "SelfSubjectRulesReview":
            let everything: JSONValue = ["verbs": ["*"], "apiGroups": ["*"], "resources": ["*"]]
            review["status"] = [
                "resourceRules": user.mayDoEverything ? [everything] : [],
                "nonResourceRules": user.mayDoEverything ? [["verbs": ["*"], "nonResourceURLs": ["*"]]] : [],
                "incomplete": false,
            ]
        case "Binding":
            guard let pods = registry.catalog.resource(.pods) else { throw APIStatus.noSuchPath }
            let key = ObjectKey(namespace: call.info.namespace, name: review.name)
            try await registry.bind(pods, key, uid: review.uid, to: review["target", "name"]?.string ?? "")
            return Answer.success(status: 201)
        case "TokenReview": review["status"] = ["authenticated": false]
        default: throw APIStatus.methodNotAllowed
        }
        return Answer.value(review.value, status: 201)
    }
}
