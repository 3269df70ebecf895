import Foundation
import KubernetesModel
import Sandbox
import Testing

/// The real kubectl, several versions of it, in front of the emulated API server: Stories/kubectl.txt says what is asked
/// and what must come out. The server is of kubectl's own minor where the sandbox has that, and 1.31 for the oldest.
@Suite(.serialized) struct `the real kubectl` {
    private static let needed: Comment = "needs that kubectl under .build/tools (make tools) or on the PATH"

    @Test(.enabled(if: Kubectl.isThere(minor: 20), needed)) func `1.20 is served`() async throws {
        try await tell("kubectl", kubectl: 20, server: "v1.31.4")
    }

    @Test(.enabled(if: Kubectl.isThere(minor: 31), needed)) func `1.31 is served`() async throws {
        try await tell("kubectl", kubectl: 31, server: "v1.31.4")
    }

    @Test(.enabled(if: Kubectl.isThere(minor: 32), needed)) func `1.32 is served`() async throws {
        try await tell("kubectl", kubectl: 32, server: "v1.32.1")
    }

    @Test(.enabled(if: Kubectl.isThere(minor: 33), needed)) func `1.33 is served`() async throws {
        try await tell("kubectl", kubectl: 33, server: "v1.33.2")
    }

    @Test(.enabled(if: Kubectl.isThere(minor: 34), needed)) func `1.34 is served`() async throws {
        try await tell("kubectl", kubectl: 34, server: "v1.34.1")
    }

    @Test(.enabled(if: Kubectl.isThere(minor: 35), needed)) func `1.35 is served`() async throws {
        try await tell("kubectl", kubectl: 35, server: "v1.35.0")
    }

    @Test(.enabled(if: Kubectl.isThere(minor: 36), needed)) func `1.36 is served`() async throws {
        try await tell("kubectl", kubectl: 36, server: "v1.36.0")
    }

    @Test(.enabled(if: Kubectl.isThere(minor: 37), needed)) func `1.37 is served`() async throws {
        try await tell("kubectl", kubectl: 37, server: "v1.37.1")
    }

    private func tell(_ name: String, kubectl minor: Int, server version: String) async throws {
        let story = try Story(named: name)
        let kubectl = Kubectl(minor: minor, program: try #require(Kubectl.path(minor: minor)))
        try await withTemporaryFolder { folder in
            for (name, text) in story.files {
                try text.write(toFile: "\(folder)/\(name)", atomically: true, encoding: .utf8)
            }
            try await withServer(version) { server, port in
                try await Seeds.plant(server.access)
                try await withThrowingTaskGroup(of: Void.self) { group in
                    group.addTask { try await server.access.endTerminatingPods() }
                    defer { group.cancelAll() }
                    for step in story.steps {
                        let expectation = Expectation(step.expected, minor: minor, server: version)
                        let address = "http://127.0.0.1:\(port)"
                        let outcome = try await kubectl.run(step.command, server: address, in: folder)
                        #expect(
                            expectation.isMet(by: outcome),
                            """
                            kubectl 1.\(minor) \(step.command.joined(separator: " ")) (line \(step.line)), exit code \
                            \(outcome.exitCode) where \(expectation.exitCode) was expected:
                            \(outcome.output.joined(separator: "\n"))
                            on standard error:
                            \(outcome.errors.joined(separator: "\n"))
                            """
                        )
                    }
                }
            }
        }
    }
}

/// Runs `body` with a folder that is gone afterwards.
func withTemporaryFolder(_ body: (String) async throws -> Void) async throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: "keelstep-api-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    try await body(folder.path)
}
