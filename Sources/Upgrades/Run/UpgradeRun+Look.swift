import KubernetesClient
import KubernetesModel
package import Runs

extension UpgradeRun {
    /// How the latest run stands; nil where there was none. It changes nothing.
    package func status() async throws -> UpgradeStatus? { try await status(ofCluster: try await knownClusterUID()) }

    /// As ``status()``, for the cluster of that UID.
    package func status(ofCluster uid: String) async throws -> UpgradeStatus? {
        let journal = try Journal.find(stateDirectory: options.stateDirectory, clusterUID: uid)
        let runs = try await journal?.runs() ?? []
        var record: RunRecord?
        var holder: LockHolder?
        var isAway = false
        do {
            record = try await RunRecord.find(client)
            holder = try await ClusterLease(client).find().map(LeaseState.init)?.holder
            if let found = holder, found.isKnownDead() { holder = nil }
        } catch  where TroubleSorter.isAbsence(error) {
            isAway = true
        }
        guard let shown = record ?? runs.first.map({ RunRecord($0) }) else { return nil }
        let events = runs.contains { $0.id == shown.run } ? try await journal?.events(of: shown.run) : nil
        return UpgradeStatus(
            shown,
            holder: holder,
            isAway: isAway,
            view: events.map { RunView($0) }
        )
    }

    /// Who holds the run's lock beyond doubt; nil where nobody does, or only time can tell. It changes nothing.
    package func holder() async throws -> LockHolder? {
        let state = try await ClusterLease(client).find().map(LeaseState.init)
        guard
            case .held(let holder) = state?.verdict(
                for: options.holder,
                at: options.now(),
                isDead: { $0.isKnownDead() }
            )
        else { return nil }
        return holder
    }

    /// Probes every step of a plan, and does nothing else.
    package func rehearse(_ plan: UpgradePlan) async throws -> [ProbedStep] {
        let run = "dry-run"
        let record = RunRecord(
            run: run,
            state: .running,
            title: "",
            startedAt: "",
            who: options.holder.operatorName,
            toolVersion: options.toolVersion,
            plan: []
        )
        let keeper = RunRecordKeeper(record, client: client, isSaved: true)
        let script = UpgradeScript(environment(plan, keeper, run: run)).script
        var found: [ProbedStep] = []
        for hop in script.hops {
            for stage in hop.stages {
                for step in stage.turns.flatMap(\.steps) {
                    try Task.checkCancellation()
                    var entry = ProbedStep(step: StepReference(step.label), hop: hop.number, stage: stage.title)
                    let context = StepContext(
                        run: run,
                        isProbing: true,
                        deadline: Deadline(in: step.label.deadline, clock: options.clock),
                        clock: options.clock,
                        now: options.now
                    )
                    do { entry.probe = try await step.probe(context) } catch {
                        entry.trouble = "\(TroubleSorter.upgrades(error))"
                    }
                    found.append(entry)
                }
            }
        }
        return found
    }

    /// Gives up the open run: its nodes are uncordoned, its taints lifted; what was upgraded stays so.
    /// - Returns: the nodes that were given back; nil where no run is open.
    package func abandon() async throws -> [String]? {
        let uid = try await knownClusterUID()
        let journal = try Journal.open(stateDirectory: options.stateDirectory, clusterUID: uid)
        return try await RunLock.with(
            ClusterLease(client),
            me: options.holder,
            term: options.lockTerm,
            clock: options.clock,
            now: options.now
        ) { _ in
            guard let found = try await OpenRun.find(client, journal) else { return nil }
            var givenBack: [String] = []
            for node in try await client.list(.nodes).items.map(Node.init) {
                let isOurs = node.isCordonedByKeelstep
                if try await client.giveBack(node.name), isOurs { givenBack.append(node.name) }
            }
            let keeper = RunRecordKeeper(found.record, client: client, isSaved: found.isInCluster)
            try await keeper.update { record in
                record.state = .abandoned
                record.cordoned = []
            }
            try await journal.setState(.abandoned, of: found.record.run, at: options.now())
            return givenBack
        }
    }
}

extension RunRecord {
    /// What a journal knows of a run, in the form of the cluster's record.
    init(_ entry: RunEntry) {
        self.init(
            run: entry.id,
            state: entry.state,
            title: entry.title,
            startedAt: Timestamp.string(from: entry.startedAt),
            who: entry.who,
            toolVersion: entry.toolVersion,
            plan: entry.plan
        )
    }
}

extension UpgradeRun {
    /// What this machine's journal tells of a run; of the latest without an id.
    package func report(of id: String?) async throws -> RunReport {
        let uid = try await knownClusterUID()
        guard let journal = try Journal.find(stateDirectory: options.stateDirectory, clusterUID: uid) else {
            throw UpgradeRunError.noJournal(options.stateDirectory)
        }
        var report = try await RunReport.of(id, in: journal)
        if report.run.state == .running, let status = try await status(), status.run == report.run.id {
            report.isInterrupted = status.isInterrupted
        }
        return report
    }
}
