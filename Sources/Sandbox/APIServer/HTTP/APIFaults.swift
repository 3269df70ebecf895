package import KubernetesModel
import Synchronization

/// A request that changes something, as those see it who may let it fail or kill its client.
package struct MutatingRequest: Sendable {
    package var userAgent: String
    /// `POST`, `PUT`, `PATCH`, `DELETE`.
    package var method: String
    /// With the query, as the client wrote it.
    package var path: String
    package var body: JSONValue
}

/// What goes wrong in one API server on purpose.
package final class APIFaults: Sendable {
    /// Answers requests whose path begins with `pathPrefix` otherwise than they deserve, `times` times or for ever.
    package struct Rule: Sendable, Hashable {
        package enum Outcome: Sendable, Hashable {
            /// 429 with `Retry-After: 1`.
            case tooManyRequests
            case internalError
            /// The request is taken and never answered.
            case noAnswer
        }

        package var outcome: Outcome
        package var pathPrefix: String?
        /// Only requests of clients whose User-Agent begins so.
        package var userAgentPrefix: String?
        package var method: String?
        /// The fault happens before anything is changed, or after it: the client then does not know.
        package var isAfterEffect: Bool
        package var times: Int?

        package init(
            _ outcome: Outcome,
            pathPrefix: String? = nil,
            userAgentPrefix: String? = nil,
            method: String? = nil,
            isAfterEffect: Bool = false,
            times: Int? = nil
        ) {
            self.outcome = outcome
            self.pathPrefix = pathPrefix
            self.userAgentPrefix = userAgentPrefix
            self.method = method
            self.isAfterEffect = isAfterEffect
            self.times = times
        }
    }

    /// Called before and after the effect of every mutating request; false drops the request without an answer, and
    /// before the effect, without the effect.
    package typealias Hook = @Sendable (MutatingRequest) async -> Bool

    private let beforeEffect: Hook?
    private let afterEffect: Hook?
    private let rules = Mutex<[Rule]>([])

    package init(beforeEffect: Hook? = nil, afterEffect: Hook? = nil) {
        self.beforeEffect = beforeEffect
        self.afterEffect = afterEffect
    }

    /// Puts these rules in the place of those before; the first that fits a request is taken.
    package func set(_ new: [Rule]) { rules.withLock { $0 = new } }
    package var current: [Rule] { rules.withLock { $0 } }

    /// What happens to a request instead of what should.
    func outcome(method: String, path: String, userAgent: String, isAfterEffect: Bool) -> Rule.Outcome? {
        rules.withLock { rules in
            let index = rules.firstIndex { rule in
                rule.isAfterEffect == isAfterEffect && rule.times != 0
                    && (rule.method.map { $0 == method } ?? true)
                    && (rule.pathPrefix.map { path.hasPrefix($0) } ?? true)
                    && (rule.userAgentPrefix.map { userAgent.hasPrefix($0) } ?? true)
            }
            guard let index else { return nil }
            if let times = rules[index].times { rules[index].times = times - 1 }
            return rules[index].outcome
        }
    }

    var hasHooks: Bool { beforeEffect != nil || afterEffect != nil }

    func isDropped(before request: MutatingRequest) async -> Bool {
        guard let beforeEffect else { return false }
        return await !beforeEffect(request)
    }

    func isDropped(after request: MutatingRequest) async -> Bool {
        guard let afterEffect else { return false }
        return await !afterEffect(request)
    }
}
