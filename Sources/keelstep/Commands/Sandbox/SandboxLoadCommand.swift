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

    @Flag(name: .customLong("sample-shop"), help: "Also the shop that `keelstep demo` upgrades under.")
    var sampleShop = false

    @Argument(help: "YAML or JSON files; - reads standard input.")
    var files: [String] = []

    func validate() throws {
        guard sampleShop || !files.isEmpty else { throw ValidationError("what? Give files, or --sample-shop") }
    }

    func run() async throws {
        if sampleShop {
            let folder = sandbox.folder
            for line in try await SandboxLifecycle.load(SampleShop.manifests, named: "the sample shop", into: folder) {
                Terminal.standard.print(line)
            }
        }
        for file in files {
            for line in try await SandboxLifecycle.load(file: file, into: sandbox.folder) {
                Terminal.standard.print(line)
            }
        }
        if wait { try await SandboxLifecycle.settle(sandbox.folder) }
    }
}
