import ArgumentParser
import Sandbox

struct SandboxLoadCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "load",
        abstract: "Create the objects of manifests in a simulated cluster, or bring them up to date."
    )

    @OptionGroup var sandbox: SandboxOptions

    @Flag(help: "Return only once every workload runs at full strength and every Job has ended.")
    var wait = false

    @Argument(help: "YAML or JSON files; - reads standard input.")
    var files: [String]

    func run() async throws {
        for file in files {
            for line in try await SandboxLifecycle.load(file: file, into: sandbox.folder) {
                Terminal.standard.print(line)
            }
        }
        if wait { try await SandboxLifecycle.settle(sandbox.folder) }
    }
}
