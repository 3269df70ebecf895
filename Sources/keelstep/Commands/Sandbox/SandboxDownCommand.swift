import ArgumentParser
import Sandbox

struct SandboxDownCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "down",
        abstract: "End a simulated cluster and remove everything it left."
    )

    @OptionGroup var sandbox: SandboxOptions

    func run() async throws {
        try await SandboxLifecycle.down(sandbox.folder)
        Terminal.standard.print("sandbox '\(sandbox.name)' is gone")
    }
}
