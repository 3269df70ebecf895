import Backups
import Crypto
import EtcdSupport
import Foundation
import Runs
import Synchronization
import Testing

@testable import Upgrades

@Suite(.timeLimit(.minutes(1))) struct `the backup of a step` {
    /// Adds two files, and counts how often it is asked to.
    private final class Source: Sendable {
        private let count = Mutex(0)
        var takes: Int { count.withLock(\.self) }

        func add(_ writer: BackupWriter) async throws {
            count.withLock { $0 += 1 }
            try await writer.add([1, 2], name: "etcd/cp-1.db", kind: .etcdSnapshot, node: "cp-1")
            try await writer.add([3], name: "objects/x.json", kind: .objects)
        }
    }

    @Test func `is taken once in a run, however often it is performed`() async throws {
        try await Workbench.with { bench, _ in
            let source = Source()
            let backup = StepBackup(work: bench.work())
            #expect(try await backup.probe(bench.context()) == nil)
            try await backup.take(bench.context(), versions: ["kubelet cp-1": "v1.31.4"]) { try await source.add($0) }
            // Killed before the step was recorded as performed: the set is there, and its note may not be.
            guard case .halfDone? = try await backup.probe(bench.context()) else {
                Issue.record("it is not half done")
                return
            }
            try await backup.take(bench.context(at: 60), versions: [:]) { try await source.add($0) }
            #expect(try await backup.probe(bench.context(wasPerformed: true)) == .done)
            #expect(source.takes == 1)
            let sets = try bench.folder.sets()
            #expect(sets.map(\.index.description.label) == ["hop-1-cluster"])
            #expect(sets[0].index.description.versions == ["kubelet cp-1": "v1.31.4"])
            #expect(sets[0].index.description.cluster == "c0ffee" && sets[0].index.description.run == "r1")
        }
    }

    @Test func `is found by its run, its hop and its node alone`() async throws {
        try await Workbench.with { bench, temporary in
            let source = Source()
            try await StepBackup(work: bench.work(hop: 2, node: "cp-2")).take(bench.context(), versions: [:]) {
                try await source.add($0)
            }
            let done = bench.context(wasPerformed: true)
            #expect(try await StepBackup(work: bench.work(hop: 2, node: "cp-2")).probe(done) == .done)
            for other in [
                bench.work(run: "r2", hop: 2, node: "cp-2"), bench.work(hop: 1, node: "cp-2"), bench.work(hop: 2),
                bench.work(hop: 2, node: "cp-1"),
            ] { #expect(try await StepBackup(work: other).probe(done) == nil) }
            #expect(try temporary.entries("c0ffee/backups").first?.hasSuffix("Z-hop-2-cp-2") == true)
        }
    }

    @Test func `is noted by what proves it later`() async throws {
        try await Workbench.with { bench, _ in
            let source = Source()
            try await StepBackup(work: bench.work()).take(bench.context(), versions: [:]) { try await source.add($0) }
            let set = try #require(try bench.folder.sets().first)
            func digest(_ path: String) throws -> String {
                SHA256.hash(data: try Data(contentsOf: URL(filePath: path)))
                    .map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
            }
            let expected = try [
                BackupRecord(
                    kind: "etcd-snapshot",
                    path: "\(set.path)/etcd/cp-1.db",
                    bytes: 2,
                    sha256: digest("\(set.path)/etcd/cp-1.db")
                ),
                BackupRecord(
                    kind: "backup-set",
                    path: set.path,
                    bytes: 3,
                    sha256: digest("\(set.path)/index.json")
                ),
            ]
            #expect(bench.backups == expected)
        }
    }

    @Test func `that was damaged since is taken again`() async throws {
        try await Workbench.with { bench, _ in
            let source = Source()
            let backup = StepBackup(work: bench.work())
            try await backup.take(bench.context(), versions: [:]) { try await source.add($0) }
            let set = try #require(try bench.folder.sets().first)
            try Data([9, 9]).write(to: URL(filePath: "\(set.path)/etcd/cp-1.db"))
            guard case .halfDone(let what)? = try await backup.probe(bench.context(wasPerformed: true)) else {
                Issue.record("it is not half done")
                return
            }
            #expect(what.contains("etcd/cp-1.db has another SHA-256"))
            try await backup.take(bench.context(at: 60), versions: [:]) { try await source.add($0) }
            #expect(try await backup.probe(bench.context(wasPerformed: true)) == .done)
            #expect(try source.takes == 2 && bench.folder.sets().count == 2)
        }
    }

    @Test func `that fails half-way leaves no set, and what a killed process left is removed`() async throws {
        try await Workbench.with { bench, temporary in
            struct Interrupted: Error {}
            let backup = StepBackup(work: bench.work())
            await #expect(throws: Interrupted.self) {
                try await backup.take(bench.context(), versions: [:]) { writer in
                    try await writer.add([1], name: "a", kind: .objects)
                    throw Interrupted()
                }
            }
            #expect(try await backup.probe(bench.context()) == nil)
            #expect(bench.backups == [])
            let left = bench.folder.path + "/.2027-01-15T08-00-00Z-hop-1-cluster.99999999.partial"
            try FileManager.default.createDirectory(atPath: left, withIntermediateDirectories: true)
            #expect(try await backup.probe(bench.context()) == nil)
            try await backup.take(bench.context(), versions: [:]) { try await Source().add($0) }
            #expect(try temporary.entries("c0ffee/backups") == ["2027-01-15T08-00-00Z-hop-1-cluster"])
        }
    }

    @Test func `of a node is not taken once the node is past the version`() async throws {
        try await Workbench.with { bench, _ in
            func probe(_ work: StepWork, wasPerformed: Bool = false) async throws -> Probe {
                try await BackUpNodeStep(work: work, nodeName: "cp-1").probe(bench.context(wasPerformed: wasPerformed))
            }
            let before = bench.work(node: "cp-1")
            let after = bench.work(node: "cp-1", manifests: Workbench.to)
            #expect(try await probe(before) == .notStarted)
            #expect(try await probe(after) == .done)
            try await StepBackup(work: before).take(bench.context(), versions: [:]) { try await Source().add($0) }
            #expect(try await probe(after, wasPerformed: true) == .done)
            // A way back that is lost is said, and not replaced by a copy of what came after.
            let set = try #require(try bench.folder.sets().first)
            try FileManager.default.removeItem(atPath: "\(set.path)/objects/x.json")
            await #expect(throws: BackupError.self) { try await probe(after, wasPerformed: true) }
            guard case .halfDone = try await probe(before, wasPerformed: true) else {
                Issue.record("it is not half done")
                return
            }
        }
    }
}
