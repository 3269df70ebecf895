package import KubernetesClient
package import KubernetesModel

/// What the cluster itself knows of a run: the ConfigMap `kube-system/keelstep-run`, so that another machine can
/// take the run up by probing.
package struct RunRecord: Sendable, Hashable {
    package static let key = ObjectKey(namespace: "kube-system", name: "keelstep-run")
    /// A ConfigMap holds 1 MiB; a longer plan stays in the journal alone.
    static let longestPlan = 900_000

    package var run: String
    package var state: RunEntry.State
    package var title: String
    /// RFC 3339.
    package var startedAt: String
    package var who: String
    package var toolVersion: String
    /// The plan, as its own room writes it; empty when it is too long for a ConfigMap.
    package var plan: [UInt8]
    /// Nodes that this run has cordoned and not yet uncordoned.
    package var cordoned: [String]
    /// Hops that are wholly done: their steps need no probing any more.
    package var finishedHops: [Int]
    /// Workloads that were not at full strength when the run began, by `Kind namespace/name`, and how many of their
    /// pods were available: no more is asked of them afterwards.
    package var shortfalls: [String: Int]
    /// Why it is paused.
    package var pause: String?

    package init(
        run: String,
        state: RunEntry.State,
        title: String,
        startedAt: String,
        who: String,
        toolVersion: String,
        plan: [UInt8],
        cordoned: [String] = [],
        finishedHops: [Int] = [],
        shortfalls: [String: Int] = [:],
        pause: String? = nil
    ) {
        self.run = run
        self.state = state
        self.title = title
        self.startedAt = startedAt
        self.who = who
        self.toolVersion = toolVersion
        self.plan = plan
        self.cordoned = cordoned
        self.finishedHops = finishedHops
        self.shortfalls = shortfalls
        self.pause = pause
    }

    package var isOpen: Bool { state == .running || state == .paused }

    package var object: KubernetesObject {
        var object = KubernetesObject(.configMaps, namespace: Self.key.namespace, name: Self.key.name)
        object.labels = ["app.kubernetes.io/managed-by": "keelstep"]
        let encoded = LempelZiv.compress(plan)
        object["data"] = [
            "run": .string(run), "state": .string(state.rawValue), "title": .string(title),
            "startedAt": .string(startedAt), "who": .string(who), "tool": .string(toolVersion),
            "cordoned": .string(JSONValue(cordoned.sorted()).text),
            "shortfalls": .string(JSONValue.object(shortfalls.mapValues { .integer(Int64($0)) }).text),
            "finishedHops": .string(JSONValue.array(finishedHops.sorted().map { .integer(Int64($0)) }).text),
        ]
        if let pause { object["data", "pause"] = .string(pause) }
        let text = Base64.text(encoded)
        if text.utf8.count <= Self.longestPlan { object["data", "plan"] = .string(text) }
        return object
    }

    /// - Throws: ``RunRecordError`` for a ConfigMap that is not one of ours, or damaged.
    package init(_ object: KubernetesObject) throws(RunRecordError) {
        let data = object["data"]?.stringMap ?? [:]
        guard let run = data["run"], let state = RunEntry.State(rawValue: data["state"] ?? "") else {
            throw .damaged("it names no run, or no state")
        }
        self.init(
            run: run,
            state: state,
            title: data["title"] ?? "",
            startedAt: data["startedAt"] ?? "",
            who: data["who"] ?? "",
            toolVersion: data["tool"] ?? "",
            plan: [],
            pause: data["pause"]
        )
        do {
            cordoned = try JSONValue(parsing: data["cordoned"] ?? "[]").strings
            finishedHops = try JSONValue(parsing: data["finishedHops"] ?? "[]").array?.compactMap(\.int) ?? []
            shortfalls = try JSONValue(parsing: data["shortfalls"] ?? "{}").object?.compactMapValues(\.int) ?? [:]
        } catch {
            throw .damaged("\(error)")
        }
        if let text = data["plan"] {
            guard let bytes = Base64.bytes(text), let plan = LempelZiv.expand(bytes) else {
                throw .damaged("its plan cannot be decoded")
            }
            self.plan = plan
        }
    }

    package static func find(_ client: KubernetesClient) async throws -> RunRecord? {
        guard let object = try await client.find(.configMaps, key) else { return nil }
        return try RunRecord(object)
    }

    /// Writes it over whatever is there. Only the holder of the lock does.
    package func save(_ client: KubernetesClient) async throws {
        if try await client.find(.configMaps, Self.key) == nil {
            do {
                _ = try await client.create(.configMaps, object)
                return
            } catch let status as APIStatus where status.isAlreadyExists {
                // Our own write, whose answer was lost.
            }
        }
        _ = try await client.update(.configMaps, object)
    }
}

package enum RunRecordError: Error, Sendable, Hashable, CustomStringConvertible {
    case damaged(String)

    package var description: String {
        switch self {
        case .damaged(let reason):
            "the ConfigMap kube-system/keelstep-run makes no sense: \(reason); if no run is open, delete it"
        }
    }
}
