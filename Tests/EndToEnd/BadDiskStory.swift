import EtcdSupport
import Foundation
import Testing

extension EndToEnd {
    /// A journal that cannot be read, and disks that are full.
    @Suite struct `bad input on disk` {
        private static let damaged =
            "the journal {folder}/state/{uid}/journal.sqlite is damaged: file is not a database; move it aside and run "
            + "`keelstep resume`: the run is then taken up from the cluster's own record, by probing"

        @Test(.timeLimit(.minutes(10)))
        func `of a journal is said and the journal kept; moved aside, the run is taken up from the cluster`()
            async throws
        {
            try await RunningSandbox.with(
                "--control-planes",
                "1",
                "--workers",
                "1",
                "--speed",
                "100",
                shop: false
            ) { sandbox in
                let folder = "\(sandbox.folder)/state/\(try await sandbox.clusterUID())"
                let journal = folder + "/journal.sqlite"
                let noise = Data((0..<5000).map { UInt8(truncatingIfNeeded: $0 &* 73) })
                try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
                try noise.write(to: URL(filePath: journal))
                try await sandbox.expectUntouched {
                    try await sandbox.expectRefused([
                        BadCall("status", code: 1, says: Self.damaged),
                        BadCall("resume", code: 1, says: Self.damaged),
                        BadCall("report", code: 1, says: Self.damaged),
                        BadCall("upgrade", "--to", "v1.32.6", "--yes", code: 1, .afterPlan, says: Self.damaged),
                    ])
                }
                #expect(try Data(contentsOf: URL(filePath: journal)) == noise)
                try FileManager.default.removeItem(atPath: journal)

                // A run that stops half-way, and whose journal is lost then.
                try await sandbox.fault("command", "--match", "kubeadm upgrade apply", "--text", "error: no")
                let stopped = try await sandbox.keelstep.run("upgrade", "--to", "v1.32.6", "--yes")
                expect(stopped, code: 4)
                let run = try #require(stopped.errors.firstMatch(of: #/run (\S+) started/#)?.1)
                try noise.write(to: URL(filePath: journal))
                try await sandbox.expectRefused([BadCall("resume", code: 1, says: Self.damaged)])
                try FileManager.default.moveItem(atPath: journal, toPath: journal + ".damaged")
                try await sandbox.fault("clear")
                let resumed = try await sandbox.keelstep.run("resume")
                expect(resumed)
                #expect(resumed.errors.contains("run \(run) completed\n"), "\(resumed)")
                try await sandbox.expectEveryNode(at: "v1.32.6")
                try await sandbox.expectNoneCordoned()
                #expect(try Data(contentsOf: URL(filePath: journal + ".damaged")) == noise)
            }
        }

        @Test(.timeLimit(.minutes(5)))
        func `where the state directory is a file is said, and nothing is begun`() async throws {
            try await RunningSandbox.with(
                "--control-planes",
                "1",
                "--workers",
                "1",
                "--speed",
                "100",
                shop: false
            ) { sandbox in
                try sandbox.write("", as: "plain")
                try sandbox.write(
                    try sandbox.text(of: "keelstep.yaml").replacing(
                        "\(sandbox.folder)/state",
                        with: "\(sandbox.folder)/plain"
                    ),
                    as: "other.yaml"
                )
                let place =
                    "there is no place for the journal {folder}/plain/{uid}/journal.sqlite: not a directory; "
                    + "name another stateDir in keelstep.yaml"
                try await sandbox.expectUntouched {
                    try await sandbox.expectRefused([
                        BadCall(
                            "upgrade",
                            "--to",
                            "v1.32.6",
                            "--yes",
                            "--config",
                            "{folder}/other.yaml",
                            code: 1,
                            .afterPlan,
                            says: place
                        )
                    ])
                    let status = try await sandbox.keelstep.run("status", "--config", "\(sandbox.folder)/other.yaml")
                    expect(status, code: 1)
                    #expect(status.errors.hasSuffix(": not a directory; name another stateDir in keelstep.yaml\n"))
                }
            }
        }

        /// A disk that is too small from the start, and disks on which files cannot be made any more at some point of
        /// the backup: at its snapshot, between its files, at its index.
        @Test(
            .timeLimit(.minutes(10)),
            .enabled("needs root, to mount a small tmpfs") { SmallDisk.isPossible }
        )
        func `that is full under a backup pauses the run before a node is touched; with room it goes on`()
            async throws
        {
            try await RunningSandbox.with(
                "--control-planes",
                "1",
                "--workers",
                "1",
                "--speed",
                "100",
                shop: false
            ) { sandbox in
                for (bytes, files) in [(1 << 20, nil), (64 << 20, 5), (64 << 20, 6), (64 << 20, 12)] as [(Int, Int?)] {
                    let disk = try SmallDisk(bytes: bytes, files: files)
                    defer { disk.remove() }
                    let outcome = try await sandbox.keelstep.run(
                        "upgrade",
                        "--to",
                        "v1.32.6",
                        "--yes",
                        "--backup-dir",
                        disk.path
                    )
                    expect(outcome, code: 4)
                    #expect(outcome.errors.contains(#/\npaused: (cp-1: )?back up/#), "\(outcome)")
                    let remedy = "make room, or name another folder with --backup-dir"
                    #expect(outcome.errors.contains(remedy), "\(outcome)")
                    #expect(try Self.halfWritten(below: disk.path) == [])
                    let commands = try await sandbox.sandbox("commands").output
                    #expect(!commands.contains("kubeadm upgrade apply") && !commands.contains("apt-get install"))
                    #expect(try await sandbox.cordonedNodes() == [])
                }
                let disk = try SmallDisk(bytes: 1 << 20)
                defer { disk.remove() }
                expect(
                    try await sandbox.keelstep.run("upgrade", "--to", "v1.32.6", "--yes", "--backup-dir", disk.path),
                    code: 4
                )
                try disk.grow(to: 256 << 20)
                expect(try await sandbox.keelstep.run("resume", "--backup-dir", disk.path))
                try await sandbox.expectEveryNode(at: "v1.32.6")
                try await sandbox.expectNoneCordoned()
            }
        }

        @Test(
            .timeLimit(.minutes(10)),
            .enabled("needs root, to mount a small tmpfs") { SmallDisk.isPossible }
        )
        func `that is full under the journal stops the run before its next effect; with room it goes on`()
            async throws
        {
            try await RunningSandbox.with(
                "--control-planes",
                "1",
                "--workers",
                "1",
                "--speed",
                "100",
                shop: false
            ) { sandbox in
                let disk = try SmallDisk(bytes: 100 << 10)
                defer { disk.remove() }
                let settings = try sandbox.text(of: "keelstep.yaml").replacing(
                    "\(sandbox.folder)/state",
                    with: disk.path
                )
                try sandbox.write(settings + "backupDir: \(sandbox.folder)/backups\n", as: "small.yaml")
                let config = ["--config", "\(sandbox.folder)/small.yaml"]
                let full =
                    "cannot write the journal \(disk.path)/{uid}/journal.sqlite: database or disk is full; nothing further "
                    + "was done, make room and `keelstep resume`"
                let stopped = try await sandbox.keelstep.run(["upgrade", "--to", "v1.32.6", "--yes"] + config)
                expect(stopped, code: 4)
                let line = try await sandbox.filled(["keelstep: \(full)\n"])[0]
                #expect(stopped.errors.hasSuffix(line), "\(stopped)")
                var again = BadCall("resume", code: 4, says: full)
                again.words += config
                try await sandbox.expectRefused([again])
                try disk.grow(to: 64 << 20)
                expect(try await sandbox.keelstep.run(["resume"] + config))
                let report = try await sandbox.keelstep.run(["report"] + config)
                expect(report)
                try await sandbox.expectEveryNode(at: "v1.32.6")
                try await sandbox.expectNoneCordoned()
            }
        }

        /// Files whose writing was begun and not ended.
        private static func halfWritten(below folder: String) throws -> [String] {
            let files = FileManager.default.enumerator(atPath: folder)?.compactMap { $0 as? String } ?? []
            return files.filter { $0.contains("partial") || $0.contains(".tmp") }
        }
    }
}
