import Etcd
import Foundation
package import Sandbox
import Subprocess
import SystemPackage
package import Testing

/// etcd, etcdctl and etcdutl 3.5.1, as `make tools` fetches them.
package enum EtcdTools {
    private static let folder =
        URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().path + "/.build/tools/etcd-3.5.1"

    package static var exist: Bool {
        ["etcd", "etcdctl", "etcdutl"].allSatisfy { FileManager.default.isExecutableFile(atPath: "\(folder)/\($0)") }
    }

    package static var etcd: EtcdBinary { EtcdBinary(path: folder + "/etcd") }

    /// Runs `etcdutl` to its end.
    /// - Throws: with its words, if it does not end well.
    /// - Returns: its output.
    package static func etcdutl(_ arguments: String...) async throws -> String { try await run("etcdutl", arguments) }

    /// Runs `etcdctl` against a member.
    package static func etcdctl(_ member: EtcdMember, _ arguments: String...) async throws -> String {
        let pki = member.configuration.folder + "/pki"
        try Data(member.tls.certificate).write(to: URL(filePath: pki + "/client.crt"))
        try Data(member.tls.key).write(to: URL(filePath: pki + "/client.key"))
        return try await run(
            "etcdctl",
            [
                "--endpoints", "https://127.0.0.1:\(member.configuration.clientPort)", "--cacert", pki + "/ca.crt",
                "--cert", pki + "/client.crt", "--key", pki + "/client.key",
            ] + arguments
        )
    }

    package struct Failed: Error, CustomStringConvertible {
        package let description: String
    }

    private static func run(_ name: String, _ arguments: [String]) async throws -> String {
        let result = try await Subprocess.run(
            .path(FilePath("\(folder)/\(name)")),
            arguments: Arguments(arguments),
            output: .string(limit: 16 << 20),
            error: .string(limit: 1 << 20)
        )
        guard result.terminationStatus == .exited(0) else {
            throw Failed(description: "\(name) \(arguments.joined(separator: " ")): \(result.standardError)")
        }
        return result.standardOutput
    }
}

extension Trait where Self == ConditionTrait {
    /// The test compares with etcd's own tools.
    package static var requiresEtcdTools: Self {
        .enabled("needs etcd 3.5.1 and its tools: `make tools`") { EtcdTools.exist }
    }
}
