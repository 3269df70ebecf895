import ArgumentParser
import Foundation

/// `make bench`: everything measured in one run, and written as docs/benchmarks.md.
@main struct Bench: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "keelstep-bench",
        abstract: "Measure keelstep side by side with kubectl, and print the page docs/benchmarks.md.",
        subcommands: [All.self, Measure.self],
        defaultSubcommand: All.self
    )

    struct All: AsyncParsableCommand {
        static let configuration = CommandConfiguration(commandName: "all", abstract: "Measure everything.")

        @Option(help: "The keelstep to measure.") var keelstep: String
        @Option(help: "The kubectl to measure it against.") var kubectl: String
        @Option(help: "Only these parts: drain, plan, demo.") var only: [String] = []
        @Option(help: "Pods on the node that is drained.") var pods: [Int] = [10, 110, 500]
        @Option(help: "How often each drain is repeated.") var repetitions = 3
        @Option(help: "Nodes of the large cluster.") var nodes = 5_000
        @Option(help: "Pods of the large cluster.") var clusterPods = 150_000

        func run() async throws {
            let workbench = try Workbench(keelstep: keelstep, kubectl: kubectl)
            defer { workbench.remove() }
            var page = BenchmarkPage(machine: try await Machine.read(workbench))
            let parts = only.isEmpty ? ["drain", "plan", "demo"] : only
            if parts.contains("drain") {
                page.drains = try await DrainBench(workbench: workbench, sizes: pods, repetitions: repetitions).run()
            }
            if parts.contains("plan") {
                page.plan = try await PlanBench(workbench: workbench, nodes: nodes, pods: clusterPods).run()
            }
            if parts.contains("demo") { page.demo = try await DemoBench(workbench: workbench).run() }
            print(page.text, terminator: "")
        }
    }

    /// Runs one program and writes down how long it took and how much memory it had; a process of its own for each,
    /// because the kernel tells the peak of all children together.
    struct Measure: AsyncParsableCommand {
        static let configuration = CommandConfiguration(commandName: "measure", shouldDisplay: false)

        @Option var record: String
        @Argument(parsing: .postTerminator) var command: [String]

        func run() async throws {
            let sample = try await Sample.take(command)
            try JSONEncoder().encode(sample).write(to: URL(filePath: record))
            guard sample.code == 0 else { throw ExitCode(sample.code) }
        }
    }
}
