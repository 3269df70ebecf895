import ArgumentParser
import Sandbox

/// `--name`: which sandbox.
struct SandboxOptions: ParsableArguments {
    @Option(name: .long, help: "The sandbox's name.")
    var name = "sandbox"

    var folder: SandboxFolder { SandboxFolder(name: name) }
}
