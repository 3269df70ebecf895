import ArgumentParser
import Foundation
import Sandbox

struct SandboxKubeconfigCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "kubeconfig",
        abstract: "Print a simulated cluster's kubeconfig."
    )

    @OptionGroup var sandbox: SandboxOptions

    func run() async throws {
        _ = try SandboxState.read(sandbox.folder)
        let text = try String(contentsOfFile: sandbox.folder.kubeconfig, encoding: .utf8)
        Terminal.standard.print(text, terminator: "")
    }
}
