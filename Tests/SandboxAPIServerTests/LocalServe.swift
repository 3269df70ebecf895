import Foundation
import KubernetesModel
import Sandbox
import Testing

@Suite(.enabled(if: ProcessInfo.processInfo.environment["SERVE"] != nil)) struct LocalServer {
    @Test func runIt() async throws {
        try await withServer(ProcessInfo.processInfo.environment["SERVE"] ?? "v1.36.0") { server, port in
            try await Seeds.plant(server.access)
            try "\(port)".write(toFile: "/tmp/d-port", atomically: true, encoding: .utf8)
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { try? await server.access.endTerminatingPods() }
                while !FileManager.default.fileExists(atPath: "/tmp/d-stop") { try await Task.sleep(for: .milliseconds(200)) }
                group.cancelAll()
            }
        }
    }
}
