import ArgumentParser
import Sandbox

/// What a sandbox remembers of those who used it.
enum SandboxLogCommand {
    struct Commands: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "commands",
            abstract: "List the commands that ran on a simulated cluster's nodes: node, exit code, command."
        )
        @OptionGroup var sandbox: SandboxOptions

        func run() async throws {
            for line in try await SandboxLifecycle.commands(in: sandbox.folder) { Terminal.standard.print(line) }
        }
    }

    struct Effects: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "effects",
            abstract: "List Keelstep's effects (requests that change, node commands) since `fault kill-client`."
        )
        @OptionGroup var sandbox: SandboxOptions

        func run() async throws {
            for line in try await SandboxLifecycle.effects(in: sandbox.folder) { Terminal.standard.print(line) }
        }
    }
}
