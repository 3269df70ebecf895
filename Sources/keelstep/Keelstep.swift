import ArgumentParser
import Foundation
import Upgrades

@main struct Keelstep: AsyncParsableCommand {
    static let version = "0.1.0"

    static let configuration = CommandConfiguration(
        commandName: "keelstep",
        abstract: "Upgrade and maintain kubeadm Kubernetes clusters, one minor version at a time.",
        discussion: """
            Keelstep looks before it touches: survey and plan only read. Every step is probed before and after \
            it, journaled, and can be resumed; nothing irreversible happens without a verified backup of the same run.

            Exit codes: 0 done, 1 failed, 2 usage, 3 findings block, 4 paused and resumable. `keelstep --version` tells \
            the program's version.
            """,
        groupedSubcommands: [
            CommandGroup(name: "Beginning", subcommands: [InitCommand.self, NodesCommand.self]),
            CommandGroup(name: "Looking", subcommands: [SurveyCommand.self, PlanCommand.self]),
            CommandGroup(
                name: "Upgrading",
                subcommands: [UpgradeCommand.self, ResumeCommand.self, StatusCommand.self, ReportCommand.self]
            ),
            CommandGroup(
                name: "Nodes",
                subcommands: [DrainCommand.self, CordonCommand.self, UncordonCommand.self]
            ),
            CommandGroup(name: "etcd", subcommands: [SnapshotCommand.self]),
            CommandGroup(name: "Trying out", subcommands: [DemoCommand.self, SandboxCommand.self]),
        ]
    )

    static func main() async {
        // A reader that went away (`keelstep survey | head`) is an error of write, not a reason to die.
        signal(SIGPIPE, SIG_IGN)
        // The parser's own `--version` would take the place of `sandbox up --version` wherever another word is wrong.
        if CommandLine.arguments.dropFirst() == ["--version"] { return Terminal.standard.print(version) }
        do {
            var command = try parseAsRoot()
            if var command = command as? any AsyncParsableCommand {
                try await command.run()
            } else {
                try command.run()
            }
        } catch { leave(with: error) }
    }

    /// Prints what went wrong (or the help that was asked for) and exits with one of our five codes.
    private static func leave(with error: any Error) -> Never {
        if let code = error as? ExitCode { exit(withError: code) }
        if let refusal = error as? PlanRefusal { complain("keelstep: \(refusal)", ExitCode(refusal.exitCode)) }
        switch exitCode(for: error) {
        case .success: exit(withError: error)
        case .validationFailure: complain(withSuggestion(fullMessage(for: error)), .usage)
        case .failure: complain("keelstep: \(error)", .failure)
        case let code: exit(withError: code)
        }
    }

    /// The message, with the command that was perhaps meant where the first word is none.
    private static func withSuggestion(_ message: String) -> String {
        let names = configuration.subcommands.compactMap { $0.configuration.commandName }
        guard let word = CommandLine.arguments.dropFirst().first, !word.hasPrefix("-"), !names.contains(word),
            let near = NearWord(word).among(names)
        else { return message }
        let lines = message.split(separator: "\n", omittingEmptySubsequences: false).dropFirst()
        return (["Error: '\(word)' is no command; did you mean `keelstep \(near)`?"] + lines).joined(separator: "\n")
    }

    private static func complain(_ message: String, _ code: ExitCode) -> Never {
        Terminal.standard.error(message)
        exit(withError: code)
    }
}

extension ExitCode {
    /// The words of the command line were off.
    static let usage = ExitCode(2)
    /// Findings of severity blocker keep the command from acting.
    static let blocked = ExitCode(3)
    /// The run stands still and can be resumed.
    static let paused = ExitCode(4)
}
