package import KubernetesModel

/// Something that goes wrong in a sandbox on purpose, until it is cleared (or has happened `times` times).
package enum Fault: Sendable, Hashable {
    /// A node's command whose words contain `words` in a row fails, or never ends.
    case command(node: String?, words: [String], outcome: CommandOutcome, times: Int?)
    /// The node answers nobody: not the operator, not the API.
    case partition(node: String)
    /// API servers (all, or one node's) answer an error, or nothing at all.
    case api(node: String?, outcome: APIOutcome, pathPrefix: String?, times: Int?)
    /// The node's etcd member is stopped.
    case etcd(node: String)
    /// The pod's containers ignore every signal.
    case pod(ObjectKey)
    /// The kubelet does not start again once it is stopped.
    case kubelet(node: String)
    /// The sandbox kills its client (SIGKILL) around the client's effects.
    case killClient(KillPlan)

    package enum CommandOutcome: Sendable, Hashable {
        case fail(exitCode: Int, text: String)
        case hang
    }

    package enum APIOutcome: Sendable, Hashable {
        case tooManyRequests
        case internalError
        /// The request is taken and never answered.
        case noAnswer
    }
}

/// At which of a client's effects the sandbox kills it.
package enum KillPlan: Sendable, Hashable {
    /// Once before and once after every different effect: each one stops the client, the next run meets the next.
    case everyEffect
    /// Before or after the effect of this ordinal (from 1), and never again.
    case single(ordinal: Int, isAfter: Bool)
    /// Nobody is killed; effects are only counted.
    case count
}

extension Fault {
    /// How a fault is named in lists.
    package var description: String {
        switch self {
        case .command(let node, let words, let outcome, let times):
            "command '\(words.joined(separator: " "))' on \(node ?? "every node") "
                + (outcome == .hang ? "hangs" : "fails") + Self.text(times)
        case .partition(let node): "node \(node) is cut off"
        case .api(let node, let outcome, let prefix, let times):
            "API server of \(node ?? "every node") \(outcome.text)" + (prefix.map { " under \($0)" } ?? "")
                + Self.text(times)
        case .etcd(let node): "etcd member of \(node) is stopped"
        case .pod(let key): "pod \(key) never terminates"
        case .kubelet(let node): "kubelet of \(node) does not come back"
        case .killClient(let plan): "clients are killed: \(plan)"
        }
    }

    private static func text(_ times: Int?) -> String { times.map { " (\($0) times)" } ?? "" }
}

extension Fault.APIOutcome {
    package var text: String {
        switch self {
        case .tooManyRequests: "answers 429"
        case .internalError: "answers 500"
        case .noAnswer: "never answers"
        }
    }
}

/// The wire form of the control socket.
extension Fault {
    package var value: JSONValue {
        var value: JSONValue = [:]
        func times(_ times: Int?) { value["times"] = times.map { .integer(Int64($0)) } }
        switch self {
        case .command(let node, let words, let outcome, let count):
            value = ["kind": "command", "words": JSONValue(words)]
            value["node"] = node.map { .string($0) }
            if case .fail(let exitCode, let text) = outcome {
                value["exitCode"] = .integer(Int64(exitCode))
                value["text"] = .string(text)
            }
            times(count)
        case .partition(let node): value = ["kind": "partition", "node": .string(node)]
        case .api(let node, let outcome, let prefix, let count):
            value = ["kind": "api", "outcome": .string(outcome.text)]
            value["node"] = node.map { .string($0) }
            value["pathPrefix"] = prefix.map { .string($0) }
            times(count)
        case .etcd(let node): value = ["kind": "etcd", "node": .string(node)]
        case .pod(let key):
            value = ["kind": "pod", "namespace": .string(key.namespace ?? ""), "name": .string(key.name)]
        case .kubelet(let node): value = ["kind": "kubelet", "node": .string(node)]
        case .killClient(.everyEffect): value = ["kind": "kill-client", "plan": "every"]
        case .killClient(.count): value = ["kind": "kill-client", "plan": "count"]
        case .killClient(.single(let ordinal, let isAfter)):
            value = [
                "kind": "kill-client", "plan": "single", "ordinal": .integer(Int64(ordinal)), "after": .bool(isAfter),
            ]
        }
        return value
    }

    /// - Throws: ``SandboxError/fault(_:)`` for what is no fault.
    package init(_ value: JSONValue) throws(SandboxError) {
        let node = value["node"]?.string
        let times = value["times"]?.int
        switch value["kind"]?.string {
        case "command":
            let outcome: CommandOutcome =
                value["exitCode"]?.int.map { .fail(exitCode: $0, text: value["text"]?.string ?? "") } ?? .hang
            self = .command(node: node, words: value["words"]?.strings ?? [], outcome: outcome, times: times)
        case "partition": self = .partition(node: node ?? "")
        case "api":
            let outcomes: [APIOutcome] = [.tooManyRequests, .internalError, .noAnswer]
            guard let outcome = outcomes.first(where: { $0.text == value["outcome"]?.string }) else {
                throw .fault("an API fault answers 429, answers 500 or never answers")
            }
            self = .api(node: node, outcome: outcome, pathPrefix: value["pathPrefix"]?.string, times: times)
        case "etcd": self = .etcd(node: node ?? "")
        case "pod":
            self = .pod(ObjectKey(namespace: value["namespace"]?.string, name: value["name"]?.string ?? ""))
        case "kubelet": self = .kubelet(node: node ?? "")
        case "kill-client":
            switch value["plan"]?.string {
            case "every": self = .killClient(.everyEffect)
            case "single":
                self = .killClient(
                    .single(ordinal: value["ordinal"]?.int ?? 1, isAfter: value["after"]?.bool ?? false)
                )
            default: self = .killClient(.count)
            }
        default: throw .fault("there is no fault of kind '\(value["kind"]?.text ?? "")'")
        }
    }
}
