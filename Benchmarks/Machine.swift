import Foundation

/// Where and with what it was measured.
struct Machine: Sendable {
    var cores: Int
    var processor: String
    var memory: String
    var kernel: String
    var versions: [(name: String, version: String)]

    static func read(_ workbench: Workbench) async throws -> Machine {
        func line(of file: String, _ key: String) -> String {
            let text = (try? String(contentsOfFile: file, encoding: .utf8)) ?? ""
            let found = text.split(separator: "\n").first { $0.hasPrefix(key) }
            return found?.split(separator: ":").dropFirst().joined(separator: ":").trimmingCharacters(in: .whitespaces)
                ?? "unknown"
        }
        func firstLine(_ command: [String]) async throws -> String {
            try await workbench.run(["/usr/bin/env"] + command).split(separator: "\n").first.map(String.init) ?? ""
        }
        let isRelease = workbench.keelstep.contains("/release/")
        let kilobytes = Double(line(of: "/proc/meminfo", "MemTotal").prefix(while: \.isNumber)) ?? 0
        return Machine(
            cores: ProcessInfo.processInfo.activeProcessorCount,
            processor: line(of: "/proc/cpuinfo", "model name"),
            memory: String(format: "%.0f GiB", kilobytes / 1_048_576),
            kernel: try await firstLine(["uname", "-sr"]),
            versions: [
                ("Swift", try await firstLine(["swift", "--version"])),
                ("etcd", try await firstLine(["etcd", "--version"])),
                ("kubectl", try await firstLine([workbench.kubectl, "version", "--client"])),
                (
                    "keelstep",
                    "\(try await firstLine([workbench.keelstep, "--version"])), \(isRelease ? "release" : "debug") build"
                ),
            ]
        )
    }
}
