import ArgumentParser
import Sandbox

/// The background process behind `sandbox up`; started by it, not by people.
struct SandboxServeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "serve",
        abstract: "Run a simulated cluster in this process.",
        shouldDisplay: false
    )

    @OptionGroup var options: SandboxSpecOptions

    func run() async throws { try await SandboxDaemon.run(try options.spec(), folder: options.sandbox.folder) }
}
