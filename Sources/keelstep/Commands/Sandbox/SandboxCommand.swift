import ArgumentParser

struct SandboxCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "sandbox",
        abstract: "Simulated clusters on this machine: real etcd members, everything else emulated.",
        subcommands: [
            SandboxUpCommand.self, SandboxDownCommand.self, SandboxListCommand.self, SandboxKubeconfigCommand.self,
            SandboxLoadCommand.self, SandboxFaultCommand.self, SandboxLogCommand.Commands.self,
            SandboxLogCommand.Effects.self, SandboxServeCommand.self,
        ]
    )
}
