import HTTPTypes
import Hummingbird
import KubernetesModel
import KubernetesVersions
import NIOCore
import Synchronization

/// Takes every request of one API server to the part that answers it.
struct APIResponder: HTTPResponder {
    let registry: Registry
    let discovery: Discovery
    let openAPI: OpenAPI
    let authentication: Authentication
    let faults: APIFaults
    let metrics = Metrics()
    let continuations = Continuations()
    let isStopping: SharedFlag
    let inFlight: InFlight

    /// Larger bodies are refused, as etcd would.
    static let largestBody = 3 * 1024 * 1024

    func respond(to request: Request, context: APIContext) async throws -> Response {
        // As Go's server does, which the real one stands on.
        guard request.head.authority?.isEmpty == false else {
            return Answer.text("400 Bad Request: missing required Host header", status: 400)
        }
        let info = RequestInfo(method: request.method.rawValue, target: request.head.path ?? "/")
        let call = APICall(request, info)
        let served = info.plural.flatMap { plural in
            info.groupVersion.flatMap { registry.catalog.resource($0, plural) }
        }
        inFlight.begin()
        defer { inFlight.end() }
        var response: Response
        do {
            try await suffer(call, isAfterEffect: false)
            response = try await answer(call, served, channel: context.channel)
            try await suffer(call, isAfterEffect: true)
        } catch let failure as APIStatus {
            response = Answer.failure(failure)
        } catch is HTTPErrorOfBody {
            response = Answer.failure(
                APIStatus(code: 413, reason: "RequestEntityTooLarge", message: "the request body is too large")
            )
        }
        if let deprecation = served?.deprecation { response.headers[.warningText] = "299 - \"\(deprecation)\"" }
        metrics.count(verb: info.verb, resource: served, code: response.status.code)
        return response
    }

    /// Lets the faults that were set happen to a request.
    private func suffer(_ call: APICall, isAfterEffect: Bool) async throws {
        let outcome = faults.outcome(
            method: call.info.method,
            path: call.info.path,
            userAgent: call.userAgent,
            isAfterEffect: isAfterEffect
        )
        switch outcome {
        case nil: return
        case .tooManyRequests?:
            throw APIStatus.tooManyRequests(
                "the server has received too many requests and has asked us to try again later",
                retryAfter: 1
            )
        case .internalError?: throw APIStatus.internalError("a fault of the sandbox")
        case .noAnswer?:
            while !isStopping.isSet { try await Task.sleep(for: .milliseconds(100)) }
            throw APIStatus.unavailable("the API server is shutting down")
        }
    }

    private func answer(
        _ call: APICall,
        _ served: ServedResource?,
        channel: any Channel
    ) async throws -> Response {
        let info = call.info
        if Health.isAbout(info.path) {
            let health = Health(
                isStorageReachable: await isStorageReachable,
                isLoaded: registry.cache.isLoaded,
                isStopping: isStopping.isSet
            )
            return health.answer(info)
        }
        let user = try await authentication.user(channel: channel, authorization: call.header(.authorization))
        if info.path == "/version" { return try discovery.answer(info, call.acceptance) }
        try authorize(user, info, served)
        if OpenAPI.isAbout(info.path) { return try openAPI.answer(info) }
        if Discovery.isAbout(info) { return try discovery.answer(info, call.acceptance) }
        if info.path == "/metrics" { return Answer.text(metrics.text(objects: registry.cache.counts)) }
        guard info.plural != nil else { return Answer.text("404 page not found\n", status: 404) }
        guard let served else { throw APIStatus.noSuchPath }
        return try await answer(call, about: served, for: user)
    }

    private var isStorageReachable: Bool {
        get async {
            guard registry.cache.isFollowing else { return false }
            return (try? await registry.storage.get("\(WatchCache.root)health")) != nil
        }
    }

    private func authorize(_ user: UserInfo, _ info: RequestInfo, _ served: ServedResource?) throws(APIStatus) {
        if user.mayDoEverything { return }
        if served?.isReview == true && !user.isAnonymous { return }
        if info.plural == nil, !user.isAnonymous, !info.isMutating { return }
        guard let plural = info.plural else {
            throw .forbidden(
                nil,
                name: nil,
                "User \"\(user.name)\" cannot \(info.method.lowercased()) path \"\(info.path)\""
            )
        }
        let group = info.groupVersion?.group ?? ""
        let place = info.namespace.map { "in the namespace \"\($0)\"" } ?? "at the cluster scope"
        let part = info.subresource.map { "/\($0)" } ?? ""
        throw .forbidden(
            served?.resource,
            name: info.name,
            "User \"\(user.name)\" cannot \(info.verb) resource \"\(plural)\(part)\" in API group \"\(group)\" \(place)"
        )
    }

    private func answer(_ call: APICall, about served: ServedResource, for user: UserInfo) async throws -> Response {
        let info = call.info
        var subresource: Subresource?
        if let name = info.subresource {
            guard let known = served.subresource(name) else { throw APIStatus.noSuchPath }
            subresource = known
        }
        if served.isReview {
            guard info.method == "POST" else { throw APIStatus.methodNotAllowed }
            return try await review(call, served, user)
        }
        switch info.verb {
        case "watch": return try await watch(call, served)
        case "list": return try await list(call, served)
        case "get": return try await get(call, served, subresource)
        default: return try await mutate(call, served, subresource)
        }
    }
}

/// Marks a body that could not be taken whole.
struct HTTPErrorOfBody: Error {}

/// One request while it is answered.
struct APICall: Sendable {
    let request: Request
    let info: RequestInfo
    let acceptance: Acceptance
    let userAgent: String

    init(_ request: Request, _ info: RequestInfo) {
        self.request = request
        self.info = info
        acceptance = Acceptance(request.headers[.accept])
        userAgent = request.headers[.userAgent] ?? ""
    }

    func header(_ name: HTTPField.Name) -> String? { request.headers[name] }

    /// The media type of the body, without its parameters.
    var contentType: String {
        String((header(.contentType) ?? "").prefix { $0 != ";" }).trimmingSpaces.lowercased()
    }

    func body() async throws -> [UInt8] {
        do {
            let buffer = try await request.body.collect(upTo: APIResponder.largestBody)
            return Array(buffer.readableBytesView)
        } catch is NIOTooManyBytesError { throw HTTPErrorOfBody() }
    }

    var key: ObjectKey { ObjectKey(namespace: info.namespace, name: info.name ?? "") }

    func writeOptions() throws(APIStatus) -> WriteOptions {
        var options = WriteOptions()
        if let dryRun = info.query["dryRun"] {
            guard dryRun == "All" else {
                throw .invalid(
                    GroupVersionKind(apiVersion: "meta.k8s.io/v1", kind: "CreateOptions"),
                    name: "",
                    [
                        (
                            "dryRun", "Unsupported value: \"\(dryRun)\": supported values: \"All\"",
                            "FieldValueNotSupported"
                        )
                    ]
                )
            }
            options.isDryRun = true
        }
        options.fieldManager = info.query["fieldManager"]
        options.force = info.flag("force")
        if let validation = info.query["fieldValidation"] {
            guard let known = WriteOptions.FieldValidation(rawValue: validation) else {
                throw .badRequest("fieldValidation: Unsupported value: \"\(validation)\"")
            }
            options.fieldValidation = known
        }
        return options
    }
}

extension String {
    fileprivate var trimmingSpaces: String {
        var text = self[...]
        while text.first == " " { text = text.dropFirst() }
        while text.last == " " { text = text.dropLast() }
        return String(text)
    }
}

/// Counts the requests being answered, so that a server that stops can let them end.
final class InFlight: Sendable {
    private let count = Mutex(0)

    func begin() { count.withLock { $0 += 1 } }
    func end() { count.withLock { $0 -= 1 } }
    var isIdle: Bool { count.withLock { $0 <= 0 } }
}
