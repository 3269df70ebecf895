import Foundation
import GRDB
import Testing

@testable import Runs

private func entry(_ id: String, at time: Date = noon) -> RunEntry {
    RunEntry(id: id, clusterUID: "c", title: "test", startedAt: time, who: "me", toolVersion: "1", plan: [1, 0, 255])
}

@Suite struct `a journal` {
    private func with(_ body: (TemporaryFolder, Journal) async throws -> Void) async throws {
        let folder = try TemporaryFolder()
        defer { folder.remove() }
        try await body(folder, try Journal.open(stateDirectory: folder.path, clusterUID: "c"))
    }

    @Test func `is fully synchronous, with a rollback journal, for its owner alone`() async throws {
        try await with { folder, journal in
            let pragmas = try await journal.queue.read { database in
                (
                    try Int.fetchOne(database, sql: "PRAGMA synchronous"),
                    try String.fetchOne(database, sql: "PRAGMA journal_mode")
                )
            }
            #expect(pragmas.0 == 2 && pragmas.1 == "delete")
            #expect(try folder.mode("c") == 0o700 && folder.mode("c/journal.sqlite") == 0o600)
        }
    }

    @Test func `gives back every event, in order, also after it was opened anew`() async throws {
        try await with { folder, journal in
            try await journal.begin(entry("r1"))
            for event in everyEvent { try await journal.record(event) }
            let again = try #require(try Journal.find(stateDirectory: folder.path, clusterUID: "c"))
            #expect(try await again.events(of: "r1") == everyEvent)
            #expect(try await again.events(of: "r2") == [])
            #expect(try await again.run() == entry("r1"))
            #expect(try Journal.find(stateDirectory: folder.path, clusterUID: "other") == nil)
        }
    }

    @Test func `keeps runs with their states, the latest first`() async throws {
        try await with { _, journal in
            try await journal.begin(entry("old"))
            try await journal.begin(entry("new", at: noon.addingTimeInterval(60)))
            try await journal.begin(entry("old", at: noon.addingTimeInterval(600)))  // begun once, and for all
            #expect(try await journal.runs().map(\.id) == ["new", "old"])
            try await journal.setState(.paused, of: "old", at: noon)
            let paused = try await journal.run("old")
            #expect(paused.isOpen && paused.finishedAt == nil)
            try await journal.setState(.completed, of: "old", at: noon.addingTimeInterval(5))
            let old = try await journal.run("old")
            #expect(!old.isOpen && old.finishedAt == noon.addingTimeInterval(5) && old.startedAt == noon)
            let error = await #expect(throws: JournalError.self) { _ = try await journal.run("never") }
            #expect("\(try #require(error))" == "there is no run 'never' in the journal; it holds new, old")
        }
    }

    @Test func `writes what happened also where the task was cancelled meanwhile`() async throws {
        try await with { _, journal in
            try await journal.begin(entry("r1"))
            let event = try #require(everyEvent.last)
            let task = Task {
                while !Task.isCancelled { await Task.yield() }
                try await journal.record(event)
            }
            task.cancel()
            try await task.value
            #expect(try await journal.events(of: "r1") == [event])
        }
    }

    @Test func `refuses an event of a run it does not know`() async throws {
        try await with { _, journal in
            await #expect(throws: JournalError.self) { try await journal.record(everyEvent[0]) }
        }
    }
}

@Suite struct `a journal that is damaged` {
    private func damaged(_ body: (String) throws -> Void) throws -> (TemporaryFolder, String) {
        let folder = try TemporaryFolder()
        let path = folder.path + "/c/journal.sqlite"
        try FileManager.default.createDirectory(atPath: folder.path + "/c", withIntermediateDirectories: true)
        try body(path)
        return (folder, path)
    }

    @Test func `says so, and stays as it was`() throws {
        let garbage = Data((0..<9000).map { UInt8(truncatingIfNeeded: $0 &* 31) })
        let (folder, path) = try damaged { try garbage.write(to: URL(filePath: $0)) }
        defer { folder.remove() }
        let error = #expect(throws: JournalError.self) {
            _ = try Journal.open(stateDirectory: folder.path, clusterUID: "c")
        }
        guard case .corrupt(path, _) = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect("\(try #require(error))".contains("move it aside and run `keelstep resume`"))
        #expect(try Data(contentsOf: URL(filePath: path)) == garbage)
    }

    @Test func `says so where its end is missing`() async throws {
        let folder = try TemporaryFolder()
        defer { folder.remove() }
        let path = folder.path + "/c/journal.sqlite"
        do {
            let journal = try Journal.open(stateDirectory: folder.path, clusterUID: "c")
            try await journal.begin(entry("r1"))
            for event in everyEvent { try await journal.record(event) }
        }
        let whole = try Data(contentsOf: URL(filePath: path))
        try whole.prefix(whole.count / 2).write(to: URL(filePath: path))
        let error = await #expect(throws: JournalError.self) {
            _ = try await Journal.open(stateDirectory: folder.path, clusterUID: "c").events(of: "r1")
        }
        guard case .corrupt = error else {
            Issue.record("\(String(describing: error))")
            return
        }
    }

    @Test func `in one row names the row, and gives the other runs`() async throws {
        let folder = try TemporaryFolder()
        defer { folder.remove() }
        let journal = try Journal.open(stateDirectory: folder.path, clusterUID: "c")
        try await journal.begin(entry("r1"))
        try await journal.begin(entry("r2"))
        for event in everyEvent { try await journal.record(event) }
        var other = everyEvent[0]
        other.run = "r2"
        try await journal.record(other)
        try await journal.queue.write { try $0.execute(sql: "UPDATE event SET body = '{}' WHERE seq = 3") }
        let error = await #expect(throws: JournalError.self) { _ = try await journal.events(of: "r1") }
        #expect("\(try #require(error))".contains("row 3 of run r1"))
        #expect(try await journal.events(of: "r2") == [other])
    }

    @Test func `is not guessed at when it is of a later format`() async throws {
        let folder = try TemporaryFolder()
        defer { folder.remove() }
        let journal = try Journal.open(stateDirectory: folder.path, clusterUID: "c")
        try await journal.queue.write {
            try $0.execute(sql: "INSERT INTO grdb_migrations (identifier) VALUES ('v99')")
        }
        let error = #expect(throws: JournalError.self) {
            _ = try Journal.open(stateDirectory: folder.path, clusterUID: "c")
        }
        guard case .newerFormat = error else {
            Issue.record("\(String(describing: error))")
            return
        }
    }

    @Test func `says so where a folder stands in its place`() throws {
        let (folder, path) = try damaged {
            try FileManager.default.createDirectory(atPath: $0, withIntermediateDirectories: true)
        }
        defer { folder.remove() }
        let error = #expect(throws: JournalError.self) {
            _ = try Journal.open(stateDirectory: folder.path, clusterUID: "c")
        }
        guard case .noPlace(path, _) = error else {
            Issue.record("\(String(describing: error))")
            return
        }
    }
}
