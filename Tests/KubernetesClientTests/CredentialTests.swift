import Foundation
import KubernetesModel
import StubAPI
import Synchronization
import Testing

@testable import KubernetesClient

@Suite struct `a credential plugin` {
    private func plugin(_ folder: TestFolder, _ script: String) throws -> CredentialPlugin {
        let path = try folder.write(
            "plugin",
            "#!/bin/sh\necho run >> \(folder.path)/runs\n\(script)\n",
            isExecutable: true
        )
        return CredentialPlugin(command: path, arguments: ["get"], environment: ["EXTRA": "yes"])
    }

    private func credential(_ status: String) -> String {
        "echo '{\"kind\":\"ExecCredential\",\"apiVersion\":\"client.authentication.k8s.io/v1\",\"status\":\(status)}'"
    }

    private func runs(_ folder: TestFolder) throws -> Int { try folder.text("runs").split(separator: "\n").count }

    @Test func `is asked once while what it gave lasts`() async throws {
        try await withTemporaryFolder { folder in
            let plugin = try plugin(
                folder,
                "echo \"$KUBERNETES_EXEC_INFO $EXTRA $1\" > \(folder.path)/info\n" + credential(#"{"token":"t1"}"#)
            )
            let source = CredentialSource(Credentials(plugin: plugin), now: { Date() })
            #expect(try await source.authorization().headers.map(\.value) == ["Bearer t1"])
            _ = try await source.authorization()
            #expect(try runs(folder) == 1)
            let info = try folder.text("info")
            #expect(info.contains(#""kind":"ExecCredential","spec":{"interactive":false}}"#))
            #expect(info.hasSuffix(" yes get\n"))
        }
    }

    @Test func `is asked again when what it gave expires`() async throws {
        try await withTemporaryFolder { folder in
            let status = #"{"token":"t1","expirationTimestamp":"2026-01-01T00:10:00Z"}"#
            let plugin = try plugin(folder, credential(status))
            let time = Mutex(try Date("2026-01-01T00:00:00Z", strategy: .iso8601))
            let source = CredentialSource(Credentials(plugin: plugin), now: { time.withLock { $0 } })
            _ = try await source.authorization()
            time.withLock { $0 += 9 * 60 }
            _ = try await source.authorization()
            #expect(try runs(folder) == 1)
            time.withLock { $0 += 55 }
            _ = try await source.authorization()
            #expect(try runs(folder) == 2)
        }
    }

    @Test func `is asked again when the server refuses what it gave`() async throws {
        try await withTemporaryFolder { folder in
            let plugin = try plugin(folder, credential(#"{"token":"t1"}"#))
            try await withStub(
                .status(401, "Unauthorized", "Unauthorized"),
                .json(node),
                change: { $1.credentials.plugin = plugin }
            ) { client, server in
                _ = try await client.get(.nodes, key)
                #expect(server.requests.map { $0.headers["authorization"] } == ["Bearer t1", "Bearer t1"])
            }
            #expect(try runs(folder) == 2)
        }
    }

    @Test(arguments: [
        ("echo broken >&2; exit 3", "it ended with exited(3): broken"),
        ("echo hello", "it printed no JSON"),
        ("echo '{}'", "instead of 'client.authentication.k8s.io/v1 ExecCredential'"),
        (
            #"echo '{"kind":"ExecCredential","apiVersion":"client.authentication.k8s.io/v1"}'"#,
            "neither a token nor a certificate"
        ),
    ]) func `that fails is named with its reason`(script: String, complaint: String) async throws {
        try await withTemporaryFolder { folder in
            var plugin = try plugin(folder, script)
            plugin.installHint = "install it so"
            let broken = plugin
            let error = try await #require(throws: ClientError.self) { try await broken.credentials() }
            #expect("\(error)".contains(complaint), "\(error)")
            #expect("\(error)".hasSuffix("install it so"))
        }
    }

    @Test func `that is not there is named with the hint`() async throws {
        let plugin = CredentialPlugin(command: "no-such-plugin-here")
        let error = try await #require(throws: ClientError.self) { try await plugin.credentials() }
        #expect("\(error)".contains("`no-such-plugin-here` gave no credentials: it could not be run"), "\(error)")
    }
}

@Suite struct `a token file` {
    @Test func `is read again when the server refuses its token`() async throws {
        try await withTemporaryFolder { folder in
            let path = try folder.write("token", "old\n")
            try await withStub(
                .status(401, "Unauthorized", "Unauthorized"),
                .json(node),
                change: { $1.credentials.token = .file(path: path) }
            ) { client, server in
                _ = try await client.get(.nodes, key)
                #expect(server.requests.map { $0.headers["authorization"] } == ["Bearer old", "Bearer old"])
            }
        }
    }

    @Test func `that is empty is said`() async throws {
        try await withTemporaryFolder { folder in
            let path = try folder.write("token", "\n")
            let source = CredentialSource(Credentials(token: .file(path: path)), now: { Date() })
            let error = try await #require(throws: ClientError.self) { try await source.authorization() }
            #expect("\(error)".contains("it is empty"))
        }
    }
}
