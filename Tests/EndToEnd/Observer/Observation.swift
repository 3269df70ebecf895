/// All that an ``Observer`` saw, and the judgement of it.
struct Observation: Sendable {
    var histories: [String: MemberHistory]
    var taps: [String: [ObservedResource: APITap]]
    var polls: [Poll]
    var gaps: [String]
    var demands = Demands()

    /// Everything that was not as promised; empty is good.
    func violations() -> [String] {
        var found = gaps + tooFewServing() + disagreements()
        var replay = Replay()
        for event in history { replay.apply(event) }
        found += replay.violations
        return found
    }

    /// How often pods were evicted, by hop (the newest API server's minor at that time) and pod.
    func evictions() -> [String: [String: Int]] {
        var replay = Replay()
        var seen: Set<String> = []
        var found: [String: [String: Int]] = [:]
        for event in history {
            replay.apply(event)
            let pod = event.object
            guard event.resource == .pods, let uid = pod.metadata.uid, let minor = replay.apiServerMinors.max(),
                pod.status?.conditions?.contains(where: { $0.type == "DisruptionTarget" }) ?? false,
                seen.insert(uid).inserted
            else { continue }
            found["to v1.\(minor)", default: [:]][pod.identity, default: 0] += 1
        }
        return found
    }

    /// One member's history; that all are the same is judged, too.
    private var history: [SeenEvent] {
        let first = histories.min { $0.key < $1.key }?.value.events
        let told = first ?? taps.min { $0.key < $1.key }?.value.values.flatMap(\.events) ?? []
        return told.sorted { $0.version < $1.version }
    }

    /// Members must tell the same history, and each API server all of it but what went by while it was down.
    private func disagreements() -> [String] {
        var found: [String] = []
        let truth = history.map(\.identity)
        for (member, other) in histories.sorted(by: { $0.key < $1.key }) {
            let theirs = other.events.sorted { $0.version < $1.version }.map(\.identity)
            if Set(theirs) != Set(truth) { found.append("etcd member \(member) tells another history") }
        }
        for (server, taps) in taps.sorted(by: { $0.key < $1.key }) {
            for (resource, tap) in taps.sorted(by: { $0.key.rawValue < $1.key.rawValue }) {
                let seen = Set(tap.events.map(\.identity))
                let missed = history.filter { event in
                    event.resource == resource && event.version > tap.beginning && !seen.contains(event.identity)
                        && !tap.restarts.contains { event.version > $0.lowerBound && event.version <= $0.upperBound }
                }
                for event in missed { found.append("\(server) did not tell of \(event.identity) (\(event.kind))") }
            }
        }
        return found
    }

    private func tooFewServing() -> [String] {
        var found: [String] = []
        for (earlier, later) in zip(polls, polls.dropFirst()) where later.began - earlier.began > demands.patience {
            found.append("the observer itself was away for \(later.began - earlier.began)")
        }
        for poll in polls {
            if poll.apiServers.count < demands.readyAPIServers {
                found.append("only \(poll.apiServers.sorted()) of the API servers were ready")
            }
            if poll.members.count < demands.healthyMembers {
                found.append("only \(poll.members.sorted()) of the etcd members were healthy")
            }
        }
        return found
    }
}

/// What is asked of a cluster at every moment.
struct Demands: Sendable {
    var readyAPIServers = 2
    var healthyMembers = 2
    /// How long the observer itself may be away.
    var patience: Duration = .seconds(5)
    /// How long one watch may last before it is asked for anew; nil for as long as the server likes.
    var watchSeconds: Int?
    /// The version of `policy` that the API servers speak.
    var policy = "v1"

    func path(_ resource: ObservedResource) -> String {
        resource.rawValue.replacing("/policy/v1/", with: "/policy/\(policy)/")
    }
}
