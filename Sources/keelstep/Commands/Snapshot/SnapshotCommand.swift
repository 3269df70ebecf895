import ArgumentParser

struct SnapshotCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "snapshot",
        abstract: "Look into snapshots of etcd, without a server.",
        subcommands: [SnapshotVerifyCommand.self, SnapshotStatusCommand.self]
    )
}
