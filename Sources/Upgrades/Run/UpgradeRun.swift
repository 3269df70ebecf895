import Backups
package import Foundation
package import KubernetesClient
import KubernetesModel
package import Nodes
package import Runs

/// A run of a plan, from its beginning, or from wherever it was left.
package struct UpgradeRun: Sendable {
    let client: KubernetesClient
    let options: Options

    /// What a run needs besides the cluster and the plan.
    package struct Options: Sendable {
        /// Where journals are kept.
        package var stateDirectory: String
        /// Where backup sets go; nil: the cluster's own folder below the state directory.
        package var backupDirectory: String?
        package var toolVersion: String
        /// The way to a node, by name.
        package var transport: @Sendable (String) throws -> any Transport
        package var blockers: @Sendable (Hop) async throws -> [String] = { _ in [] }
        package var report: @Sendable (RunEvent) async -> Void = { _ in }
        package var pause = PauseSwitch()
        package var lockTerm: Duration = .seconds(15)
        package var holder = LockHolder.current()
        /// An upper limit to the deadlines of all steps but drains.
        package var stepLimit: Duration?
        package var clock: any Clock<Duration> = .continuous
        package var now: @Sendable () -> Date = { Date() }

        package init(
            stateDirectory: String,
            backupDirectory: String? = nil,
            toolVersion: String,
            transport: @escaping @Sendable (String) throws -> any Transport
        ) {
            self.stateDirectory = stateDirectory
            self.backupDirectory = backupDirectory
            self.toolVersion = toolVersion
            self.transport = transport
        }
    }

    package init(client: KubernetesClient, options: Options) {
        self.client = client
        self.options = options
    }

    /// Runs a plan: lock, record, journal, execute. A run that was open before is given up in favour of this one,
    /// which was planned from where the cluster stands.
    package func start(_ plan: UpgradePlan) async throws -> RunOutcome {
        let uid = try await clusterUID()
        guard uid == plan.clusterUID else {
            throw UpgradeRunError.otherCluster(planned: plan.clusterUID, found: uid)
        }
        let journal = try Journal.open(stateDirectory: options.stateDirectory, clusterUID: uid)
        try ClusterIndex(stateDirectory: options.stateDirectory).remember(uid, for: client.configuration)
        return try await locked(.now) { lock in
            for run in try await journal.runs() where run.isOpen {
                try await journal.setState(.abandoned, of: run.id, at: options.now())
            }
            let startedAt = options.now()
            let record = RunRecord(
                run: Self.identifier(at: startedAt),
                state: .running,
                title: "upgrade to \(plan.target)",
                startedAt: Timestamp.string(from: startedAt),
                who: options.holder.operatorName,
                toolVersion: options.toolVersion,
                plan: try plan.canonicalBytes,
                shortfalls: try await WorkloadStrength.shortfalls(client)
            )
            let keeper = RunRecordKeeper(record, client: client)
            try await keeper.update { _ in }
            return try await execute(plan, keeper, journal, lock, after: nil)
        }
    }

    /// Takes up the run that is open: the cluster's own record names it, or, while the API is away, the journal.
    package func resume() async throws -> RunOutcome {
        let uid = try await knownClusterUID()
        // Then nothing is made for it either: no journal, no lock.
        guard try await !isNothingOpen(uid) else { throw UpgradeRunError.nothingToResume }
        let journal = try Journal.open(stateDirectory: options.stateDirectory, clusterUID: uid)
        return try await locked(.whenAPIReturns) { lock in
            let found = try await OpenRun.find(client, journal)
            guard let found else { throw UpgradeRunError.nothingToResume }
            guard !found.record.plan.isEmpty else {
                throw UpgradeRunError.planLost(run: found.record.run, machine: found.record.who)
            }
            let plan = try UpgradePlan(canonicalBytes: found.record.plan)
            let events = try await journal.events(of: found.record.run)
            let keeper = RunRecordKeeper(found.record, client: client, isSaved: found.isInCluster)
            let progress = RunProgress(events, finishedHops: found.record.finishedHops)
            do {
                try await keeper.update { record in
                    record.state = .running
                    record.pause = nil
                }
            } catch  where TroubleSorter.isAbsence(error) {
                // Steps that need no API go on; the record follows with its next change.
            }
            return try await execute(plan, keeper, journal, lock, after: progress)
        }
    }

    /// Whether the cluster says that it has no open run, and this machine has no journal of one.
    private func isNothingOpen(_ uid: String) async throws -> Bool {
        guard try Journal.find(stateDirectory: options.stateDirectory, clusterUID: uid) == nil else { return false }
        do { return try await RunRecord.find(client)?.isOpen != true } catch  where TroubleSorter.isAbsence(error) {
            return false
        }
    }

    private func locked(
        _ acquisition: RunLock.Acquisition,
        _ body: @escaping @Sendable (RunLock) async throws -> RunOutcome
    ) async throws -> RunOutcome {
        do {
            return try await RunLock.with(
                ClusterLease(client),
                acquisition: acquisition,
                me: options.holder,
                term: options.lockTerm,
                clock: options.clock,
                now: options.now,
                body
            )
        } catch let refusal as LockRefused {
            return .refused(refusal.holder)
        }
    }

    private func execute(
        _ plan: UpgradePlan,
        _ keeper: RunRecordKeeper,
        _ journal: Journal,
        _ lock: RunLock,
        after progress: RunProgress?
    ) async throws -> RunOutcome {
        let record = await keeper.record
        let run = record.run
        try await journal.begin(
            RunEntry(
                id: run,
                clusterUID: plan.clusterUID,
                title: record.title,
                startedAt: Timestamp.date(from: record.startedAt) ?? options.now(),
                who: record.who,
                toolVersion: record.toolVersion,
                plan: record.plan
            )
        )
        try await journal.setState(.running, of: run, at: options.now())
        let executor = Executor(
            run: run,
            recorder: journal,
            lock: lock,
            pause: options.pause,
            sorter: .upgrades,
            clock: options.clock,
            now: options.now,
            report: options.report
        )
        let outcome = try await executor.run(
            UpgradeScript(environment(plan, keeper, run: run)).script,
            who: options.holder.operatorName,
            after: progress
        ) { hop in
            // Of the journal's knowledge, what another machine needs most. Where the API is away, the next save has it.
            do { try await keeper.update { $0.finishedHops.append(hop) } } catch  where TroubleSorter.isAbsence(error) {
            }
        }
        try await conclude(outcome, run, keeper, journal)
        return outcome
    }

    private func conclude(
        _ outcome: RunOutcome,
        _ run: String,
        _ keeper: RunRecordKeeper,
        _ journal: Journal
    ) async throws {
        switch outcome {
        case .completed:
            try await journal.setState(.completed, of: run, at: options.now())
            try await keeper.update { record in
                record.state = .completed
                record.pause = nil
                record.cordoned = []
            }
        case .paused(let cause):
            try await journal.setState(.paused, of: run, at: options.now())
            switch cause {
            case .stopped, .lockLost: break  // no time for the cluster; and the record is another's now
            case .requested, .step:
                do {
                    try await keeper.update { record in
                        record.state = .paused
                        record.pause = cause.description
                    }
                } catch  where TroubleSorter.isAbsence(error) || Task.isCancelled {
                    // The journal knows; a record that still says `running` without a lock means the same.
                }
            }
        case .refused, .failed: break
        }
    }

    func environment(_ plan: UpgradePlan, _ keeper: RunRecordKeeper, run: String) -> UpgradeEnvironment {
        let ownFolder = BackupFolder(stateDir: options.stateDirectory, clusterUID: plan.clusterUID)
        return UpgradeEnvironment(
            run: run,
            plan: plan,
            client: client,
            record: keeper,
            backups: options.backupDirectory.map(BackupFolder.init(path:)) ?? ownFolder,
            stepLimit: options.stepLimit,
            blockers: options.blockers,
            transport: options.transport
        )
    }

    private func clusterUID() async throws -> String {
        try await client.get(.namespaces, ObjectKey(name: "kube-system")).uid
    }

    /// The cluster's UID; while the API is away, what this machine remembers of it.
    func knownClusterUID() async throws -> String {
        let index = ClusterIndex(stateDirectory: options.stateDirectory)
        do {
            let uid = try await clusterUID()
            try index.remember(uid, for: client.configuration)
            return uid
        } catch  where TroubleSorter.isAbsence(error) {
            if let uid = index.clusterUID(for: client.configuration) { return uid }
            throw UpgradeRunError.unknownCluster(server: client.configuration.server, reason: "\(error)")
        }
    }

    /// `20260724-040949-3f9a`: sorts by time, and says it.
    static func identifier(at time: Date) -> String {
        let digits = Timestamp.string(from: time).filter(\.isNumber)
        let suffix = (0..<4).map { _ in String(UInt8.random(in: 0...15), radix: 16) }.joined()
        return "\(digits.prefix(8))-\(digits.dropFirst(8))-\(suffix)"
    }
}
