import ArgumentParser
import Etcd

struct SnapshotVerifyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "verify",
        abstract: "Read a snapshot whole: every page, every row, its SHA-256, and what is in it. Changes nothing.",
        discussion: """
            A snapshot of etcd, or the db file of a data directory whose member is stopped. Exit code 1 if it is \
            damaged; each damage is a line on standard error.
            """
    )

    @Argument(help: "The snapshot.", completion: .file())
    var file: String

    @Flag(help: "Decode every Kubernetes object too.")
    var deep = false

    @OptionGroup var output: OutputOptions

    func run() async throws {
        let verification = try await DatabaseVerification(path: file, isDeep: deep)
        try output.render(verification.value) { verification.lines }
        for line in verification.troubles { Terminal.standard.error("keelstep: \(line)") }
        guard verification.isSound else { throw ExitCode.failure }
    }
}
