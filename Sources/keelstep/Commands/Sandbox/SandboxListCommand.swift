import ArgumentParser
import KubernetesModel
import Sandbox

struct SandboxListCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "list", abstract: "List the simulated clusters.")

    @OptionGroup var output: OutputOptions

    func run() async throws {
        let sandboxes = try SandboxLifecycle.list()
        try output.render(.array(sandboxes.map(\.value))) {
            TextTable.lines(
                header: ["NAME", "STATE", "STARTED AS", "CONTROL-PLANES", "WORKERS", "STORAGE", "SERVER"],
                rows: sandboxes.map(\.row)
            )
        }
    }
}
