import Foundation
import Testing

extension EndToEnd {
    @Suite struct `the demo` {
        @Test(.timeLimit(.minutes(5)))
        func `is paused by Ctrl-C, stopped by another, and leaves no sandbox behind`() async throws {
            let root = ProcessInfo.processInfo.environment["KEELSTEP_SANDBOX_ROOT"] ?? "/tmp/keelstep-tests"
            let program = Program.keelstep(["KEELSTEP_SANDBOX_ROOT": root, "NO_COLOR": "1"])
            let (folder, outcome) = try await program.beside(["demo"]) { pid in
                let folder = "\(root)/demo-\(pid)"
                let observer = Program.keelstep([
                    "KUBECONFIG": folder + "/kubeconfig", "KEELSTEP_CONFIG": folder + "/keelstep.yaml",
                ])
                try await eventually("its upgrade has come to the control plane", within: .seconds(180)) {
                    guard FileManager.default.fileExists(atPath: folder + "/keelstep.yaml") else { return false }
                    return try await observer.run("status").output.contains("control plane")
                }
                kill(pid, SIGINT)
                // Two that come at once would be one.
                try await Task.sleep(for: .milliseconds(300))
                kill(pid, SIGINT)
                return folder
            }
            // Paused and resumable, or, where the second came while the report was made of it, not that either.
            #expect([4, 1].contains(outcome.code), "\(outcome)")
            #expect(outcome.errors.contains("Ctrl-C again stops at once"), "\(outcome)")
            #expect(outcome.errors.contains("\npaused: "), "\(outcome)")
            #expect(outcome.errors.contains("\nsandbox 'demo-"), "\(outcome)")
            #expect(!FileManager.default.fileExists(atPath: folder))
        }
    }
}
