import ArgumentParser
import Sandbox

struct SandboxUpCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "up",
        abstract: "Start a simulated cluster in the background; returns once it is ready."
    )

    @OptionGroup var options: SandboxSpecOptions

    func run() async throws {
        let terminal = Terminal.standard
        let state = try await SandboxLifecycle.up(try options.spec()) { phase in terminal.note("  \(phase)") }
        let folder = options.sandbox.folder
        terminal.print("sandbox '\(state.spec.name)' is up: \(state.server)")
        terminal.print("  export KUBECONFIG=\(folder.kubeconfig)")
        terminal.print("  export KEELSTEP_CONFIG=\(folder.configuration)")
    }
}
