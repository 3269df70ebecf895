import Foundation
import Glibc
package import KubernetesModel
import Synchronization

/// Kills the sandbox's client around its effects, so that a test can stop a run at every single point.
///
/// An effect is a mutating request or a node command. Two effects are the same when their key is: what changes from
/// one run to the next (times, holders, resource versions) is left out of it.
package final class ClientKiller: Sendable {
    /// What the caller does about an effect that is about to happen, or has.
    package enum Verdict: Sendable, Hashable {
        case goOn
        /// The client is dead: drop its request, and before the effect, do nothing.
        case dropped
    }

    private struct State {
        var plan: KillPlan?
        var ordinal = 0
        var killedBefore: Set<String> = []
        var killedAfter: Set<String> = []
        var log: [String] = []
    }

    private let state = Mutex(State())

    package init() {}

    package func set(_ plan: KillPlan?) {
        state.withLock { $0 = State(plan: plan) }
    }

    /// Every effect met since the plan was set, in order: `before PATCH /api/v1/nodes/worker-1 …` and so on.
    package var log: [String] { state.withLock { $0.log } }

    /// Called before an effect of the client `pid`; `.dropped` means that it must not happen.
    package func before(_ key: String, pid: Int32) -> Verdict {
        let kills = state.withLock { state -> Bool in
            guard let plan = state.plan else { return false }
            state.ordinal += 1
            state.log.append(key)
            switch plan {
            case .count: return false
            case .single(let ordinal, let isAfter): return !isAfter && state.ordinal == ordinal
            case .everyEffect: return state.killedBefore.insert(key).inserted
            }
        }
        return kills ? end(pid) : .goOn
    }

    /// Called after the effect, before it is answered.
    package func after(_ key: String, pid: Int32) -> Verdict {
        let kills = state.withLock { state -> Bool in
            switch state.plan {
            case nil, .count: false
            case .single(let ordinal, let isAfter): isAfter && state.ordinal == ordinal
            case .everyEffect: state.killedAfter.insert(key).inserted
            }
        }
        return kills ? end(pid) : .goOn
    }

    private func end(_ pid: Int32) -> Verdict {
        guard pid > 1 else { return .goOn }
        kill(pid, SIGKILL)
        return .dropped
    }

    /// The process a request comes from: clients of ours say it in their User-Agent (`…; pid 4711)`).
    package static func pid(userAgent: String) -> Int32? {
        guard userAgent.hasPrefix("keelstep/"), let mark = userAgent.firstRange(of: "pid ") else { return nil }
        return Int32(userAgent[mark.upperBound...].prefix(while: \.isNumber))
    }

    /// The key of a mutating request: method, path, and the body without what differs between two runs.
    package static func key(method: String, path: String, body: JSONValue) -> String {
        "\(method) \(path) \(stable(body).text)"
    }

    private static let volatile: Set<String> = [
        "resourceVersion", "holderIdentity", "renewTime", "acquireTime", "leaseTransitions", "managedFields",
    ]

    private static func stable(_ value: JSONValue) -> JSONValue {
        switch value {
        case .object(let members): .object(members.filter { !volatile.contains($0.key) }.mapValues(stable))
        case .array(let elements): .array(elements.map(stable))
        case .string(let text) where Timestamp.date(from: text) != nil: .string("TIME")
        case .string(let text) where isRun(text): .string("RUN")
        default: value
        }
    }

    /// A run's identifier, `20260724-040949-3f9a`: a run that is killed before it is recorded begins under another.
    private static func isRun(_ text: String) -> Bool {
        let parts = text.split(separator: "-", omittingEmptySubsequences: false)
        return parts.map(\.count) == [8, 6, 4] && parts.joined().allSatisfy { $0.isASCII && $0.isHexDigit }
    }
}
