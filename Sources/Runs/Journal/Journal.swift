package import Foundation
import GRDB
import KubernetesModel
import SystemPackage

/// Where the executor puts what happens. Whatever this throws ends the run: what cannot be journaled is not done.
package protocol RunRecorder: Sendable {
    func record(_ event: RunEvent) async throws
}

/// All runs of one cluster, in one SQLite file: each event is a row, on disk before the call returns.
///
/// A rollback journal with `synchronous = FULL`, because a WAL may lose its last commits at a power failure.
package struct Journal: Sendable {
    package let path: String
    let queue: DatabaseQueue

    /// Opens `<stateDirectory>/<clusterUID>/journal.sqlite`, making it (0600, its folder 0700) where it is missing.
    package static func open(stateDirectory: String, clusterUID: String) throws -> Journal {
        let folder = FilePath(stateDirectory).appending(clusterUID)
        let path = folder.appending("journal.sqlite").string
        do {
            try FileManager.default.createDirectory(
                atPath: folder.string,
                withIntermediateDirectories: true,
                attributes: [.posixPermissions: 0o700]
            )
            let file = try FileDescriptor.open(
                FilePath(path),
                .readWrite,
                options: [.create, .closeOnExec],
                permissions: [.ownerReadWrite]
            )
            try file.close()
        } catch {
            throw JournalError.noPlace(path: path, reason: error.systemReason)
        }
        return try Journal(path: path)
    }

    /// Opens a journal that is there; nil where there is none.
    package static func find(stateDirectory: String, clusterUID: String) throws -> Journal? {
        let path = FilePath(stateDirectory).appending(clusterUID).appending("journal.sqlite").string
        guard FileManager.default.fileExists(atPath: path) else { return nil }
        return try Journal(path: path)
    }

    /// - Throws: ``JournalError``.
    package init(path: String) throws {
        self.path = path
        do {
            var configuration = Configuration()
            configuration.busyMode = .timeout(10)
            configuration.prepareDatabase { database in
                try database.execute(sql: "PRAGMA synchronous = FULL")
            }
            queue = try DatabaseQueue(path: path, configuration: configuration)
            let migrator = JournalSchema.migrator
            if try queue.read({ try migrator.hasBeenSuperseded($0) }) { throw JournalError.newerFormat(path: path) }
            try migrator.migrate(queue)
            let synchronous = try queue.read { try Int.fetchOne($0, sql: "PRAGMA synchronous") ?? -1 }
            guard synchronous == 2 else { throw JournalError.notDurable(path: path, synchronous: synchronous) }
        } catch let error as DatabaseError {
            throw Self.error(error, path: path)
        }
    }

    private static func error(_ error: DatabaseError, path: String) -> JournalError {
        let reason = error.message ?? "\(error.resultCode)"
        return switch error.resultCode {
        case .SQLITE_NOTADB, .SQLITE_CORRUPT, .SQLITE_ERROR: .corrupt(path: path, reason: reason)
        case .SQLITE_FULL, .SQLITE_IOERR, .SQLITE_READONLY: .notWritable(path: path, reason: reason)
        default: .unreadable(path: path, reason: reason)
        }
    }

    private func read<Value: Sendable>(_ body: @Sendable @escaping (Database) throws -> Value) async throws -> Value {
        do { return try await queue.read(body) } catch let error as DatabaseError {
            throw Self.error(error, path: path)
        }
    }

    /// Out of cancellation's reach: GRDB would roll back with the task that writes, and an outcome would be lost.
    private func write<Value: Sendable>(_ body: @Sendable @escaping (Database) throws -> Value) async throws -> Value {
        let queue = queue
        do { return try await Task { try await queue.write(body) }.value } catch let error as DatabaseError {
            throw Self.error(error, path: path)
        }
    }
}

/// A run as the journal knows it.
package struct RunEntry: Sendable, Hashable, Codable {
    package enum State: String, Sendable, Hashable, Codable {
        case running
        case paused
        case completed
        /// Given up in favour of another run.
        case abandoned
    }

    package var id: String
    package var clusterUID: String
    package var state: State
    package var title: String
    package var startedAt: Date
    package var finishedAt: Date?
    /// `user@host`.
    package var who: String
    package var toolVersion: String
    /// The plan, as its own room writes it.
    package var plan: [UInt8]

    package init(
        id: String,
        clusterUID: String,
        state: State = .running,
        title: String,
        startedAt: Date,
        finishedAt: Date? = nil,
        who: String,
        toolVersion: String,
        plan: [UInt8]
    ) {
        self.id = id
        self.clusterUID = clusterUID
        self.state = state
        self.title = title
        self.startedAt = startedAt
        self.finishedAt = finishedAt
        self.who = who
        self.toolVersion = toolVersion
        self.plan = plan
    }

    /// Begun, and neither completed nor given up.
    package var isOpen: Bool { state == .running || state == .paused }
}

extension Journal {
    package func begin(_ run: RunEntry) async throws {
        try await write { database in
            try database.execute(
                sql: """
                    INSERT INTO run (id, cluster, state, title, started, who, tool, plan)
                    VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO NOTHING
                    """,
                arguments: [
                    run.id, run.clusterUID, run.state.rawValue, run.title, Timestamp.microString(from: run.startedAt),
                    run.who, run.toolVersion, Data(run.plan),
                ]
            )
        }
    }

    package func setState(_ state: RunEntry.State, of run: String, at: Date) async throws {
        let isEnd = state == .completed || state == .abandoned
        try await write { database in
            try database.execute(
                sql: "UPDATE run SET state = ?, finished = ? WHERE id = ?",
                arguments: [state.rawValue, isEnd ? Timestamp.microString(from: at) : nil, run]
            )
        }
    }

    /// All runs, the latest first.
    package func runs() async throws -> [RunEntry] {
        let path = path
        return try await read { database in
            let rows = try Row.fetchAll(database, sql: "SELECT * FROM run ORDER BY started DESC, id DESC")
            return try rows.map { try RunEntry($0, path: path) }
        }
    }

    /// The run of this id, or the latest.
    /// - Throws: ``JournalError/noSuchRun(_:known:)``.
    package func run(_ id: String? = nil) async throws -> RunEntry {
        let all = try await runs()
        guard let found = id == nil ? all.first : all.first(where: { $0.id == id }) else {
            throw JournalError.noSuchRun(id, known: all.map(\.id))
        }
        return found
    }

    /// Everything that happened in a run, in order.
    package func events(of run: String) async throws -> [RunEvent] {
        let path = path
        return try await read { database in
            let rows = try Row.fetchAll(
                database,
                sql: "SELECT seq, body FROM event WHERE run = ? ORDER BY seq",
                arguments: [run]
            )
            return try rows.map { row in
                do { return try RunEvent(parsing: row["body"]) } catch {
                    throw JournalError.corrupt(path: path, reason: "row \(row["seq"] as Int64) of run \(run): \(error)")
                }
            }
        }
    }

    /// What an executor must know of what was done before it.
    package func progress(of run: String) async throws -> RunProgress { RunProgress(try await events(of: run)) }
}

extension Journal: RunRecorder {
    package func record(_ event: RunEvent) async throws {
        let line = try event.line()
        try await write { database in
            try database.execute(
                sql: "INSERT INTO event (run, at, kind, step, node, body) VALUES (?, ?, ?, ?, ?, ?)",
                arguments: [
                    event.run, Timestamp.microString(from: event.at), event.name, event.step?.id, event.step?.node,
                    line,
                ]
            )
        }
    }
}

extension RunEntry {
    fileprivate init(_ row: Row, path: String) throws {
        let started: String = row["started"]
        let finished: String? = row["finished"]
        let text: String = row["state"]
        guard let startedAt = Timestamp.date(from: started), let state = State(rawValue: text) else {
            throw JournalError.corrupt(
                path: path,
                reason: "run \(row["id"] as String) has state '\(text)' since '\(started)'"
            )
        }
        let plan: Data = row["plan"]
        self.init(
            id: row["id"],
            clusterUID: row["cluster"],
            state: state,
            title: row["title"],
            startedAt: startedAt,
            finishedAt: finished.flatMap { Timestamp.date(from: $0) },
            who: row["who"],
            toolVersion: row["tool"],
            plan: Array(plan)
        )
    }
}

/// The steps of a run, by what the journal says of them.
package struct RunProgress: Sendable, Hashable {
    /// Their intent was recorded.
    package var started: Set<String> = []
    /// Their effect returned at least once.
    package var performed: Set<String> = []
    /// Proven, or found with nothing left to do.
    package var finished: Set<String> = []
    package var finishedHops: Set<Int> = []

    package init(_ events: [RunEvent] = [], finishedHops: some Sequence<Int> = []) {
        self.finishedHops = Set(finishedHops)
        for event in events {
            switch event.kind {
            case .stepStarted(let step, _): started.insert(step.id)
            case .stepPerformed(let step): performed.insert(step.id)
            case .stepFinished(let step, _), .stepSkipped(let step, _): finished.insert(step.id)
            case .hopFinished(let hop, _): self.finishedHops.insert(hop)
            default: break
            }
        }
    }
}
