import ArgumentParser
import KubernetesModel
import Sandbox

/// `sandbox fault …`: what goes wrong on purpose.
struct SandboxFaultCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "fault",
        abstract: "Make something go wrong in a simulated cluster, until it is cleared.",
        subcommands: [
            Command.self, Partition.self, API.self, Etcd.self, PodFault.self, Kubelet.self, Kill.self, List.self,
            Clear.self,
        ]
    )

    /// Adds the fault and prints its number.
    static func add(_ fault: Fault, to sandbox: SandboxOptions) async throws {
        let number = try await SandboxLifecycle.add(fault, to: sandbox.folder)
        Terminal.standard.print("fault \(number): \(fault.description)")
    }

    struct Command: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "command",
            abstract: "A node's command fails, or never ends."
        )
        @OptionGroup var sandbox: SandboxOptions
        @Option(help: "The node; every node without it.") var node: String?
        @Option(help: "Words that stand in a row in the command: 'kubeadm upgrade apply'.") var match: String
        @Flag(help: "The command never ends.") var hang = false
        @Option(help: "The exit code it fails with.") var exit = 1
        @Option(help: "What it writes to standard error.") var text =
            "error: broken on purpose by `keelstep sandbox fault`"
        @Option(help: "How often; without it, until cleared.") var times: Int?

        func run() async throws {
            let outcome: Fault.CommandOutcome = hang ? .hang : .fail(exitCode: exit, text: text)
            let words = match.split(separator: " ").map(String.init)
            let fault = Fault.command(node: node, words: words, outcome: outcome, times: times)
            try await SandboxFaultCommand.add(fault, to: sandbox)
        }
    }

    struct Partition: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "partition",
            abstract: "A node answers nobody, and reaches nobody."
        )
        @OptionGroup var sandbox: SandboxOptions
        @Argument(help: "The node.") var node: String

        func run() async throws { try await SandboxFaultCommand.add(.partition(node: node), to: sandbox) }
    }

    struct API: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "api",
            abstract: "API servers answer 429 or 500, or nothing at all."
        )
        @OptionGroup var sandbox: SandboxOptions
        @Option(help: "The control-plane node; all of them without it.") var node: String?
        @Option(help: "429, 500 or timeout.") var answer: String
        @Option(help: "Only requests whose path begins so.") var path: String?
        @Option(help: "How often; without it, until cleared.") var times: Int?

        func validate() throws { _ = try outcome() }

        private func outcome() throws -> Fault.APIOutcome {
            switch answer {
            case "429": .tooManyRequests
            case "500": .internalError
            case "timeout": .noAnswer
            default: throw ValidationError("--answer is '\(answer)'; it is 429, 500 or timeout")
            }
        }

        func run() async throws {
            let fault = Fault.api(node: node, outcome: try outcome(), pathPrefix: path, times: times)
            try await SandboxFaultCommand.add(fault, to: sandbox)
        }
    }

    struct Etcd: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "etcd",
            abstract: "A node's etcd member is stopped."
        )
        @OptionGroup var sandbox: SandboxOptions
        @Argument(help: "The control-plane node.") var node: String

        func run() async throws { try await SandboxFaultCommand.add(.etcd(node: node), to: sandbox) }
    }

    struct PodFault: AsyncParsableCommand {
        static let configuration = CommandConfiguration(commandName: "pod", abstract: "A pod never terminates.")
        @OptionGroup var sandbox: SandboxOptions
        @Argument(help: "The pod, as NAMESPACE/NAME.") var pod: String

        func run() async throws {
            let parts = pod.split(separator: "/").map(String.init)
            let key = parts.count == 2 ? ObjectKey(namespace: parts[0], name: parts[1]) : nil
            guard let key else { throw ValidationError("'\(pod)' is no pod; write it as NAMESPACE/NAME") }
            try await SandboxFaultCommand.add(.pod(key), to: sandbox)
        }
    }

    struct Kubelet: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "kubelet",
            abstract: "A node's kubelet does not come back once it is stopped."
        )
        @OptionGroup var sandbox: SandboxOptions
        @Argument(help: "The node.") var node: String

        func run() async throws { try await SandboxFaultCommand.add(.kubelet(node: node), to: sandbox) }
    }

    struct Kill: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "kill-client",
            abstract: "Keelstep itself is killed around its effects (mutating requests and node commands)."
        )
        @OptionGroup var sandbox: SandboxOptions
        @Flag(help: "Once before and once after every different effect.") var every = false
        @Option(help: "At the effect of this number only; see --after.") var at: Int?
        @Flag(help: "With --at: after the effect instead of before.") var after = false

        func run() async throws {
            let plan: KillPlan =
                if every { .everyEffect } else if let at { .single(ordinal: at, isAfter: after) } else { .count }
            try await SandboxFaultCommand.add(.killClient(plan), to: sandbox)
        }
    }

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(commandName: "list", abstract: "List the faults in force.")
        @OptionGroup var sandbox: SandboxOptions
        @OptionGroup var output: OutputOptions

        func run() async throws {
            let faults = try await SandboxLifecycle.faults(in: sandbox.folder)
            let value = JSONValue.array(
                faults.map { ["number": .integer(Int64($0.number)), "fault": .string($0.text)] }
            )
            try output.render(value) {
                TextTable.lines(header: ["NUMBER", "FAULT"], rows: faults.map { ["\($0.number)", $0.text] })
            }
        }
    }

    struct Clear: AsyncParsableCommand {
        static let configuration = CommandConfiguration(commandName: "clear", abstract: "Clear a fault, or all.")
        @OptionGroup var sandbox: SandboxOptions
        @Argument(help: "The fault's number; all of them without it.") var number: Int?

        func run() async throws {
            try await SandboxLifecycle.clearFault(number, in: sandbox.folder)
            Terminal.standard.print(number.map { "fault \($0) cleared" } ?? "all faults cleared")
        }
    }
}
